output "jobs" {
  description = "Name and ARN of each job, by the name of its script without lake_."
  value       = { for job, resource in aws_glue_job.this : job => { name = resource.name, arn = resource.arn } }
}

output "policies" {
  description = "The jobs' rights as JSON, by the same names."
  value       = { for job, policy in aws_iam_role_policy.this : job => policy.policy }
}
