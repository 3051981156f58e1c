output "statements" {
  description = "Policy statements that a function needs to publish manifests."
  value       = local.statements
}

output "settings" {
  description = "Environment variables that a function needs to publish manifests."
  value       = local.settings
}
