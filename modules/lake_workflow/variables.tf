variable "environment" {
  description = "Environment, the last part of every name."
  type        = string
}

variable "region" {
  description = "AWS region of the state machine."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the state machine."
  type        = string
}

variable "bucket_name" {
  description = "The lake's bucket, whose ready files start runs."
  type        = string
}

variable "files_table" {
  description = "Table of raw files and runs."
  type        = object({ name = string, arn = string })
}

variable "validator" {
  description = "The function that checks raw files, and its timeout."
  type        = object({ arn = string, timeout_seconds = number })
}

variable "quality" {
  description = "The function that checks tables, and its timeout."
  type        = object({ arn = string, timeout_seconds = number })
}

variable "jobs" {
  description = "The Glue jobs by name of their script."
  type        = map(object({ name = string, arn = string }))
}

variable "crawlers" {
  description = "Crawlers by dataset; may be none."
  type        = map(object({ name = string, arn = string }))
}

variable "pipeline_alerts_topic_arn" {
  description = "Topic that hears how each run ended."
  type        = string
}

variable "quality_alerts_topic_arn" {
  description = "Topic that hears of days whose quality failed."
  type        = string
}

variable "runbook_base_url" {
  description = "Where docs/runbooks can be read."
  type        = string
}

variable "enable_schedule" {
  description = "Whether the clock starts runs."
  type        = bool
}

variable "schedule" {
  description = "When the clock starts the run of the day before, as an EventBridge expression in UTC."
  type        = string
}

variable "enable_on_upload" {
  description = "Whether a ready file starts the run of its date."
  type        = bool
}

variable "job_timeout_minutes" {
  description = "The jobs' own timeout; their states wait ten minutes longer, so that Glue names the cause."
  type        = number
}

variable "job_retries" {
  description = "How often a failed job is tried again within a run."
  type        = number
}

variable "retry_interval_seconds" {
  description = "Seconds before the first retry of a job; the longest wait is five times this."
  type        = number
}

variable "wait_seconds" {
  description = "Seconds between two looks at what a run waits for."
  type        = number
}

variable "timeout_hours" {
  description = "Hours after which Step Functions ends a run, its waiting included."
  type        = number
}

variable "log_retention_days" {
  description = "Days that the machine's log is kept."
  type        = number
}

variable "kms_key" {
  description = "Key that encrypts table, topics and log; null for AWS's own."
  type        = object({ arn = string })
  default     = null
}

variable "tags" {
  description = "Cost-allocation tags, over those of the provider."
  type        = map(string)
  default     = {}
}
