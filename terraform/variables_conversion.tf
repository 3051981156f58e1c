# From manifests to Parquet

variable "glue_version" {
  description = "Glue version; it fixes the versions of Spark, Python and pyarrow."
  type        = string
  default     = "5.1"

  validation {
    condition     = contains(["5.0", "5.1"], var.glue_version)
    error_message = "glue_version is '${var.glue_version}'; allowed are 5.0 and 5.1."
  }
}

variable "glue_worker_type" {
  description = "Glue worker type."
  type        = string
  default     = "G.1X"

  validation {
    condition     = contains(["G.1X", "G.2X", "G.4X", "G.8X"], var.glue_worker_type)
    error_message = "glue_worker_type is '${var.glue_worker_type}'; allowed are G.1X, G.2X, G.4X and G.8X."
  }
}

variable "glue_number_of_workers" {
  description = "Workers per run, the driver's included."
  type        = number
  default     = 2

  validation {
    condition     = var.glue_number_of_workers >= 2 && var.glue_number_of_workers <= 299 && floor(var.glue_number_of_workers) == var.glue_number_of_workers
    error_message = "glue_number_of_workers is ${var.glue_number_of_workers}; allowed are whole numbers from 2 to 299."
  }
}

variable "glue_max_concurrent_runs" {
  description = "Runs of the job at once."
  type        = number
  default     = 1

  validation {
    condition     = var.glue_max_concurrent_runs >= 1 && var.glue_max_concurrent_runs <= 1000 && floor(var.glue_max_concurrent_runs) == var.glue_max_concurrent_runs
    error_message = "glue_max_concurrent_runs is ${var.glue_max_concurrent_runs}; allowed are whole numbers from 1 to 1000."
  }
}

variable "glue_execution_class" {
  description = "STANDARD, or FLEX: cheaper, on spare capacity, and a run may wait for it."
  type        = string
  default     = "STANDARD"

  validation {
    condition     = contains(["STANDARD", "FLEX"], var.glue_execution_class)
    error_message = "glue_execution_class is '${var.glue_execution_class}'; allowed are STANDARD and FLEX."
  }

  validation {
    condition     = var.glue_execution_class != "FLEX" || contains(["G.1X", "G.2X"], var.glue_worker_type)
    error_message = "glue_execution_class is FLEX with glue_worker_type ${var.glue_worker_type}; Flex has G.1X and G.2X only."
  }
}

variable "glue_dpu_hour_usd" {
  description = "Price of an hour of a Glue DPU in US dollars, for the cost metrics; null for the list price: 0.44, with FLEX 0.29."
  type        = number
  default     = null

  validation {
    condition     = coalesce(var.glue_dpu_hour_usd, 0) >= 0 && coalesce(var.glue_dpu_hour_usd, 0) <= 100
    error_message = "glue_dpu_hour_usd is ${coalesce(var.glue_dpu_hour_usd, 0)}; allowed are 0 to 100."
  }
}

variable "enable_glue_auto_scaling" {
  description = "Whether Glue takes workers away that a run does not need; glue_number_of_workers is then the most it gets."
  type        = bool
  default     = false
}

variable "enable_glue_job_queuing" {
  description = "Whether a run over glue_max_concurrent_runs waits in Glue, instead of being refused and tried again by the processor."
  type        = bool
  default     = false

  validation {
    condition     = !(var.enable_glue_job_queuing && var.glue_execution_class == "FLEX")
    error_message = "enable_glue_job_queuing is true with glue_execution_class FLEX; Glue queues STANDARD runs only: choose one of them."
  }
}

variable "glue_timeout_minutes" {
  description = "Minutes after which Glue ends a run."
  type        = number
  default     = 60

  validation {
    condition     = var.glue_timeout_minutes >= 1 && var.glue_timeout_minutes <= 2880 && floor(var.glue_timeout_minutes) == var.glue_timeout_minutes
    error_message = "glue_timeout_minutes is ${var.glue_timeout_minutes}; allowed are whole numbers from 1 to 2880."
  }
}

variable "glue_retry_interval_seconds" {
  description = "Seconds before a start that Glue refused is repeated; it doubles each time, up to five times this."
  type        = number
  default     = 60

  validation {
    condition     = var.glue_retry_interval_seconds >= 1 && var.glue_retry_interval_seconds <= 3600 && floor(var.glue_retry_interval_seconds) == var.glue_retry_interval_seconds
    error_message = "glue_retry_interval_seconds is ${var.glue_retry_interval_seconds}; allowed are whole numbers from 1 to 3600."
  }
}

variable "glue_retry_max_attempts" {
  description = "Times a start that Glue refused is repeated."
  type        = number
  default     = 20

  validation {
    condition     = var.glue_retry_max_attempts >= 0 && var.glue_retry_max_attempts <= 1000 && floor(var.glue_retry_max_attempts) == var.glue_retry_max_attempts
    error_message = "glue_retry_max_attempts is ${var.glue_retry_max_attempts}; allowed are whole numbers from 0 to 1000."
  }
}

variable "max_reject_percent" {
  description = "Percentage of rejected lines above which a run fails and commits nothing."
  type        = number
  default     = 10

  validation {
    condition     = var.max_reject_percent >= 0 && var.max_reject_percent <= 100
    error_message = "max_reject_percent is ${var.max_reject_percent}; allowed are numbers from 0 to 100."
  }
}

variable "max_columns" {
  description = "Keys that become columns; the rest goes to _overflow."
  type        = number
  default     = 1000

  validation {
    condition     = var.max_columns >= 1 && var.max_columns <= 10000 && floor(var.max_columns) == var.max_columns
    error_message = "max_columns is ${var.max_columns}; allowed are whole numbers from 1 to 10000."
  }
}

variable "on_duplicate_key" {
  description = "What a key that occurs twice in one object means: reject the line, or take the last value."
  type        = string
  default     = "reject"

  validation {
    condition     = contains(["reject", "last"], var.on_duplicate_key)
    error_message = "on_duplicate_key is '${var.on_duplicate_key}'; allowed are reject and last."
  }
}

variable "projection_start_date" {
  description = "First date, YYYY-MM-DD, that Athena looks for; rows of earlier dates stay invisible to it."
  type        = string
  default     = "2025-01-01"

  validation {
    condition     = can(formatdate("YYYY-MM-DD", "${var.projection_start_date}T00:00:00Z"))
    error_message = "projection_start_date is '${var.projection_start_date}'; allowed are calendar dates such as 2025-01-01."
  }
}
