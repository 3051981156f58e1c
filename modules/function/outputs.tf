output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "function_arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.this.arn
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = aws_iam_role.this.arn
}

output "policy" {
  description = "The role's policy as JSON."
  value       = aws_iam_role_policy.this.policy
}

output "environment_variables" {
  description = "The function's settings as it reads them."
  value       = aws_lambda_function.this.environment[0].variables
}
