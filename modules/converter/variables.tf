variable "environment" {
  description = "Environment, the last part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment is '${var.environment}'; allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "region" {
  description = "AWS region of the job and the catalog."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the job and the catalog."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is '${var.account_id}'; allowed are 12 digits."
  }
}

variable "script_path" {
  description = "Path of the Spark job's script."
  type        = string
}

variable "library_path" {
  description = "Path of the zip of the packages the script imports."
  type        = string
}

variable "wheel_paths" {
  description = "Paths of the wheels of what Glue does not have, for its Python and platform; they may be none."
  type        = list(string)
}

variable "glue_version" {
  description = "Glue version; it fixes the versions of Spark, Python and pyarrow."
  type        = string

  validation {
    condition     = contains(["5.0", "5.1"], var.glue_version)
    error_message = "glue_version is '${var.glue_version}'; allowed are 5.0 and 5.1."
  }
}

variable "worker_type" {
  description = "Glue worker type."
  type        = string

  validation {
    condition     = contains(["G.1X", "G.2X", "G.4X", "G.8X"], var.worker_type)
    error_message = "worker_type is '${var.worker_type}'; allowed are G.1X, G.2X, G.4X and G.8X."
  }
}

variable "number_of_workers" {
  description = "Workers per run, the driver's included."
  type        = number

  validation {
    condition     = var.number_of_workers >= 2 && var.number_of_workers <= 299 && floor(var.number_of_workers) == var.number_of_workers
    error_message = "number_of_workers is ${var.number_of_workers}; allowed are whole numbers from 2 to 299."
  }
}

variable "max_concurrent_runs" {
  description = "Runs of the job at once."
  type        = number

  validation {
    condition     = var.max_concurrent_runs >= 1 && var.max_concurrent_runs <= 1000 && floor(var.max_concurrent_runs) == var.max_concurrent_runs
    error_message = "max_concurrent_runs is ${var.max_concurrent_runs}; allowed are whole numbers from 1 to 1000."
  }
}

variable "timeout_minutes" {
  description = "Minutes after which Glue ends a run."
  type        = number

  validation {
    condition     = var.timeout_minutes >= 1 && var.timeout_minutes <= 2880 && floor(var.timeout_minutes) == var.timeout_minutes
    error_message = "timeout_minutes is ${var.timeout_minutes}; allowed are whole numbers from 1 to 2880."
  }
}

variable "max_reject_percent" {
  description = "Percentage of rejected lines above which a run fails and commits nothing."
  type        = number

  validation {
    condition     = var.max_reject_percent >= 0 && var.max_reject_percent <= 100
    error_message = "max_reject_percent is ${var.max_reject_percent}; allowed are numbers from 0 to 100."
  }
}

variable "max_columns" {
  description = "Keys that become columns; the rest goes to _overflow."
  type        = number

  validation {
    condition     = var.max_columns >= 1 && var.max_columns <= 10000 && floor(var.max_columns) == var.max_columns
    error_message = "max_columns is ${var.max_columns}; allowed are whole numbers from 1 to 10000."
  }
}

variable "on_duplicate_key" {
  description = "What a key that occurs twice in one object means: reject or last."
  type        = string

  validation {
    condition     = contains(["reject", "last"], var.on_duplicate_key)
    error_message = "on_duplicate_key is '${var.on_duplicate_key}'; allowed are reject and last."
  }
}

variable "projection_start_date" {
  description = "First date that Athena looks for."
  type        = string

  validation {
    condition     = can(formatdate("YYYY-MM-DD", "${var.projection_start_date}T00:00:00Z"))
    error_message = "projection_start_date is '${var.projection_start_date}'; allowed are calendar dates such as 2025-01-01."
  }
}

variable "input_bucket" {
  description = "Bucket that files land in."
  type        = object({ name = string, arn = string })
}

variable "manifest_bucket" {
  description = "Bucket of manifests, commit records and run reports."
  type        = object({ name = string, arn = string })
}

variable "output_bucket" {
  description = "Bucket that the Parquet goes to."
  type        = object({ name = string, arn = string })
}

variable "quarantine_bucket" {
  description = "Bucket that rejected lines go to."
  type        = object({ name = string, arn = string })
}

variable "scripts_bucket" {
  description = "Bucket that the job's code is uploaded to."
  type        = object({ name = string, arn = string })
}

variable "execution_class" {
  description = "STANDARD, or FLEX: cheaper, on spare capacity, and it may wait for it."
  type        = string
  default     = "STANDARD"

  validation {
    condition     = contains(["STANDARD", "FLEX"], var.execution_class)
    error_message = "execution_class is '${var.execution_class}'; allowed are STANDARD and FLEX."
  }
}

variable "enable_auto_scaling" {
  description = "Whether Glue takes workers away that a run does not need; number_of_workers is then the most it gets."
  type        = bool
  default     = false
}

variable "enable_job_queuing" {
  description = "Whether a run over the limit waits in Glue's own queue, instead of being refused and tried again by the processor."
  type        = bool
  default     = false
}

variable "vpc" {
  description = "Where in a VPC the workers stand; null for Glue's own network."
  type        = object({ subnet_id = string, availability_zone = string, security_group_ids = list(string) })
  default     = null
}

variable "kms_key" {
  description = "Key that encrypts what the job reads and writes, and its logs; null for AWS's own."
  type        = object({ arn = string })
  default     = null
}
