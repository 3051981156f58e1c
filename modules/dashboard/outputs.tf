output "name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.pipeline.dashboard_name
}

output "body" {
  description = "The dashboard as JSON."
  value       = aws_cloudwatch_dashboard.pipeline.dashboard_body
}
