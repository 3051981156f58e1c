output "bucket" {
  description = "Name of the bucket of the site."
  value       = aws_s3_bucket.this.bucket
}

output "origin" {
  description = "Origin of the console's pages."
  value       = "https://${aws_cloudfront_distribution.this.domain_name}"
}
