# Functions and their logs

variable "lambda_architecture" {
  description = "Processor architecture of the functions; `make package ARCHITECTURE=...` builds for it."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.lambda_architecture)
    error_message = "lambda_architecture is '${var.lambda_architecture}'; allowed are arm64 and x86_64."
  }

  validation {
    condition     = var.lambda_architecture == try(file("${coalesce(var.artifacts_dir, "${path.root}/../build")}/lambda/architecture.txt"), var.lambda_architecture)
    error_message = "lambda_architecture is '${var.lambda_architecture}', but the functions were built for another; run make with ARCHITECTURE=${var.lambda_architecture}."
  }
}

variable "lambda_memory_mb" {
  description = "Memory in MB by function: export_api, manifest_builder, state_manager, status_updater, stream_manifest_creator; 512 for what is not named. The share of CPU grows with it."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for name, mb in var.lambda_memory_mb : contains(["export_api", "manifest_builder", "state_manager", "status_updater", "stream_manifest_creator"], name) && mb >= 128 && mb <= 10240 && floor(mb) == mb])
    error_message = "lambda_memory_mb is ${jsonencode(var.lambda_memory_mb)}; allowed are the keys export_api, manifest_builder, state_manager, status_updater and stream_manifest_creator, and whole numbers from 128 to 10240."
  }
}

variable "lambda_reserved_concurrency" {
  description = "Invocations kept for a function and never exceeded, by function; what is not named shares the account's pool."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for name, limit in var.lambda_reserved_concurrency : contains(["export_api", "manifest_builder", "state_manager", "status_updater", "stream_manifest_creator"], name) && limit >= 1 && floor(limit) == limit])
    error_message = "lambda_reserved_concurrency is ${jsonencode(var.lambda_reserved_concurrency)}; allowed are the keys export_api, manifest_builder, state_manager, status_updater and stream_manifest_creator, and whole numbers from 1."
  }

  validation {
    condition     = lookup(var.lambda_reserved_concurrency, "manifest_builder", var.manifest_builder_max_concurrency) >= var.manifest_builder_max_concurrency
    error_message = "lambda_reserved_concurrency of manifest_builder is ${lookup(var.lambda_reserved_concurrency, "manifest_builder", 0)}, below manifest_builder_max_concurrency (${var.manifest_builder_max_concurrency}); throttled deliveries would push good events into the dead-letter queue."
  }
}

variable "log_level" {
  description = "Least important level that the functions log."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "log_level is '${var.log_level}'; allowed are DEBUG, INFO, WARNING and ERROR."
  }
}

variable "log_retention_days" {
  description = "Days the logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}; allowed are 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545 and 731."
  }
}
