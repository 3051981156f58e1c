output "api_id" {
  description = "Id of the HTTP API."
  value       = aws_apigatewayv2_api.this.id
}

output "api_url" {
  description = "Address of the HTTP API."
  value       = aws_apigatewayv2_api.this.api_endpoint
}

output "routes" {
  description = "Routes of the HTTP API, each with its kind of authorization."
  value       = { for key, route in aws_apigatewayv2_route.this : key => route.authorization_type }
}

output "bucket" {
  description = "Name of the bucket of uploads and results."
  value       = local.bucket.name
}

output "jobs_table" {
  description = "Name of the jobs table."
  value       = aws_dynamodb_table.jobs.name
}

output "state_machine_arn" {
  description = "ARN of the state machine that runs a job."
  value       = aws_sfn_state_machine.export.arn
}

output "glue_job" {
  description = "Name of the Glue job."
  value       = aws_glue_job.this.name
}

output "function" {
  description = "Name of the function, and the seconds it may run."
  value       = { name = module.function.function_name, timeout_seconds = local.function_seconds }
}

output "environment_variables" {
  description = "Settings of the function."
  value       = module.function.environment_variables
}

output "issuer" {
  description = "Issuer of the tokens that are accepted."
  value       = local.identity.issuer
}

output "user_pool_id" {
  description = "Id of the user pool; null with an issuer of somebody else's."
  value       = one(aws_cognito_user_pool.this[*].id)
}

output "user_pool_client_id" {
  description = "Id of the user pool's client; null with an issuer of somebody else's."
  value       = one(aws_cognito_user_pool_client.console[*].id)
}
