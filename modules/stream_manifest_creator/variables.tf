variable "environment" {
  description = "Environment, the last part of every name."
  type        = string
}

variable "region" {
  description = "AWS region of the queue."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the queue."
  type        = string
}

variable "zip_path" {
  description = "Path of the function's zip."
  type        = string
}

variable "architecture" {
  description = "Processor architecture: arm64 or x86_64."
  type        = string
}

variable "timeout_seconds" {
  description = "Seconds after which Lambda ends an invocation."
  type        = number
}

variable "log_retention_days" {
  description = "Days the log is kept."
  type        = number
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
}

variable "max_record_age_seconds" {
  description = "Age at which a record goes to the dead-letter queue, whatever its attempts."
  type        = number
}

variable "dlq_retention_days" {
  description = "Days a discarded record is remembered in the dead-letter queue."
  type        = number
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
