output "bucket" {
  description = "The lake's bucket, known by name before it exists."
  value       = { name = module.bucket.name, arn = module.bucket.arn }
}

output "files_table" {
  description = "Table of raw files and runs."
  value       = { name = aws_dynamodb_table.files.name, arn = aws_dynamodb_table.files.arn }
}

output "log_bucket" {
  description = "Bucket of access logs and data events; null without either flag."
  value       = local.has_logs ? module.logs[0].name : null
}
