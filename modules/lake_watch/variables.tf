variable "environment" {
  description = "Environment, the last part of every name."
  type        = string
}

variable "region" {
  description = "AWS region of topics, alarms and dashboards."
  type        = string
}

variable "account_id" {
  description = "AWS account id."
  type        = string
}

variable "email" {
  description = "Address that receives what is told on all topics; null for none."
  type        = string
}

variable "runbook_base_url" {
  description = "Where docs/runbooks can be read."
  type        = string
}

variable "enable_alarms" {
  description = "Whether alarms watch the lake."
  type        = bool
}

variable "enable_dashboard" {
  description = "Whether there are dashboards."
  type        = bool
}

variable "enable_cost_anomalies" {
  description = "Whether Cost Explorer looks for days that cost unusually much."
  type        = bool
}

variable "daily_budget_usd" {
  description = "US dollars a day above which cost alarms are raised."
  type        = number
}

variable "is_scheduled" {
  description = "Whether a run is to be expected each day."
  type        = bool
}

variable "quarantined_files" {
  description = "Files of a day that may be quarantined before an alarm is raised."
  type        = number
}

variable "state_machine_arn" {
  description = "ARN of the state machine of a day."
  type        = string
}

variable "functions" {
  description = "The lake's functions, by what they do."
  type        = map(string)
}

variable "workgroup" {
  description = "Athena workgroup of the lake."
  type        = string
}

variable "kms_key" {
  description = "Key that encrypts the topics; null for none."
  type        = object({ arn = string })
  default     = null
}

variable "tags" {
  description = "Cost-allocation tags, over those of the provider."
  type        = map(string)
  default     = {}
}
