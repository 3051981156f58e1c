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
  description = "Seconds after which Lambda ends an invocation: at most a sixth of the queue's visibility timeout."
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

variable "queue_arn" {
  description = "ARN of the file-events queue."
  type        = string
}

variable "batch_size" {
  description = "Messages per invocation."
  type        = number
}

variable "max_concurrency" {
  description = "Invocations that may run at once."
  type        = number
}

variable "landing_prefix" {
  description = "Key prefix under which producers drop files."
  type        = string
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
