output "job_name" {
  description = "Name of the Glue job."
  value       = aws_glue_job.this.name
}

output "job_arn" {
  description = "ARN of the Glue job."
  value       = aws_glue_job.this.arn
}

output "wheel_uris" {
  description = "S3 URIs of the wheels that Glue installs before a run."
  value       = local.wheel_uris
}

output "catalog_database" {
  description = "Glue catalog database."
  value       = aws_glue_catalog_database.this.name
}

output "catalog_table" {
  description = "Glue catalog table of the records."
  value       = aws_glue_catalog_table.records.name
}

output "connection" {
  description = "Name of the Glue connection that places workers in the VPC; null without one."
  value       = one(aws_glue_connection.this[*].name)
}

output "security_configuration" {
  description = "Name of the Glue security configuration; null without a key of our own."
  value       = one(aws_glue_security_configuration.this[*].name)
}
