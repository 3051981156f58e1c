variable "environment" {
  description = "Environment, the last part of every name."
  type        = string
}

variable "tracking_table" {
  description = "Tracking table."
  type        = object({ name = string, arn = string })
}

variable "glue_job" {
  description = "Job that converts a manifest."
  type        = object({ name = string, arn = string })
}

variable "status_updater_arn" {
  description = "ARN of the function that updates the files of a manifest."
  type        = string
}

variable "status_updater_timeout_seconds" {
  description = "That function's timeout; the state waits a little longer."
  type        = number
}

variable "alerts_topic_arn" {
  description = "ARN of the topic that failures are published to."
  type        = string
}

variable "glue_state_timeout_seconds" {
  description = "Seconds the state waits for the Glue run: longer than the job's own timeout, so that Glue names the cause."
  type        = number
}

variable "glue_retry_interval_seconds" {
  description = "Seconds before the first retry of a start that Glue refused; the longest wait is five times this."
  type        = number
}

variable "glue_retry_max_attempts" {
  description = "Retries of a start that Glue refused."
  type        = number
}

variable "log_retention_days" {
  description = "Days the log is kept."
  type        = number
}
