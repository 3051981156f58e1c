# The lake: a second system beside the pipeline, docs/lake.md

variable "enable_lake" {
  description = "Whether there is a data lake: validated, typed, checked and joined every day, and queried with SQL."
  type        = bool
  default     = false
}

variable "enable_lake_schedule" {
  description = "Whether the clock starts the lake's run of the day before."
  type        = bool
  default     = true
}

variable "enable_lake_on_upload" {
  description = "Whether the file raw/_READY/date=YYYY-MM-DD starts the lake's run of its date."
  type        = bool
  default     = true
}

variable "enable_lake_crawlers" {
  description = "Whether crawlers look at the lake's raw files in each run, and keep tables of what they find beside the declared ones."
  type        = bool
  default     = false
}

variable "enable_lake_data_events" {
  description = "Whether CloudTrail records each read and write of an object of the lake."
  type        = bool
  default     = false
}

variable "enable_lake_cost_anomalies" {
  description = "Whether Cost Explorer looks for days on which the lake costs unusually much."
  type        = bool
  default     = true
}

variable "lake_schedule" {
  description = "When the lake's run of the day before starts, as an EventBridge expression in UTC."
  type        = string
  default     = "cron(30 2 * * ? *)"

  validation {
    condition     = can(regex("^(cron|rate)[(].+[)]$", var.lake_schedule))
    error_message = "lake_schedule is '${var.lake_schedule}'; allowed are EventBridge's cron(...) and rate(...)."
  }
}

variable "lake_glue_worker_type" {
  description = "Glue worker type of the lake's jobs."
  type        = string
  default     = "G.1X"

  validation {
    condition     = contains(["G.1X", "G.2X", "G.4X", "G.8X"], var.lake_glue_worker_type)
    error_message = "lake_glue_worker_type is '${var.lake_glue_worker_type}'; allowed are G.1X, G.2X, G.4X and G.8X."
  }
}

variable "lake_glue_number_of_workers" {
  description = "Workers per run of a lake job, the driver's included."
  type        = number
  default     = 2

  validation {
    condition     = var.lake_glue_number_of_workers >= 2 && var.lake_glue_number_of_workers <= 299 && floor(var.lake_glue_number_of_workers) == var.lake_glue_number_of_workers
    error_message = "lake_glue_number_of_workers is ${var.lake_glue_number_of_workers}; allowed are whole numbers from 2 to 299."
  }
}

variable "lake_glue_timeout_minutes" {
  description = "Minutes after which Glue ends a run of a lake job."
  type        = number
  default     = 240

  validation {
    condition     = var.lake_glue_timeout_minutes >= 1 && var.lake_glue_timeout_minutes <= 2880 && floor(var.lake_glue_timeout_minutes) == var.lake_glue_timeout_minutes
    error_message = "lake_glue_timeout_minutes is ${var.lake_glue_timeout_minutes}; allowed are whole numbers from 1 to 2880."
  }
}

variable "lake_glue_execution_class" {
  description = "STANDARD, or FLEX: cheaper, on spare capacity, and a run may wait for it."
  type        = string
  default     = "STANDARD"

  validation {
    condition     = contains(["STANDARD", "FLEX"], var.lake_glue_execution_class)
    error_message = "lake_glue_execution_class is '${var.lake_glue_execution_class}'; allowed are STANDARD and FLEX."
  }

  validation {
    condition     = var.lake_glue_execution_class != "FLEX" || contains(["G.1X", "G.2X"], var.lake_glue_worker_type)
    error_message = "lake_glue_execution_class is FLEX with lake_glue_worker_type ${var.lake_glue_worker_type}; Flex has G.1X and G.2X only."
  }
}

variable "lake_job_retries" {
  description = "How often a failed job is tried again within a run of the lake."
  type        = number
  default     = 1

  validation {
    condition     = var.lake_job_retries >= 0 && var.lake_job_retries <= 10 && floor(var.lake_job_retries) == var.lake_job_retries
    error_message = "lake_job_retries is ${var.lake_job_retries}; allowed are whole numbers from 0 to 10."
  }
}

variable "lake_retry_interval_seconds" {
  description = "Seconds before a lake job is tried again; the longest wait is five times this."
  type        = number
  default     = 60

  validation {
    condition     = var.lake_retry_interval_seconds >= 1 && var.lake_retry_interval_seconds <= 3600 && floor(var.lake_retry_interval_seconds) == var.lake_retry_interval_seconds
    error_message = "lake_retry_interval_seconds is ${var.lake_retry_interval_seconds}; allowed are whole numbers from 1 to 3600."
  }
}

variable "lake_wait_seconds" {
  description = "Seconds between two looks at what a run of the lake waits for: another run of its date, or a crawler."
  type        = number
  default     = 30

  validation {
    condition     = var.lake_wait_seconds >= 1 && var.lake_wait_seconds <= 3600 && floor(var.lake_wait_seconds) == var.lake_wait_seconds
    error_message = "lake_wait_seconds is ${var.lake_wait_seconds}; allowed are whole numbers from 1 to 3600."
  }
}

variable "lake_timeout_hours" {
  description = "Hours after which a run of the lake is ended, its waiting included."
  type        = number
  default     = 12

  validation {
    condition     = var.lake_timeout_hours >= 1 && var.lake_timeout_hours <= 168 && floor(var.lake_timeout_hours) == var.lake_timeout_hours
    error_message = "lake_timeout_hours is ${var.lake_timeout_hours}; allowed are whole numbers from 1 to 168."
  }
}

variable "lake_athena_scan_limit_gb" {
  description = "Gigabytes that one query on the lake may read before Athena ends it."
  type        = number
  default     = 100

  validation {
    condition     = var.lake_athena_scan_limit_gb >= 0.01 && var.lake_athena_scan_limit_gb <= 7000
    error_message = "lake_athena_scan_limit_gb is ${var.lake_athena_scan_limit_gb}; allowed are numbers from 0.01 to 7000."
  }
}

variable "lake_retention_days" {
  description = "Days after which the lake's objects are deleted, by zone; what is not named stays, but for staging (1) and athena-results (7)."
  type        = map(number)
  default     = { raw = 730, quarantine = 180, rejects = 180, reports = 730 }

  validation {
    condition = alltrue([
      for zone, days in var.lake_retention_days : days >= 1 && floor(days) == days &&
      contains(["raw", "processed", "curated", "quarantine", "rejects", "reports", "staging", "athena-results"], zone)
    ])
    error_message = "lake_retention_days is ${jsonencode(var.lake_retention_days)}; allowed are whole numbers from 1 for raw, processed, curated, quarantine, rejects, reports, staging and athena-results."
  }
}

variable "lake_cheaper_storage" {
  description = "Days after which the lake's objects move to infrequent access and to instant-retrieval archive, by zone; null for never."
  type        = map(object({ infrequent_days = optional(number), archive_days = optional(number) }))
  default = {
    raw       = { infrequent_days = 30, archive_days = 90 }
    processed = { infrequent_days = 90 }
  }

  # S3 keeps an object for 30 days in a class before it goes on to the next one.
  validation {
    condition = alltrue([
      for zone, days in var.lake_cheaper_storage : coalesce(days.infrequent_days, 30) >= 30 &&
      coalesce(days.archive_days, 9999) >= coalesce(days.infrequent_days, 0) + 30 &&
      coalesce(days.archive_days, days.infrequent_days, 0) < lookup(var.lake_retention_days, zone, 999999) &&
      contains(["raw", "processed", "curated", "quarantine", "rejects", "reports"], zone)
    ])
    error_message = "lake_cheaper_storage is ${jsonencode(var.lake_cheaper_storage)}; allowed are zones of the lake, infrequent_days from 30, archive_days at least 30 more, and both below lake_retention_days."
  }
}

variable "lake_noncurrent_version_days" {
  description = "Days for which an overwritten or replaced object of the lake can be fetched back."
  type        = number
  default     = 30

  validation {
    condition     = var.lake_noncurrent_version_days >= 1 && floor(var.lake_noncurrent_version_days) == var.lake_noncurrent_version_days
    error_message = "lake_noncurrent_version_days is ${var.lake_noncurrent_version_days}; allowed are whole numbers from 1."
  }
}

variable "lake_eraser_role_arns" {
  description = "ARNs of the roles that may delete the lake's raw files, for people who ask to be forgotten; none means nobody."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.lake_eraser_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/.+$", arn))])
    error_message = "lake_eraser_role_arns has ${join(", ", var.lake_eraser_role_arns)}; allowed are ARNs of roles."
  }
}

variable "lake_quarantined_files" {
  description = "Raw files of a day that may be quarantined before an alarm is raised."
  type        = number
  default     = 0

  validation {
    condition     = var.lake_quarantined_files >= 0 && floor(var.lake_quarantined_files) == var.lake_quarantined_files
    error_message = "lake_quarantined_files is ${var.lake_quarantined_files}; allowed are whole numbers from 0."
  }
}

variable "lake_daily_budget_usd" {
  description = "US dollars a day: a day of the lake that costs more, by its runs or by the bill, raises a cost alarm."
  type        = number
  default     = 20

  validation {
    condition     = var.lake_daily_budget_usd > 0
    error_message = "lake_daily_budget_usd is ${var.lake_daily_budget_usd}; allowed are numbers above 0."
  }
}
