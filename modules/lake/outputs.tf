output "bucket" {
  description = "The lake's bucket."
  value       = module.storage.bucket
}

output "files_table" {
  description = "Name of the table of raw files and runs."
  value       = module.storage.files_table.name
}

output "log_bucket" {
  description = "Bucket of access logs and data events; null without either flag."
  value       = module.storage.log_bucket
}

output "state_machine_arn" {
  description = "ARN of the state machine of a day."
  value       = module.workflow.arn
}

output "workgroup" {
  description = "Athena workgroup."
  value       = aws_athena_workgroup.this.name
}

output "named_queries" {
  description = "Ids of the named queries, by name."
  value       = { for name, query in aws_athena_named_query.this : name => query.id }
}

output "databases" {
  description = "Databases by zone."
  value       = module.catalog.databases
}

output "jobs" {
  description = "Names of the Glue jobs, by script."
  value       = { for job, found in module.jobs.jobs : job => found.name }
}

output "functions" {
  description = "Names of the functions."
  value       = { validator = module.validator.function_name, quality = module.quality.function_name }
}

output "topic_arns" {
  description = "Topics by what is told there: pipeline-alerts, data-quality-alerts and cost-alerts."
  value       = module.watch.topic_arns
}

output "dashboards" {
  description = "Names of the dashboards; none without enable_dashboard."
  value       = module.watch.dashboards
}

output "tokens_secret_arn" {
  description = "ARN of the secret with the key of tokens."
  value       = aws_secretsmanager_secret.tokens.arn
}
