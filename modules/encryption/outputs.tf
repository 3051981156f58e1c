output "key" {
  description = "The key: an object, so that it is known at plan whether there is one."
  value       = { arn = aws_kms_key.this.arn }
}

output "key_alias" {
  description = "Alias of the key."
  value       = aws_kms_alias.this.name
}
