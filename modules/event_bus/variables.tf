variable "environment" {
  description = "Environment, the last part of every name."
  type        = string
}

variable "region" {
  description = "AWS region of the bus and of its dead-letter queue."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the bus and of its dead-letter queue."
  type        = string
}

variable "state_machine_arn" {
  description = "ARN of the processor that each event starts."
  type        = string
}

variable "dlq_retention_days" {
  description = "Days an event waits in the dead-letter queue."
  type        = number
}
