variable "environment" {
  description = "Environment, the last part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment is '${var.environment}'; allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "region" {
  description = "AWS region of all of it."
  type        = string
}

variable "account_id" {
  description = "AWS account id of all of it."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is '${var.account_id}'; allowed are 12 digits."
  }
}

variable "zip_path" {
  description = "Path of the function's zip."
  type        = string
}

variable "script_path" {
  description = "Path of the job's script."
  type        = string
}

variable "library_path" {
  description = "Path of the zip of the package the script imports."
  type        = string
}

variable "compute" {
  description = "Where and how the function runs, as in the function module."
  type = object({
    architecture         = optional(string, "arm64")
    memory_mb            = optional(number, 512)
    reserved_concurrency = optional(number)
    log_retention_days   = optional(number, 30)
    kms_key              = optional(object({ arn = string }))
    vpc                  = optional(object({ subnet_ids = list(string), security_group_ids = list(string) }))
  })
  default = {}
}

variable "settings" {
  description = "Settings by environment variable name, beside the resources that this module passes itself."
  type        = map(string)
}

variable "tracking_table" {
  description = "Tracking table, of which the pipeline's page is read."
  type        = object({ name = string, arn = string })
}

variable "manifest_bucket" {
  description = "Bucket of manifests: only its name, which nothing here may read."
  type        = object({ name = string, arn = string })
}

variable "output_bucket" {
  description = "Bucket of the pipeline's Parquet."
  type        = object({ name = string, arn = string })
}

variable "scripts_bucket" {
  description = "Bucket that the job's code is uploaded to."
  type        = object({ name = string, arn = string })
}

variable "access_log_bucket" {
  description = "Bucket that takes the export bucket's access logs; null for none."
  type        = string
  default     = null
}

variable "oidc" {
  description = "Issuer and audience of the tokens to accept, and the claim that lists groups; null for a user pool of our own."
  type        = object({ issuer = string, audience = string, groups_claim = optional(string, "groups") })
  default     = null
}

variable "pipeline_group" {
  description = "Group that may see the pipeline and export its files; null for everybody who is signed in."
  type        = string
}

variable "allowed_origin" {
  description = "Origin whose pages may call the API and the bucket; null for none."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^https?://[^/*]+$", coalesce(var.allowed_origin, "https://none")))
    error_message = "allowed_origin is '${coalesce(var.allowed_origin, "null")}'; allowed are one origin such as https://console.example.com, no path and no asterisk, and null."
  }
}

variable "max_upload_mb" {
  description = "Largest file in MB that may be uploaded; S3 takes 5 GB from a form."
  type        = number

  validation {
    condition     = var.max_upload_mb >= 1 && var.max_upload_mb <= 5120 && floor(var.max_upload_mb) == var.max_upload_mb
    error_message = "max_upload_mb is ${var.max_upload_mb}; allowed are whole numbers from 1 to 5120."
  }
}

variable "max_running_jobs" {
  description = "Jobs of one person that may run at once."
  type        = number

  validation {
    condition     = var.max_running_jobs >= 1 && var.max_running_jobs <= 1000 && floor(var.max_running_jobs) == var.max_running_jobs
    error_message = "max_running_jobs is ${var.max_running_jobs}; allowed are whole numbers from 1 to 1000."
  }
}

variable "max_concurrent_runs" {
  description = "Runs of the job at once, of all people together."
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

variable "retry_interval_seconds" {
  description = "Seconds before the first retry of a run that Glue refused or that crashed; the longest wait is four times this."
  type        = number

  validation {
    condition     = var.retry_interval_seconds >= 1 && var.retry_interval_seconds <= 900 && floor(var.retry_interval_seconds) == var.retry_interval_seconds
    error_message = "retry_interval_seconds is ${var.retry_interval_seconds}; allowed are whole numbers from 1 to 900."
  }
}

variable "capacity_dpu" {
  description = "DPU of a run: 1 has 4 vCPU and 16 GB, 0.0625 a sixteenth of it."
  type        = number

  validation {
    condition     = contains([0.0625, 1], var.capacity_dpu)
    error_message = "capacity_dpu is ${var.capacity_dpu}; allowed are 0.0625 and 1."
  }
}

variable "requests_per_second" {
  description = "Requests a second that the API takes, of all people together."
  type        = number

  validation {
    condition     = var.requests_per_second >= 1 && var.requests_per_second <= 10000
    error_message = "requests_per_second is ${var.requests_per_second}; allowed are numbers from 1 to 10000."
  }
}

variable "requests_burst" {
  description = "Requests that the API takes at one moment."
  type        = number

  validation {
    condition     = var.requests_burst >= 1 && var.requests_burst <= 5000 && floor(var.requests_burst) == var.requests_burst
    error_message = "requests_burst is ${var.requests_burst}; allowed are whole numbers from 1 to 5000."
  }
}

variable "retention_days" {
  description = "Days that uploads, results and jobs are kept."
  type        = number

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 3650 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days is ${var.retention_days}; allowed are whole numbers from 1 to 3650."
  }
}

variable "glue_connection" {
  description = "Glue connection that places the job's worker in a VPC; null for Glue's own network."
  type        = string
  default     = null
}

variable "security_configuration" {
  description = "Glue security configuration of the job; null without a key of our own."
  type        = string
  default     = null
}

variable "kms_key" {
  description = "Key that encrypts bucket, table and logs; null for AWS's own."
  type        = object({ arn = string })
  default     = null
}

variable "deletion_protection" {
  description = "Whether table and user pool refuse to be deleted."
  type        = bool
  default     = false
}

variable "force_destroy" {
  description = "Whether the bucket is destroyed with what it holds."
  type        = bool
  default     = false
}
