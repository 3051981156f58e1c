# Nobody learns of the bus before an event on it starts a conversion, or while it is taken down.

output "name" {
  description = "Name of the bus."
  value       = aws_cloudwatch_event_bus.this.name
  depends_on  = [aws_cloudwatch_event_target.processor]
}

output "arn" {
  description = "ARN of the bus."
  value       = aws_cloudwatch_event_bus.this.arn
  depends_on  = [aws_cloudwatch_event_target.processor]
}

output "dead_letter_queue_url" {
  description = "URL of the queue of events that could not start a conversion."
  value       = aws_sqs_queue.dead_letters.url
}

output "dead_letter_queue_arn" {
  description = "ARN of that queue."
  value       = aws_sqs_queue.dead_letters.arn
}

output "dead_letter_queue_name" {
  description = "Name of that queue."
  value       = aws_sqs_queue.dead_letters.name
}
