output "arn" {
  description = "ARN of the state machine of a day."
  value       = aws_sfn_state_machine.this.arn
}

output "definition" {
  description = "The state machine's definition as JSON."
  value       = aws_sfn_state_machine.this.definition
}
