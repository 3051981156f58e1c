output "buckets" {
  description = "Name and ARN of each bucket, by its purpose; input is among them only when it is our own."
  value       = { for purpose, bucket in module.bucket : purpose => { name = bucket.name, arn = bucket.arn } }
}

output "access_log_bucket" {
  description = "Name of the bucket of access logs; null when none are kept."
  value       = one(module.access_logs[*].name)
}
