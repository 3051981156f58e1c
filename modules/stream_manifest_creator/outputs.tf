output "function_name" {
  description = "Name of the function."
  value       = module.function.function_name
}

output "environment_variables" {
  description = "The function's settings as it reads them."
  value       = module.function.environment_variables
}

output "dead_letter_queue_url" {
  description = "URL of the queue of stream records that were given up."
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
