variable "name" {
  description = "Name of the function, of its role and, below /aws/lambda/, of its log group."
  type        = string
}

variable "description" {
  description = "What the function does, in one sentence."
  type        = string
}

variable "zip_path" {
  description = "Path of the zip that `make package` built."
  type        = string
}

variable "handler" {
  description = "Dotted path of the handler in the zip."
  type        = string
}

variable "runtime" {
  description = "Lambda runtime; the dependencies in the zip are built for it."
  type        = string
  default     = "python3.13"
}

variable "architecture" {
  description = "Processor architecture: arm64 or x86_64."
  type        = string
}

variable "timeout_seconds" {
  description = "Seconds after which Lambda ends an invocation."
  type        = number
}

variable "memory_mb" {
  description = "Memory in MB; the share of CPU grows with it."
  type        = number
  default     = 512
}

variable "reserved_concurrency" {
  description = "Concurrent invocations kept for the function and never exceeded; null for the account's shared pool."
  type        = number
  default     = null
}

variable "environment_variables" {
  description = "Settings of the function."
  type        = map(string)
}

variable "statements" {
  description = "What the function may do beside writing its logs and traces."
  type = list(object({
    sid       = string
    actions   = list(string)
    resources = list(string)
  }))
}

variable "log_retention_days" {
  description = "Days the log is kept."
  type        = number
}
