output "buckets" {
  description = "Name and ARN of each bucket, by its purpose; input is among them only when it is our own."
  value       = { for purpose, bucket in aws_s3_bucket.this : purpose => { name = bucket.bucket, arn = local.arns[purpose] } }
}

output "access_log_bucket" {
  description = "Name of the bucket of access logs; null when none are kept."
  value       = one(aws_s3_bucket.access_logs[*].bucket)

  # S3 asks whether it may deliver there as soon as a bucket's logging is set.
  depends_on = [aws_s3_bucket_policy.access_logs]
}
