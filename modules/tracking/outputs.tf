output "table_name" {
  description = "Name of the tracking table."
  value       = aws_dynamodb_table.tracking.name
}

output "table_arn" {
  description = "ARN of the tracking table."
  value       = aws_dynamodb_table.tracking.arn
}

output "stream_arn" {
  description = "ARN of the tracking table's stream."
  value       = aws_dynamodb_table.tracking.stream_arn
}

output "metrics_table_name" {
  description = "Name of the metrics table."
  value       = aws_dynamodb_table.metrics.name
}

output "metrics_table_arn" {
  description = "ARN of the metrics table."
  value       = aws_dynamodb_table.metrics.arn
}
