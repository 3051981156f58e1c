# Alerts, alarms and the dashboard

variable "alert_email" {
  description = "Address that receives the alerts, and hears of a day over daily_budget_usd; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.alert_email == null || can(regex("^[^@ ]+@[^@ ]+$", var.alert_email))
    error_message = "alert_email is '${coalesce(var.alert_email, "null")}'; allowed are an e-mail address and null."
  }
}

variable "max_event_age_minutes" {
  description = "Minutes after which a file event that nobody has taken raises an alarm."
  type        = number
  default     = 30

  validation {
    condition     = var.max_event_age_minutes >= 5 && var.max_event_age_minutes <= 1440 && floor(var.max_event_age_minutes) == var.max_event_age_minutes
    error_message = "max_event_age_minutes is ${var.max_event_age_minutes}; allowed are whole numbers from 5 to 1440."
  }
}

variable "runbook_base_url" {
  description = "Where docs/runbooks can be read; alarms and dashboard give their readers addresses below it."
  type        = string
  default     = "docs/runbooks"

  validation {
    condition     = can(regex("^[^ ]*[^ /]$", var.runbook_base_url)) && length(var.runbook_base_url) <= 512
    error_message = "runbook_base_url is '${var.runbook_base_url}'; allowed are up to 512 characters without spaces, and no slash at the end."
  }
}

variable "file_events_backlog" {
  description = "File events that wait at once above which an alarm is raised."
  type        = number
  default     = 10000

  validation {
    condition     = var.file_events_backlog >= 1 && floor(var.file_events_backlog) == var.file_events_backlog
    error_message = "file_events_backlog is ${var.file_events_backlog}; allowed are whole numbers from 1."
  }
}

variable "oldest_pending_minutes" {
  description = "Minutes that a file or manifest may wait to be converted before an alarm is raised; null for the longest that it should: max_wait_minutes, glue_timeout_minutes and three sweeps."
  type        = number
  default     = null

  validation {
    condition     = coalesce(var.oldest_pending_minutes, 1) >= 1 && coalesce(var.oldest_pending_minutes, 1) <= 20160
    error_message = "oldest_pending_minutes is ${coalesce(var.oldest_pending_minutes, 0)}; allowed are numbers from 1 to 20160, and null."
  }

  validation {
    condition     = coalesce(var.oldest_pending_minutes, 20160) > var.max_wait_minutes
    error_message = "oldest_pending_minutes is ${coalesce(var.oldest_pending_minutes, 0)}; allowed are numbers above max_wait_minutes (${var.max_wait_minutes}), which the files of every quiet day wait."
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
  description = "Percentage of a manifest's lines that may be rejected before an alarm is raised; null for half of max_reject_percent, at which the run fails."
  type        = number
  default     = null

  validation {
    condition     = coalesce(var.reject_spike_percent, 0) >= 0
    error_message = "reject_spike_percent is ${coalesce(var.reject_spike_percent, 0)}; allowed are numbers from 0, and null."
  }

  validation {
    condition     = coalesce(var.reject_spike_percent, 0) <= var.max_reject_percent
    error_message = "reject_spike_percent is ${coalesce(var.reject_spike_percent, 0)}; allowed are numbers up to max_reject_percent (${var.max_reject_percent}), above which a run fails."
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

variable "slow_function_percent" {
  description = "Percentage of a function's timeout above which an invocation raises an alarm."
  type        = number
  default     = 80

  validation {
    condition     = var.slow_function_percent >= 1 && var.slow_function_percent < 100
    error_message = "slow_function_percent is ${var.slow_function_percent}; allowed are numbers from 1 to below 100."
  }
}

variable "reconciler_overdue_hours" {
  description = "Hours without a run of the reconciler after which an alarm is raised."
  type        = number
  default     = 26

  # CloudWatch looks back at most seven days.
  validation {
    condition     = var.reconciler_overdue_hours >= 1 && var.reconciler_overdue_hours <= 168 && floor(var.reconciler_overdue_hours) == var.reconciler_overdue_hours
    error_message = "reconciler_overdue_hours is ${var.reconciler_overdue_hours}; allowed are whole numbers from 1 to 168."
  }
}

variable "daily_budget_usd" {
  description = "US dollars a day: conversions that cost more raise an alarm; with alert_email, so does a day's whole bill."
  type        = number
  default     = 50

  validation {
    condition     = var.daily_budget_usd > 0
    error_message = "daily_budget_usd is ${var.daily_budget_usd}; allowed are numbers above 0."
  }
}
