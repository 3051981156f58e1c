output "bucket" {
  description = "Name of the bucket of the site."
  value       = module.bucket.name
}

output "content_security_policy" {
  description = "What browsers are told that the pages may do."
  value       = local.content_security_policy
}

output "files" {
  description = "Files of the site, each with how long it may be kept."
  value       = { for key, file in merge(aws_s3_object.asset, aws_s3_object.page) : key => file.cache_control }
}

output "origin" {
  description = "Origin of the console's pages."
  value       = "https://${aws_cloudfront_distribution.this.domain_name}"
}
