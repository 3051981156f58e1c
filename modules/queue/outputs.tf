output "queue_arn" {
  description = "ARN of the file-events queue."
  value       = aws_sqs_queue.file_events.arn
}

output "queue_url" {
  description = "URL of the file-events queue."
  value       = aws_sqs_queue.file_events.url
}

output "dead_letter_queue_arn" {
  description = "ARN of the dead-letter queue."
  value       = aws_sqs_queue.dead_letters.arn
}

output "dead_letter_queue_url" {
  description = "URL of the dead-letter queue."
  value       = aws_sqs_queue.dead_letters.url
}

output "queue_name" {
  description = "Name of the file-events queue."
  value       = aws_sqs_queue.file_events.name
}

output "dead_letter_queue_name" {
  description = "Name of the dead-letter queue."
  value       = aws_sqs_queue.dead_letters.name
}
