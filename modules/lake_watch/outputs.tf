output "topic_arns" {
  description = "Topics by what is told there."
  value       = { for topic, resource in aws_sns_topic.this : topic => resource.arn }
}

output "alarms" {
  description = "Names of the alarms, by key."
  value       = { for key, _ in local.planned : key => "ndjson-parquet-${key}-${var.environment}" }
}

output "dashboards" {
  description = "Names of the dashboards, by page."
  value       = { for page, dashboard in aws_cloudwatch_dashboard.this : page => dashboard.dashboard_name }
}
