variable "environment" {
  description = "Environment, the last part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment is '${var.environment}'; allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "region" {
  description = "AWS region of the queues."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the queues and of the bucket that sends."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is '${var.account_id}'; allowed are 12 digits."
  }
}

variable "input_bucket" {
  description = "Bucket whose new objects are announced, the only one."
  type        = object({ name = string, arn = string })
}

variable "delivery" {
  description = "How the bucket's events come: by its own notification configuration, or through EventBridge, which a bucket that exists has to have switched on."
  type        = string
  default     = "notification"

  validation {
    condition     = contains(["notification", "eventbridge"], var.delivery)
    error_message = "delivery is '${var.delivery}'; allowed are notification and eventbridge."
  }
}

variable "landing_prefix" {
  description = "Key prefix under which producers drop files."
  type        = string

  validation {
    condition     = can(regex("^[^/].*/$", var.landing_prefix))
    error_message = "landing_prefix is '${var.landing_prefix}'; allowed are prefixes that end in a slash and do not begin with one."
  }
}

variable "visibility_timeout_seconds" {
  description = "Seconds a received message stays hidden."
  type        = number

  validation {
    condition     = var.visibility_timeout_seconds >= 1 && var.visibility_timeout_seconds <= 43200 && floor(var.visibility_timeout_seconds) == var.visibility_timeout_seconds
    error_message = "visibility_timeout_seconds is ${var.visibility_timeout_seconds}; allowed are whole numbers from 1 to 43200."
  }
}

variable "message_retention_days" {
  description = "Days an event waits in the queue before SQS drops it."
  type        = number

  validation {
    condition     = var.message_retention_days >= 1 && var.message_retention_days <= 14 && floor(var.message_retention_days) == var.message_retention_days
    error_message = "message_retention_days is ${var.message_retention_days}; allowed are whole numbers from 1 to 14."
  }
}

variable "max_receive_count" {
  description = "Receives after which an event goes to the dead-letter queue."
  type        = number

  validation {
    condition     = var.max_receive_count >= 1 && var.max_receive_count <= 1000 && floor(var.max_receive_count) == var.max_receive_count
    error_message = "max_receive_count is ${var.max_receive_count}; allowed are whole numbers from 1 to 1000."
  }
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
  description = "Key that encrypts the messages; null for SQS's own."
  type        = object({ arn = string })
  default     = null
}
