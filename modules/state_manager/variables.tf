variable "environment" {
  description = "Environment, the last part of every name."
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

variable "interval_minutes" {
  description = "Minutes between two sweeps."
  type        = number
}

variable "enable_schedule" {
  description = "Whether the schedule runs; without it the function can still be called."
  type        = bool
}

variable "manifest_bucket" {
  description = "Bucket of the commit records."
  type        = object({ name = string, arn = string })
}

variable "state_machine_arn" {
  description = "ARN of the processor, whose executions are asked how they ended."
  type        = string
}

variable "dead_letter_queue" {
  description = "Queue of file events that could not be processed, whose depth is reported."
  type        = object({ url = string, arn = string })
}
