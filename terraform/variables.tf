# Where

variable "environment" {
  description = "Environment, the last part of every name: local, dev, staging, prod or your own."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment is '${var.environment}'; allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "region" {
  description = "AWS region."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is '${var.region}'; allowed are AWS region names such as us-east-1."
  }
}

variable "emulator" {
  description = "Whether the target is an embedded AWS instead of the real one."
  type        = bool
  default     = false
}

variable "artifacts_dir" {
  description = "Directory that `make package` fills; null for build/ beside this directory."
  type        = string
  default     = null
}

variable "force_destroy_buckets" {
  description = "Whether `terraform destroy` also deletes the objects in the buckets."
  type        = bool
  default     = false
}

# Ways through the pipeline: each may be changed while it runs

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

# Landing: which files are accepted, and how long they stay

variable "allowed_extensions" {
  description = "Extensions of the files that are converted; any other file is quarantined. A name that ends in .gz means gzip."
  type        = list(string)
  default     = [".ndjson"]

  validation {
    condition     = length(var.allowed_extensions) > 0 && alltrue([for e in var.allowed_extensions : can(regex("^[.][a-z0-9.]+$", e))])
    error_message = "allowed_extensions is [${join(", ", var.allowed_extensions)}]; allowed are one or more extensions in lower case that start with a dot, such as .ndjson."
  }
}

variable "min_file_size_mb" {
  description = "Size in MB, as stored, below which a file is quarantined."
  type        = number
  default     = 0.1

  validation {
    condition     = var.min_file_size_mb >= 0 && var.min_file_size_mb <= 5242880
    error_message = "min_file_size_mb is ${var.min_file_size_mb}; allowed are numbers from 0 to 5242880."
  }
}

variable "max_file_size_mb" {
  description = "Size in MB, as stored, above which a file is quarantined."
  type        = number
  default     = 20

  validation {
    condition     = var.max_file_size_mb > var.min_file_size_mb && var.max_file_size_mb <= 5242880
    error_message = "max_file_size_mb is ${var.max_file_size_mb}; allowed are numbers above min_file_size_mb (${var.min_file_size_mb}) and up to 5242880."
  }
}

variable "on_overwrite" {
  description = "What different bytes under a key that is already known mean: a second file to convert, or one to quarantine."
  type        = string
  default     = "convert"

  validation {
    condition     = contains(["convert", "quarantine"], var.on_overwrite)
    error_message = "on_overwrite is '${var.on_overwrite}'; allowed are convert and quarantine."
  }
}

variable "input_retention_days" {
  description = "Days after which a landed file is deleted."
  type        = number
  default     = 3

  validation {
    condition     = var.input_retention_days >= 1 && var.input_retention_days <= 3650 && floor(var.input_retention_days) == var.input_retention_days
    error_message = "input_retention_days is ${var.input_retention_days}; allowed are whole numbers from 1 to 3650."
  }
}

# Queue

variable "sqs_batch_size" {
  description = "Events per invocation of manifest_builder."
  type        = number
  default     = 10

  validation {
    condition     = var.sqs_batch_size >= 1 && var.sqs_batch_size <= 10 && floor(var.sqs_batch_size) == var.sqs_batch_size
    error_message = "sqs_batch_size is ${var.sqs_batch_size}; allowed are whole numbers from 1 to 10."
  }
}

variable "sqs_visibility_timeout_seconds" {
  description = "Seconds a received event stays hidden; the function's timeout is a sixth of it."
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

# Batching

variable "max_files_per_manifest" {
  description = "Files at which a batch is sealed."
  type        = number
  default     = 200

  validation {
    condition     = var.max_files_per_manifest >= 1 && var.max_files_per_manifest <= 10000 && floor(var.max_files_per_manifest) == var.max_files_per_manifest
    error_message = "max_files_per_manifest is ${var.max_files_per_manifest}; allowed are whole numbers from 1 to 10000."
  }
}

variable "max_batch_bytes" {
  description = "Bytes at which a batch is sealed."
  type        = number
  default     = 734003200

  validation {
    condition     = var.max_batch_bytes >= 1048576 && var.max_batch_bytes <= 107374182400 && floor(var.max_batch_bytes) == var.max_batch_bytes
    error_message = "max_batch_bytes is ${var.max_batch_bytes}; allowed are whole numbers from 1048576 to 107374182400."
  }
}

variable "target_part_bytes" {
  description = "NDJSON bytes that make one Parquet part."
  type        = number
  default     = 536870912

  validation {
    condition     = var.target_part_bytes >= 1048576 && var.target_part_bytes <= 107374182400 && floor(var.target_part_bytes) == var.target_part_bytes
    error_message = "target_part_bytes is ${var.target_part_bytes}; allowed are whole numbers from 1048576 to 107374182400."
  }
}

variable "max_wait_minutes" {
  description = "Minutes that the first file of a batch waits for others before the batch is sealed as it is."
  type        = number
  default     = 15

  validation {
    condition     = var.max_wait_minutes >= 1 && var.max_wait_minutes <= 1440
    error_message = "max_wait_minutes is ${var.max_wait_minutes}; allowed are 1 to 1440."
  }
}

variable "min_files_for_partial_batch" {
  description = "Files that a batch of a past date needs to be sealed before max_wait_minutes are over."
  type        = number
  default     = 1

  validation {
    condition     = var.min_files_for_partial_batch >= 1 && var.min_files_for_partial_batch <= 10000
    error_message = "min_files_for_partial_batch is ${var.min_files_for_partial_batch}; allowed are 1 to 10000."
  }
}

variable "sweep_interval_minutes" {
  description = "Minutes between two runs of the sweep."
  type        = number
  default     = 5

  validation {
    condition     = contains([1, 2, 5, 10, 15], var.sweep_interval_minutes)
    error_message = "sweep_interval_minutes is ${var.sweep_interval_minutes}; allowed are 1, 2, 5, 10 and 15."
  }
}

variable "max_manifest_attempts" {
  description = "Conversions of a manifest after which the sweep leaves it failed, for a person to look at."
  type        = number
  default     = 3

  validation {
    condition     = var.max_manifest_attempts >= 1 && var.max_manifest_attempts <= 20 && floor(var.max_manifest_attempts) == var.max_manifest_attempts
    error_message = "max_manifest_attempts is ${var.max_manifest_attempts}; allowed are whole numbers from 1 to 20."
  }
}

variable "retry_backoff_minutes" {
  description = "Minutes before the sweep tries a failed manifest again; they double with each attempt."
  type        = number
  default     = 5

  validation {
    condition     = var.retry_backoff_minutes >= 1 && var.retry_backoff_minutes <= 1440 && floor(var.retry_backoff_minutes) == var.retry_backoff_minutes
    error_message = "retry_backoff_minutes is ${var.retry_backoff_minutes}; allowed are whole numbers from 1 to 1440."
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

variable "num_status_shards" {
  description = "Shards of open batches; more than one is used only under contention."
  type        = number
  default     = 10

  validation {
    condition     = var.num_status_shards >= 1 && var.num_status_shards <= 100 && floor(var.num_status_shards) == var.num_status_shards
    error_message = "num_status_shards is ${var.num_status_shards}; allowed are whole numbers from 1 to 100."
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

variable "ttl_days" {
  description = "Days a finished item stays in the tracking table."
  type        = number
  default     = 30

  validation {
    condition     = var.ttl_days >= 1 && var.ttl_days <= 3650 && floor(var.ttl_days) == var.ttl_days
    error_message = "ttl_days is ${var.ttl_days}; allowed are whole numbers from 1 to 3650."
  }
}

# Conversion

variable "glue_version" {
  description = "Glue version; it fixes the versions of Spark, Python and pyarrow."
  type        = string
  default     = "5.1"

  validation {
    condition     = contains(["5.0", "5.1"], var.glue_version)
    error_message = "glue_version is '${var.glue_version}'; allowed are 5.0 and 5.1."
  }
}

variable "glue_worker_type" {
  description = "Glue worker type."
  type        = string
  default     = "G.1X"

  validation {
    condition     = contains(["G.1X", "G.2X", "G.4X", "G.8X"], var.glue_worker_type)
    error_message = "glue_worker_type is '${var.glue_worker_type}'; allowed are G.1X, G.2X, G.4X and G.8X."
  }
}

variable "glue_number_of_workers" {
  description = "Workers per run, the driver's included."
  type        = number
  default     = 2

  validation {
    condition     = var.glue_number_of_workers >= 2 && var.glue_number_of_workers <= 299 && floor(var.glue_number_of_workers) == var.glue_number_of_workers
    error_message = "glue_number_of_workers is ${var.glue_number_of_workers}; allowed are whole numbers from 2 to 299."
  }
}

variable "glue_max_concurrent_runs" {
  description = "Runs of the job at once."
  type        = number
  default     = 1

  validation {
    condition     = var.glue_max_concurrent_runs >= 1 && var.glue_max_concurrent_runs <= 1000 && floor(var.glue_max_concurrent_runs) == var.glue_max_concurrent_runs
    error_message = "glue_max_concurrent_runs is ${var.glue_max_concurrent_runs}; allowed are whole numbers from 1 to 1000."
  }
}

variable "glue_timeout_minutes" {
  description = "Minutes after which Glue ends a run."
  type        = number
  default     = 60

  validation {
    condition     = var.glue_timeout_minutes >= 1 && var.glue_timeout_minutes <= 2880 && floor(var.glue_timeout_minutes) == var.glue_timeout_minutes
    error_message = "glue_timeout_minutes is ${var.glue_timeout_minutes}; allowed are whole numbers from 1 to 2880."
  }
}

variable "glue_retry_interval_seconds" {
  description = "Seconds before a start that Glue refused is repeated; it doubles each time, up to five times this."
  type        = number
  default     = 60

  validation {
    condition     = var.glue_retry_interval_seconds >= 1 && var.glue_retry_interval_seconds <= 3600 && floor(var.glue_retry_interval_seconds) == var.glue_retry_interval_seconds
    error_message = "glue_retry_interval_seconds is ${var.glue_retry_interval_seconds}; allowed are whole numbers from 1 to 3600."
  }
}

variable "glue_retry_max_attempts" {
  description = "Times a start that Glue refused is repeated."
  type        = number
  default     = 20

  validation {
    condition     = var.glue_retry_max_attempts >= 0 && var.glue_retry_max_attempts <= 1000 && floor(var.glue_retry_max_attempts) == var.glue_retry_max_attempts
    error_message = "glue_retry_max_attempts is ${var.glue_retry_max_attempts}; allowed are whole numbers from 0 to 1000."
  }
}

variable "max_reject_percent" {
  description = "Percentage of rejected lines above which a run fails and commits nothing."
  type        = number
  default     = 10

  validation {
    condition     = var.max_reject_percent >= 0 && var.max_reject_percent <= 100
    error_message = "max_reject_percent is ${var.max_reject_percent}; allowed are numbers from 0 to 100."
  }
}

variable "max_columns" {
  description = "Keys that become columns; the rest goes to _overflow."
  type        = number
  default     = 1000

  validation {
    condition     = var.max_columns >= 1 && var.max_columns <= 10000 && floor(var.max_columns) == var.max_columns
    error_message = "max_columns is ${var.max_columns}; allowed are whole numbers from 1 to 10000."
  }
}

variable "on_duplicate_key" {
  description = "What a key that occurs twice in one object means: reject the line, or take the last value."
  type        = string
  default     = "reject"

  validation {
    condition     = contains(["reject", "last"], var.on_duplicate_key)
    error_message = "on_duplicate_key is '${var.on_duplicate_key}'; allowed are reject and last."
  }
}

variable "projection_start_date" {
  description = "First date, YYYY-MM-DD, that Athena looks for; rows of earlier dates stay invisible to it."
  type        = string
  default     = "2025-01-01"

  validation {
    condition     = can(formatdate("YYYY-MM-DD", "${var.projection_start_date}T00:00:00Z"))
    error_message = "projection_start_date is '${var.projection_start_date}'; allowed are calendar dates such as 2025-01-01."
  }
}

# Functions, logs and alerts

variable "lambda_architecture" {
  description = "Processor architecture of the functions; `scripts/package.py --architecture` builds for it."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.lambda_architecture)
    error_message = "lambda_architecture is '${var.lambda_architecture}'; allowed are arm64 and x86_64."
  }
}

variable "log_level" {
  description = "Least important level that the functions log."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "log_level is '${var.log_level}'; allowed are DEBUG, INFO, WARNING and ERROR."
  }
}

variable "log_retention_days" {
  description = "Days the logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}; allowed are 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545 and 731."
  }
}

variable "alert_email" {
  description = "Address that receives the alerts; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.alert_email == null || can(regex("^[^@ ]+@[^@ ]+$", var.alert_email))
    error_message = "alert_email is '${coalesce(var.alert_email, "null")}'; allowed are an e-mail address and null."
  }
}
