variable "environment" {
  description = "Environment, the last part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment is '${var.environment}'; allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "region" {
  description = "AWS region of the queue."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the queue."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is '${var.account_id}'; allowed are 12 digits."
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

variable "stream_arn" {
  description = "ARN of the tracking table's stream."
  type        = string
}

variable "max_retry_attempts" {
  description = "Times a failed record is tried again before it goes to the dead-letter queue."
  type        = number

  validation {
    condition     = var.max_retry_attempts >= 0 && var.max_retry_attempts <= 10000 && floor(var.max_retry_attempts) == var.max_retry_attempts
    error_message = "max_retry_attempts is ${var.max_retry_attempts}; allowed are whole numbers from 0 to 10000."
  }
}

variable "max_record_age_seconds" {
  description = "Age at which a record goes to the dead-letter queue, whatever its attempts."
  type        = number

  validation {
    condition     = var.max_record_age_seconds >= 60 && var.max_record_age_seconds <= 604800 && floor(var.max_record_age_seconds) == var.max_record_age_seconds
    error_message = "max_record_age_seconds is ${var.max_record_age_seconds}; allowed are whole numbers from 60 to 604800."
  }
}

variable "dlq_retention_days" {
  description = "Days a discarded record is remembered in the dead-letter queue."
  type        = number

  validation {
    condition     = var.dlq_retention_days >= 1 && var.dlq_retention_days <= 14 && floor(var.dlq_retention_days) == var.dlq_retention_days
    error_message = "dlq_retention_days is ${var.dlq_retention_days}; allowed are whole numbers from 1 to 14."
  }
}

variable "publishing" {
  description = "Outputs of the publishing module."
  type = object({
    settings = map(string)
    statements = list(object({
      sid       = string
      actions   = list(string)
      resources = list(string)
    }))
  })
}
