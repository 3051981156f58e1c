output "function_name" {
  description = "Name of the function."
  value       = module.function.function_name
}

output "environment_variables" {
  description = "Settings of the function."
  value       = module.function.environment_variables
}
