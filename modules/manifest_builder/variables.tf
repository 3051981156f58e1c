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
  description = "Seconds after which Lambda ends an invocation: at most a sixth of the queue's visibility timeout."
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

variable "queue_arn" {
  description = "ARN of the file-events queue."
  type        = string
}

variable "batch_size" {
  description = "Messages per invocation."
  type        = number

  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 10 && floor(var.batch_size) == var.batch_size
    error_message = "batch_size is ${var.batch_size}; allowed are whole numbers from 1 to 10."
  }
}

variable "batching_window_seconds" {
  description = "Seconds that a message waits for others of its invocation; 0 for not at all."
  type        = number
  default     = 0

  validation {
    condition     = var.batching_window_seconds >= 0 && var.batching_window_seconds <= 20 && floor(var.batching_window_seconds) == var.batching_window_seconds
    error_message = "batching_window_seconds is ${var.batching_window_seconds}; allowed are whole numbers from 0 to 20."
  }
}

variable "max_concurrency" {
  description = "Invocations that may run at once."
  type        = number

  validation {
    condition     = var.max_concurrency >= 2 && var.max_concurrency <= 1000 && floor(var.max_concurrency) == var.max_concurrency
    error_message = "max_concurrency is ${var.max_concurrency}; allowed are whole numbers from 2 to 1000."
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

variable "input_bucket" {
  description = "Bucket that files land in."
  type        = object({ name = string, arn = string })
}

variable "quarantine_bucket" {
  description = "Bucket that unacceptable files go to."
  type        = object({ name = string, arn = string })
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
