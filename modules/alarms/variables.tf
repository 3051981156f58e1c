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

variable "dead_letter_queues" {
  description = "Name of each dead-letter queue, by what its messages were."
  type        = map(string)
}

variable "file_events_queue" {
  description = "Name of the queue of landed files."
  type        = string
}

variable "max_event_age_minutes" {
  description = "Minutes after which an event in that queue is overdue."
  type        = number
  default     = 30

  validation {
    condition     = var.max_event_age_minutes >= 5 && var.max_event_age_minutes <= 1440
    error_message = "max_event_age_minutes is ${var.max_event_age_minutes}; allowed are numbers from 5 to 1440."
  }
}

variable "functions" {
  description = "Name of each function, by its package."
  type        = map(string)
}

variable "state_machine_arn" {
  description = "ARN of the processor."
  type        = string
}
