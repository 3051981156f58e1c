variable "environment" {
  description = "Environment, the last part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment is '${var.environment}'; allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "region" {
  description = "AWS region of the bus and of its dead-letter queue."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the bus and of its dead-letter queue."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is '${var.account_id}'; allowed are 12 digits."
  }
}

variable "state_machine_arn" {
  description = "ARN of the processor that each event starts."
  type        = string
}

variable "dlq_retention_days" {
  description = "Days an event waits in the dead-letter queue."
  type        = number

  validation {
    condition     = var.dlq_retention_days >= 1 && var.dlq_retention_days <= 14 && floor(var.dlq_retention_days) == var.dlq_retention_days
    error_message = "dlq_retention_days is ${var.dlq_retention_days}; allowed are whole numbers from 1 to 14."
  }
}

variable "kms_key" {
  description = "Key that encrypts the dead letters; null for SQS's own."
  type        = object({ arn = string })
  default     = null
}
