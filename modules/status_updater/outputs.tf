output "function_name" {
  description = "Name of the function."
  value       = module.function.function_name
}

output "function_arn" {
  description = "ARN of the function."
  value       = module.function.function_arn
}

output "policy" {
  description = "The function's rights as JSON."
  value       = module.function.policy
}

output "environment_variables" {
  description = "The function's settings as it reads them."
  value       = module.function.environment_variables
}
