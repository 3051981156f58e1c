variable "environment" {
  description = "Environment, the last part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment is '${var.environment}'; allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "zip_path" {
  description = "Path of the function's zip."
  type        = string
}

variable "timeout_seconds" {
  description = "Seconds after which Lambda ends an invocation."
  type        = number
}

variable "compute" {
  description = "Where and how the function runs, as in the function module."
  type = object({
    architecture         = optional(string, "arm64")
    memory_mb            = optional(number, 512)
    reserved_concurrency = optional(number)
    log_retention_days   = optional(number, 30)
    kms_key              = optional(object({ arn = string }))
    vpc                  = optional(object({ subnet_ids = list(string), security_group_ids = list(string) }))
  })
  default = {}
}

variable "settings" {
  description = "Settings by environment variable name, beside the resources that this module passes itself."
  type        = map(string)
}

variable "manifest_bucket" {
  description = "Bucket of the manifests and commit records."
  type        = object({ name = string, arn = string })
}

variable "tracking_table" {
  description = "Tracking table."
  type        = object({ name = string, arn = string })
}

variable "metrics_table" {
  description = "Metrics table, which holds an item of each execution that ended."
  type        = object({ name = string, arn = string })
}
