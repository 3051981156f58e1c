# The queue of landed files, and the stream of manifests

variable "sqs_batch_size" {
  description = "Events per invocation of manifest_builder."
  type        = number
  default     = 10

  validation {
    condition     = var.sqs_batch_size >= 1 && var.sqs_batch_size <= 10 && floor(var.sqs_batch_size) == var.sqs_batch_size
    error_message = "sqs_batch_size is ${var.sqs_batch_size}; allowed are whole numbers from 1 to 10."
  }
}

variable "sqs_batching_window_seconds" {
  description = "Seconds that an event waits for others, so that an invocation takes sqs_batch_size of them; 0 for not at all."
  type        = number
  default     = 0

  validation {
    condition     = var.sqs_batching_window_seconds >= 0 && var.sqs_batching_window_seconds <= 20 && floor(var.sqs_batching_window_seconds) == var.sqs_batching_window_seconds
    error_message = "sqs_batching_window_seconds is ${var.sqs_batching_window_seconds}; allowed are whole numbers from 0 to 20."
  }
}

variable "sqs_visibility_timeout_seconds" {
  description = "Seconds a received event stays hidden; the function's timeout is a sixth of it, less sqs_batching_window_seconds."
  type        = number
  default     = 360

  validation {
    condition     = var.sqs_visibility_timeout_seconds >= 60 && var.sqs_visibility_timeout_seconds <= 5400 && floor(var.sqs_visibility_timeout_seconds) == var.sqs_visibility_timeout_seconds
    error_message = "sqs_visibility_timeout_seconds is ${var.sqs_visibility_timeout_seconds}; allowed are whole numbers from 60 to 5400."
  }
}

variable "sqs_message_retention_days" {
  description = "Days an event waits in the queue."
  type        = number
  default     = 4

  validation {
    condition     = var.sqs_message_retention_days >= 1 && var.sqs_message_retention_days <= 14 && floor(var.sqs_message_retention_days) == var.sqs_message_retention_days
    error_message = "sqs_message_retention_days is ${var.sqs_message_retention_days}; allowed are whole numbers from 1 to 14."
  }
}

variable "sqs_max_receive_count" {
  description = "Receives after which an event goes to the dead-letter queue."
  type        = number
  default     = 3

  validation {
    condition     = var.sqs_max_receive_count >= 1 && var.sqs_max_receive_count <= 1000 && floor(var.sqs_max_receive_count) == var.sqs_max_receive_count
    error_message = "sqs_max_receive_count is ${var.sqs_max_receive_count}; allowed are whole numbers from 1 to 1000."
  }
}

variable "dlq_retention_days" {
  description = "Days an event waits in the dead-letter queue, counted from its arrival in the first queue."
  type        = number
  default     = 14

  validation {
    condition     = var.dlq_retention_days > var.sqs_message_retention_days && var.dlq_retention_days <= 14 && floor(var.dlq_retention_days) == var.dlq_retention_days
    error_message = "dlq_retention_days is ${var.dlq_retention_days}; allowed are whole numbers above sqs_message_retention_days (${var.sqs_message_retention_days}) and up to 14."
  }
}

variable "manifest_builder_max_concurrency" {
  description = "Invocations of manifest_builder that may run at once."
  type        = number
  default     = 2

  validation {
    condition     = var.manifest_builder_max_concurrency >= 2 && var.manifest_builder_max_concurrency <= 1000 && floor(var.manifest_builder_max_concurrency) == var.manifest_builder_max_concurrency
    error_message = "manifest_builder_max_concurrency is ${var.manifest_builder_max_concurrency}; allowed are whole numbers from 2 to 1000."
  }
}

variable "stream_max_retry_attempts" {
  description = "Times a stream record that failed is tried again before it goes to the stream's dead-letter queue."
  type        = number
  default     = 5

  validation {
    condition     = var.stream_max_retry_attempts >= 0 && var.stream_max_retry_attempts <= 10000 && floor(var.stream_max_retry_attempts) == var.stream_max_retry_attempts
    error_message = "stream_max_retry_attempts is ${var.stream_max_retry_attempts}; allowed are whole numbers from 0 to 10000."
  }
}

variable "stream_max_record_age_seconds" {
  description = "Age at which a stream record goes to the stream's dead-letter queue untried; the stream itself keeps records for 86400."
  type        = number
  default     = 86400

  validation {
    condition     = var.stream_max_record_age_seconds >= 60 && var.stream_max_record_age_seconds <= 86400 && floor(var.stream_max_record_age_seconds) == var.stream_max_record_age_seconds
    error_message = "stream_max_record_age_seconds is ${var.stream_max_record_age_seconds}; allowed are whole numbers from 60 to 86400."
  }
}
