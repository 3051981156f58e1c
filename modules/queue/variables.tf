variable "environment" {
  description = "Environment, the last part of every name."
  type        = string
}

variable "region" {
  description = "AWS region of the queues."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the queues and of the bucket that sends."
  type        = string
}

variable "input_bucket" {
  description = "Name of the bucket whose new objects are announced."
  type        = string
}

variable "input_bucket_arn" {
  description = "ARN of that bucket, the only one that may send."
  type        = string
}

variable "landing_prefix" {
  description = "Key prefix under which producers drop files."
  type        = string
}

variable "visibility_timeout_seconds" {
  description = "Seconds a received message stays hidden."
  type        = number
}

variable "message_retention_days" {
  description = "Days an event waits in the queue before SQS drops it."
  type        = number
}

variable "max_receive_count" {
  description = "Receives after which an event goes to the dead-letter queue."
  type        = number
}

variable "dlq_retention_days" {
  description = "Days an event waits in the dead-letter queue."
  type        = number
}
