variable "environment" {
  description = "Environment, the last part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment is '${var.environment}'; allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "alerts_topic_arn" {
  description = "ARN of the topic that the alarms are sent to."
  type        = string
}

variable "alert_email" {
  description = "Address that hears of a day that costs more than daily_budget_usd; null for no budget."
  type        = string
  default     = null
}

variable "runbook_base_url" {
  description = "Where the runbooks are; each alarm's description ends with the address of its own."
  type        = string
  default     = "docs/runbooks"

  validation {
    condition     = can(regex("^[^ ]*[^ /]$", var.runbook_base_url)) && length(var.runbook_base_url) <= 512
    error_message = "runbook_base_url is '${var.runbook_base_url}'; allowed are up to 512 characters without spaces, and no slash at the end."
  }
}

variable "functions" {
  description = "Name and timeout of each function, by its package."
  type        = map(object({ name = string, timeout_seconds = number }))

  validation {
    condition     = contains(keys(var.functions), "manifest_builder")
    error_message = "functions has the keys ${join(", ", keys(var.functions))}; allowed are packages, manifest_builder among them."
  }
}

variable "manifest_builder_max_concurrency" {
  description = "Invocations of manifest_builder that the queue may have at once."
  type        = number
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

variable "state_machine_arn" {
  description = "ARN of the processor."
  type        = string
}

variable "sweep_interval_minutes" {
  description = "Minutes between two runs of the sweep; null when it does not run by itself."
  type        = number
  default     = 5

  validation {
    condition     = contains([1, 2, 5, 10, 15], coalesce(var.sweep_interval_minutes, 5))
    error_message = "sweep_interval_minutes is ${coalesce(var.sweep_interval_minutes, 5)}; allowed are 1, 2, 5, 10, 15 and null."
  }
}

variable "reconciler_overdue_hours" {
  description = "Hours without a run of the reconciler that raise an alarm; null when it does not run by itself."
  type        = number
  default     = 26

  # CloudWatch looks back at most seven days.
  validation {
    condition     = coalesce(var.reconciler_overdue_hours, 1) >= 1 && coalesce(var.reconciler_overdue_hours, 1) <= 168 && floor(coalesce(var.reconciler_overdue_hours, 1)) == coalesce(var.reconciler_overdue_hours, 1)
    error_message = "reconciler_overdue_hours is ${coalesce(var.reconciler_overdue_hours, 1)}; allowed are whole numbers from 1 to 168, and null."
  }
}

variable "slow_function_percent" {
  description = "Percentage of a function's timeout above which an invocation raises an alarm."
  type        = number
  default     = 80

  validation {
    condition     = var.slow_function_percent >= 1 && var.slow_function_percent < 100
    error_message = "slow_function_percent is ${var.slow_function_percent}; allowed are numbers from 1 to below 100."
  }
}

variable "max_event_age_minutes" {
  description = "Minutes after which an event in the queue of landed files raises an alarm."
  type        = number
  default     = 30

  validation {
    condition     = var.max_event_age_minutes >= 5 && var.max_event_age_minutes <= 1440
    error_message = "max_event_age_minutes is ${var.max_event_age_minutes}; allowed are numbers from 5 to 1440."
  }
}

variable "file_events_backlog" {
  description = "Events in the queue of landed files above which an alarm is raised."
  type        = number
  default     = 10000

  validation {
    condition     = var.file_events_backlog >= 1 && floor(var.file_events_backlog) == var.file_events_backlog
    error_message = "file_events_backlog is ${var.file_events_backlog}; allowed are whole numbers from 1."
  }
}

variable "oldest_pending_minutes" {
  description = "Minutes that a file or manifest may wait to be converted before an alarm is raised."
  type        = number

  validation {
    condition     = var.oldest_pending_minutes >= 1 && var.oldest_pending_minutes <= 20160
    error_message = "oldest_pending_minutes is ${var.oldest_pending_minutes}; allowed are numbers from 1 to 20160."
  }
}

variable "quarantine_spike_files" {
  description = "Quarantined files within an hour above which an alarm is raised."
  type        = number
  default     = 10

  validation {
    condition     = var.quarantine_spike_files >= 0 && floor(var.quarantine_spike_files) == var.quarantine_spike_files
    error_message = "quarantine_spike_files is ${var.quarantine_spike_files}; allowed are whole numbers from 0."
  }
}

variable "reject_spike_percent" {
  description = "Percentage of a manifest's lines that may be rejected before an alarm is raised."
  type        = number

  validation {
    condition     = var.reject_spike_percent >= 0 && var.reject_spike_percent <= 100
    error_message = "reject_spike_percent is ${var.reject_spike_percent}; allowed are numbers from 0 to 100."
  }
}

variable "freshness_target_percent" {
  description = "Percentage of an hour's files that have to be converted on time."
  type        = number
  default     = 99

  validation {
    condition     = var.freshness_target_percent > 0 && var.freshness_target_percent <= 100
    error_message = "freshness_target_percent is ${var.freshness_target_percent}; allowed are numbers above 0 and up to 100."
  }
}

variable "daily_budget_usd" {
  description = "US dollars a day: conversions that cost more raise an alarm, and all costs together the budget's."
  type        = number
  default     = 50

  validation {
    condition     = var.daily_budget_usd > 0
    error_message = "daily_budget_usd is ${var.daily_budget_usd}; allowed are numbers above 0."
  }
}

variable "export" {
  description = "Id of the export's HTTP API, and the export jobs of an hour that may fail before an alarm is raised; null without the export."
  type        = object({ api_id = string, failed_jobs = number })
  default     = null

  validation {
    condition     = try(var.export.failed_jobs, 0) >= 0 && floor(try(var.export.failed_jobs, 0)) == try(var.export.failed_jobs, 0)
    error_message = "export has failed_jobs ${try(var.export.failed_jobs, 0)}; allowed are whole numbers from 0."
  }
}
