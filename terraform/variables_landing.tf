# What lands: where, which files are accepted, how long they and what becomes of them stay

variable "existing_landing_bucket" {
  description = "Name of a bucket that exists and that files land in, below landing/ndjson/; null for one of our own. It has to be versioned, and its EventBridge delivery switched on."
  type        = string
  default     = null

  validation {
    condition     = var.existing_landing_bucket == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.existing_landing_bucket))
    error_message = "existing_landing_bucket is '${coalesce(var.existing_landing_bucket, "null")}'; allowed are bucket names of 3 to 63 lower-case letters, digits, dots and hyphens, and null."
  }
}

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

variable "retention_days" {
  description = "Days after which objects are deleted, by purpose of the bucket: manifest, output, quarantine; what is not named stays."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for purpose, days in var.retention_days : contains(["manifest", "output", "quarantine"], purpose) && days >= 1 && days <= 36500 && floor(days) == days])
    error_message = "retention_days is ${jsonencode(var.retention_days)}; allowed are the keys manifest, output and quarantine, and whole numbers from 1 to 36500."
  }

  validation {
    condition     = lookup(var.retention_days, "manifest", 36500) >= var.ttl_days
    error_message = "retention_days deletes manifests after ${lookup(var.retention_days, "manifest", 36500)} days, but the tracking table refers to them for ttl_days (${var.ttl_days}); allowed are as many days or more."
  }
}

variable "versioned_buckets" {
  description = "Purposes of buckets that are versioned beside input and quarantine, which always are: manifest, output, scripts."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for purpose in var.versioned_buckets : contains(["manifest", "output", "scripts"], purpose)])
    error_message = "versioned_buckets is [${join(", ", var.versioned_buckets)}]; allowed are manifest, output and scripts."
  }
}

variable "noncurrent_version_days" {
  description = "Days after which an earlier version of an object is deleted; in the input bucket input_retention_days decides."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_version_days >= 1 && var.noncurrent_version_days <= 36500 && floor(var.noncurrent_version_days) == var.noncurrent_version_days
    error_message = "noncurrent_version_days is ${var.noncurrent_version_days}; allowed are whole numbers from 1 to 36500."
  }
}

variable "force_destroy_buckets" {
  description = "Whether `terraform destroy` also deletes the objects in the buckets."
  type        = bool
  default     = false

  validation {
    condition     = !(var.force_destroy_buckets && var.deletion_protection)
    error_message = "force_destroy_buckets is true with deletion_protection; what is protected must not be emptied by a destroy: choose one of them."
  }
}
