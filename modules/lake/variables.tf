variable "environment" {
  description = "Environment, the last part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment is '${var.environment}'; allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "region" {
  description = "AWS region of the lake."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the lake."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is '${var.account_id}'; allowed are 12 digits."
  }
}

variable "artifacts_dir" {
  description = "Folder that `make package` filled."
  type        = string
}

variable "compute" {
  description = "Where and how the functions run, as in the function module."
  type = object({
    architecture         = optional(string, "arm64")
    memory_mb            = optional(number, 1024)
    reserved_concurrency = optional(number)
    log_retention_days   = optional(number, 30)
    kms_key              = optional(object({ arn = string }))
    vpc                  = optional(object({ subnet_ids = list(string), security_group_ids = list(string) }))
  })
  default = {}
}

variable "settings" {
  description = "Settings of both functions by environment variable name, beside those that this module passes itself."
  type        = map(string)
}

variable "scripts_bucket" {
  description = "Bucket that the jobs' code is uploaded to."
  type        = object({ name = string, arn = string })
}

variable "glue" {
  description = "What the jobs run on, and what an hour of a data processing unit of it costs."
  type = object({
    version           = string
    worker_type       = string
    number_of_workers = number
    timeout_minutes   = number
    execution_class   = string
    auto_scaling      = bool
    dpu_hour_usd      = number
  })
}

variable "projection_start_date" {
  description = "First date that Athena looks for."
  type        = string
}

variable "enable_crawlers" {
  description = "Whether crawlers look at the raw files of each run."
  type        = bool
  default     = false
}

variable "athena_scan_limit_gb" {
  description = "Gigabytes that one query may read before Athena ends it."
  type        = number
  default     = 100
}

variable "retention_days" {
  description = "Days after which the objects of a zone are deleted, by zone; a zone that is not named keeps them."
  type        = map(number)
  default     = {}
}

variable "cheaper_storage" {
  description = "Days after which the objects of a zone move to infrequent access and to instant-retrieval archive, by zone; null for never."
  type        = map(object({ infrequent_days = optional(number), archive_days = optional(number) }))
  default = {
    raw       = { infrequent_days = 30, archive_days = 90 }
    processed = { infrequent_days = 90 }
  }
}

variable "noncurrent_version_days" {
  description = "Days for which an overwritten or replaced object can be fetched back."
  type        = number
  default     = 30
}

variable "eraser_role_arns" {
  description = "ARNs of the roles that may delete raw files, for people who ask to be forgotten; none means nobody."
  type        = list(string)
  default     = []
}

variable "enable_access_logs" {
  description = "Whether S3 logs each access to the lake."
  type        = bool
  default     = false
}

variable "enable_data_events" {
  description = "Whether CloudTrail records each read and write of an object of the lake."
  type        = bool
  default     = false
}

variable "access_log_retention_days" {
  description = "Days that access logs and data events are kept."
  type        = number
  default     = 365
}

variable "enable_schedule" {
  description = "Whether the clock starts the run of the day before."
  type        = bool
  default     = true
}

variable "schedule" {
  description = "When it does so, as an EventBridge expression in UTC."
  type        = string
  default     = "cron(30 2 * * ? *)"
}

variable "enable_on_upload" {
  description = "Whether a ready file, raw/_READY/date=YYYY-MM-DD, starts the run of its date."
  type        = bool
  default     = true
}

variable "job_retries" {
  description = "How often a failed job is tried again within a run."
  type        = number
  default     = 1
}

variable "retry_interval_seconds" {
  description = "Seconds before the first retry of a job; the longest wait is five times this."
  type        = number
  default     = 60
}

variable "wait_seconds" {
  description = "Seconds between two looks at what a run waits for: another run of its date, or a crawler."
  type        = number
  default     = 30
}

variable "timeout_hours" {
  description = "Hours after which Step Functions ends a run, its waiting included."
  type        = number
  default     = 12
}

variable "alert_email" {
  description = "Address that receives the alerts of all three topics; null for none."
  type        = string
  default     = null
}

variable "runbook_base_url" {
  description = "Where docs/runbooks can be read."
  type        = string
}

variable "enable_alarms" {
  description = "Whether CloudWatch alarms watch the lake."
  type        = bool
  default     = true
}

variable "enable_dashboard" {
  description = "Whether CloudWatch has the lake's dashboards."
  type        = bool
  default     = true
}

variable "enable_cost_anomalies" {
  description = "Whether Cost Explorer looks for days on which the lake costs unusually much."
  type        = bool
  default     = true
}

variable "daily_budget_usd" {
  description = "US dollars a day above which the lake raises a cost alarm."
  type        = number
  default     = 20
}

variable "quarantined_files" {
  description = "Files of a day that may be quarantined before an alarm is raised."
  type        = number
  default     = 0
}

variable "deletion_protection" {
  description = "Whether the table of files is protected from deletion."
  type        = bool
  default     = false
}

variable "force_destroy" {
  description = "Whether terraform destroy deletes buckets that hold objects, and secrets at once."
  type        = bool
  default     = false
}

variable "kms_key" {
  description = "Key that encrypts everything; null for AWS's own."
  type        = object({ arn = string })
  default     = null
}
