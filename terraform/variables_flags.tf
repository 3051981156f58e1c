# Ways through the pipeline, and what stands beside it: each may be changed while it runs

variable "enable_stream_manifest_creation" {
  description = "Whether manifests are published from the tracking table's stream, instead of by manifest_builder."
  type        = bool
  default     = false
}

variable "enable_eventbridge_decoupling" {
  description = "Whether conversions are started by events on a bus, instead of directly."
  type        = bool
  default     = false
}

variable "enable_schedule" {
  description = "Whether the sweep runs by itself; when false it runs only for whoever calls state_manager."
  type        = bool
  default     = true
}

variable "enable_reconciler" {
  description = "Whether files whose event was lost are looked for by schedule; when false only for whoever asks state_manager to."
  type        = bool
  default     = true
}

variable "enable_alarms" {
  description = "Whether CloudWatch alarms watch the pipeline: docs/alarms.md."
  type        = bool
  default     = true
}

variable "enable_dashboard" {
  description = "Whether CloudWatch has a dashboard of the pipeline."
  type        = bool
  default     = true
}
