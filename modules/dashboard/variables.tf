variable "environment" {
  description = "Environment, the last part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment is '${var.environment}'; allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "region" {
  description = "AWS region of the metrics."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the alarms and of the processor."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is '${var.account_id}'; allowed are 12 digits."
  }
}

variable "runbook_base_url" {
  description = "Where the runbooks are; the dashboard links to them."
  type        = string
  default     = "docs/runbooks"
}

variable "alarms" {
  description = "Names of the alarms to show the states of, at most 100; null for none."
  type        = map(string)
  default     = null

  validation {
    condition     = length(coalesce(var.alarms, {})) <= 100
    error_message = "alarms has ${length(coalesce(var.alarms, {}))} names; allowed are up to 100, as CloudWatch shows no more in a widget."
  }
}

variable "functions" {
  description = "Name of each function, by its package."
  type        = map(string)

  validation {
    condition     = contains(keys(var.functions), "manifest_builder")
    error_message = "functions has the keys ${join(", ", keys(var.functions))}; allowed are packages, manifest_builder among them."
  }
}

variable "dead_letter_queues" {
  description = "Name of each dead-letter queue, by what its messages were."
  type        = map(string)
}

variable "file_events_queue" {
  description = "Name of the queue of landed files."
  type        = string
}

variable "tracking_table" {
  description = "Name of the tracking table."
  type        = string
}

variable "glue_job" {
  description = "Name of the Glue job."
  type        = string
}

variable "max_event_age_minutes" {
  description = "Minutes after which an event in the queue is overdue: a line."
  type        = number
}

variable "oldest_pending_minutes" {
  description = "Minutes that a file or manifest may wait to be converted: a line."
  type        = number
}

variable "freshness_target_percent" {
  description = "Percentage of files that have to be converted on time: a line."
  type        = number
}

variable "daily_budget_usd" {
  description = "US dollars a day for conversions: a line."
  type        = number
}
