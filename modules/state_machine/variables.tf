variable "environment" {
  description = "Environment, the last part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment is '${var.environment}'; allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "tracking_table" {
  description = "Tracking table."
  type        = object({ name = string, arn = string })
}

variable "glue_job" {
  description = "Job that converts a manifest."
  type        = object({ name = string, arn = string })
}

variable "status_updater_arn" {
  description = "ARN of the function that updates the files of a manifest."
  type        = string
}

variable "status_updater_timeout_seconds" {
  description = "That function's timeout; the state waits a little longer."
  type        = number

  validation {
    condition     = var.status_updater_timeout_seconds >= 1 && var.status_updater_timeout_seconds <= 900 && floor(var.status_updater_timeout_seconds) == var.status_updater_timeout_seconds
    error_message = "status_updater_timeout_seconds is ${var.status_updater_timeout_seconds}; allowed are whole numbers from 1 to 900."
  }
}

variable "alerts_topic_arn" {
  description = "ARN of the topic that failures are published to."
  type        = string
}

variable "runbook_base_url" {
  description = "Where the runbooks are; the mail of a failure ends its first line with the address of its own."
  type        = string
  default     = "docs/runbooks"

  validation {
    condition     = can(regex("^[^ ]*[^ /]$", var.runbook_base_url)) && length(var.runbook_base_url) <= 512
    error_message = "runbook_base_url is '${var.runbook_base_url}'; allowed are up to 512 characters without spaces, and no slash at the end."
  }
}

variable "glue_state_timeout_seconds" {
  description = "Seconds the state waits for the Glue run: longer than the job's own timeout, so that Glue names the cause."
  type        = number

  validation {
    condition     = var.glue_state_timeout_seconds >= 1 && var.glue_state_timeout_seconds <= 31536000 && floor(var.glue_state_timeout_seconds) == var.glue_state_timeout_seconds
    error_message = "glue_state_timeout_seconds is ${var.glue_state_timeout_seconds}; allowed are whole numbers from 1 to 31536000."
  }
}

variable "glue_retry_interval_seconds" {
  description = "Seconds before the first retry of a start that Glue refused; the longest wait is five times this."
  type        = number

  validation {
    condition     = var.glue_retry_interval_seconds >= 1 && var.glue_retry_interval_seconds <= 3600 && floor(var.glue_retry_interval_seconds) == var.glue_retry_interval_seconds
    error_message = "glue_retry_interval_seconds is ${var.glue_retry_interval_seconds}; allowed are whole numbers from 1 to 3600."
  }
}

variable "glue_retry_max_attempts" {
  description = "Retries of a start that Glue refused."
  type        = number

  validation {
    condition     = var.glue_retry_max_attempts >= 0 && var.glue_retry_max_attempts <= 99999 && floor(var.glue_retry_max_attempts) == var.glue_retry_max_attempts
    error_message = "glue_retry_max_attempts is ${var.glue_retry_max_attempts}; allowed are whole numbers from 0 to 99999."
  }
}

variable "log_retention_days" {
  description = "Days the log is kept."
  type        = number

  validation {
    condition     = var.log_retention_days >= 1
    error_message = "log_retention_days is ${var.log_retention_days}; allowed are days that CloudWatch knows, such as 30."
  }
}

variable "region" {
  description = "AWS region of the state machine."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the state machine."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is '${var.account_id}'; allowed are 12 digits."
  }
}

variable "kms_key" {
  description = "Key that encrypts the log, the table and the topic; null for AWS's own."
  type        = object({ arn = string })
  default     = null
}
