output "name" {
  description = "Name of the bucket, when it is closed to strangers."
  value       = aws_s3_bucket.this.bucket

  # S3 asks whether it may deliver access logs as soon as another bucket's logging is set, as CloudTrail does.
  depends_on = [aws_s3_bucket_policy.this]
}

output "arn" {
  description = "ARN of the bucket, known before it is made."
  value       = local.arn
}

output "policy" {
  description = "The bucket's policy, as JSON."
  value       = aws_s3_bucket_policy.this.policy
}
