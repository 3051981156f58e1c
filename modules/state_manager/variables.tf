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

variable "tracking_table" {
  description = "Tracking table, whose index tells what waits."
  type        = object({ name = string, arn = string })
}

variable "metrics_table" {
  description = "Metrics table, which holds an item of each execution that ended."
  type        = object({ name = string, arn = string })
}

variable "interval_minutes" {
  description = "Minutes between two sweeps."
  type        = number

  validation {
    condition     = var.interval_minutes >= 1 && var.interval_minutes <= 1440 && floor(var.interval_minutes) == var.interval_minutes
    error_message = "interval_minutes is ${var.interval_minutes}; allowed are whole numbers from 1 to 1440."
  }
}

variable "enable_schedule" {
  description = "Whether the schedule runs; without it the function can still be called."
  type        = bool
}

variable "enable_reconciler" {
  description = "Whether files whose event was lost are looked for by schedule; without it the function can still be asked to."
  type        = bool
}

variable "reconcile_schedule" {
  description = "When they are looked for: a cron or rate expression of EventBridge, in UTC."
  type        = string

  validation {
    condition     = can(regex("^(cron|rate)\\(.+\\)$", var.reconcile_schedule))
    error_message = "reconcile_schedule is '${var.reconcile_schedule}'; allowed are expressions such as cron(30 3 * * ? *) and rate(12 hours)."
  }
}

variable "manifest_bucket" {
  description = "Bucket of the commit records, and of the records of what operators did."
  type        = object({ name = string, arn = string })
}

variable "state_machine_arn" {
  description = "ARN of the processor, whose executions are asked how they ended."
  type        = string
}

variable "input_bucket" {
  description = "Bucket in which files land: its objects are compared with the tracking table, and released files put back into it."
  type        = object({ name = string, arn = string })
}

variable "landing_prefix" {
  description = "Key prefix under which producers drop files."
  type        = string
}

variable "quarantine_bucket" {
  description = "Bucket of the files and dead letters that were set aside."
  type        = object({ name = string, arn = string })
}

variable "file_events_queue" {
  description = "Queue through which files are announced again."
  type        = object({ url = string, arn = string })
}

variable "dead_letter_queue" {
  description = "Queue of file events that could not be processed, whose depth is reported."
  type        = object({ url = string, arn = string })
}

variable "stream_dead_letter_queue" {
  description = "Queue of stream records that were given up; null when the stream is not read."
  type        = object({ url = string, arn = string })
  default     = null
}

variable "events_dead_letter_queue" {
  description = "Queue of events that could not start a conversion; null when conversions are started directly."
  type        = object({ url = string, arn = string })
  default     = null
}
