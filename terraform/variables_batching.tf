# From files to manifests, and what the sweep does about those that wait

variable "max_files_per_manifest" {
  description = "Files at which a batch is sealed."
  type        = number
  default     = 200

  validation {
    condition     = var.max_files_per_manifest >= 1 && var.max_files_per_manifest <= 10000 && floor(var.max_files_per_manifest) == var.max_files_per_manifest
    error_message = "max_files_per_manifest is ${var.max_files_per_manifest}; allowed are whole numbers from 1 to 10000."
  }
}

variable "max_batch_bytes" {
  description = "Bytes at which a batch is sealed."
  type        = number
  default     = 734003200

  validation {
    condition     = var.max_batch_bytes >= 1048576 && var.max_batch_bytes <= 107374182400 && floor(var.max_batch_bytes) == var.max_batch_bytes
    error_message = "max_batch_bytes is ${var.max_batch_bytes}; allowed are whole numbers from 1048576 to 107374182400."
  }
}

variable "target_part_bytes" {
  description = "NDJSON bytes that make one Parquet part."
  type        = number
  default     = 402653184

  validation {
    condition     = var.target_part_bytes >= 1048576 && var.target_part_bytes <= 107374182400 && floor(var.target_part_bytes) == var.target_part_bytes
    error_message = "target_part_bytes is ${var.target_part_bytes}; allowed are whole numbers from 1048576 to 107374182400."
  }
}

variable "max_wait_minutes" {
  description = "Minutes that the first file of a batch waits for others before the batch is sealed as it is."
  type        = number
  default     = 15

  validation {
    condition     = var.max_wait_minutes >= 1 && var.max_wait_minutes <= 1440
    error_message = "max_wait_minutes is ${var.max_wait_minutes}; allowed are 1 to 1440."
  }
}

variable "freshness_target_minutes" {
  description = "Minutes from a batch's first file to its rows, within which its files count as on time."
  type        = number
  default     = 30

  validation {
    condition     = var.freshness_target_minutes >= 1 && var.freshness_target_minutes <= 10080 && floor(var.freshness_target_minutes) == var.freshness_target_minutes
    error_message = "freshness_target_minutes is ${var.freshness_target_minutes}; allowed are whole numbers from 1 to 10080."
  }

  validation {
    condition     = var.freshness_target_minutes > var.max_wait_minutes
    error_message = "freshness_target_minutes is ${var.freshness_target_minutes} with max_wait_minutes ${var.max_wait_minutes}; the files of a batch that waits so long would all be late: raise it, or lower max_wait_minutes."
  }
}

variable "min_files_for_partial_batch" {
  description = "Files that a batch of a past date needs to be sealed before max_wait_minutes are over."
  type        = number
  default     = 1

  validation {
    condition     = var.min_files_for_partial_batch >= 1 && var.min_files_for_partial_batch <= 10000
    error_message = "min_files_for_partial_batch is ${var.min_files_for_partial_batch}; allowed are 1 to 10000."
  }
}

variable "sweep_interval_minutes" {
  description = "Minutes between two runs of the sweep."
  type        = number
  default     = 5

  validation {
    condition     = contains([1, 2, 5, 10, 15], var.sweep_interval_minutes)
    error_message = "sweep_interval_minutes is ${var.sweep_interval_minutes}; allowed are 1, 2, 5, 10 and 15."
  }
}

variable "reconcile_schedule" {
  description = "When files are looked for whose event was lost, in UTC: yesterday's and today's, at some hour of the night."
  type        = string
  default     = "cron(30 3 * * ? *)"

  validation {
    condition     = can(regex("^(cron|rate)\\(.+\\)$", var.reconcile_schedule))
    error_message = "reconcile_schedule is '${var.reconcile_schedule}'; allowed are expressions such as cron(30 3 * * ? *) and rate(12 hours)."
  }
}

variable "max_manifest_attempts" {
  description = "Conversions of a manifest after which the sweep leaves it failed, for a person to look at. A start that Glue refused is none."
  type        = number
  default     = 3

  validation {
    condition     = var.max_manifest_attempts >= 1 && var.max_manifest_attempts <= 20 && floor(var.max_manifest_attempts) == var.max_manifest_attempts
    error_message = "max_manifest_attempts is ${var.max_manifest_attempts}; allowed are whole numbers from 1 to 20."
  }
}

variable "retry_backoff_minutes" {
  description = "Minutes before the sweep tries a failed manifest again; they double with each attempt."
  type        = number
  default     = 5

  validation {
    condition     = var.retry_backoff_minutes >= 1 && var.retry_backoff_minutes <= 1440 && floor(var.retry_backoff_minutes) == var.retry_backoff_minutes
    error_message = "retry_backoff_minutes is ${var.retry_backoff_minutes}; allowed are whole numbers from 1 to 1440."
  }
}

variable "num_status_shards" {
  description = "Shards of open batches; more than one is used only under contention."
  type        = number
  default     = 10

  validation {
    condition     = var.num_status_shards >= 1 && var.num_status_shards <= 100 && floor(var.num_status_shards) == var.num_status_shards
    error_message = "num_status_shards is ${var.num_status_shards}; allowed are whole numbers from 1 to 100."
  }
}

variable "ttl_days" {
  description = "Days a finished item stays in the tracking table."
  type        = number
  default     = 30

  validation {
    condition     = var.ttl_days >= 1 && var.ttl_days <= 3650 && floor(var.ttl_days) == var.ttl_days
    error_message = "ttl_days is ${var.ttl_days}; allowed are whole numbers from 1 to 3650."
  }
}
