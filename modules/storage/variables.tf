variable "environment" {
  description = "Environment, a part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment is '${var.environment}'; allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "account_id" {
  description = "AWS account id, which makes the bucket names unique."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is '${var.account_id}'; allowed are 12 digits."
  }
}

variable "own_input_bucket" {
  description = "Whether files land in a bucket of our own, instead of one that exists."
  type        = bool
  default     = true
}

variable "input_retention_days" {
  description = "Days after which a landed file, or a version of it that was overwritten, is deleted."
  type        = number

  validation {
    condition     = var.input_retention_days >= 1 && floor(var.input_retention_days) == var.input_retention_days
    error_message = "input_retention_days is ${var.input_retention_days}; allowed are whole numbers from 1."
  }
}

variable "retention_days" {
  description = "Days after which objects are deleted, by purpose of the bucket: manifest, output, quarantine; what is not named stays."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for purpose, days in var.retention_days : contains(["manifest", "output", "quarantine"], purpose) && days >= 1 && floor(days) == days])
    error_message = "retention_days is ${jsonencode(var.retention_days)}; allowed are the keys manifest, output and quarantine, and whole numbers from 1."
  }
}

variable "versioned_buckets" {
  description = "Purposes of buckets that are versioned beside input and quarantine, which always are."
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
    condition     = var.noncurrent_version_days >= 1 && floor(var.noncurrent_version_days) == var.noncurrent_version_days
    error_message = "noncurrent_version_days is ${var.noncurrent_version_days}; allowed are whole numbers from 1."
  }
}

variable "incomplete_upload_days" {
  description = "Days after which an unfinished multipart upload is removed: far longer than a conversion may take."
  type        = number
  default     = 3

  validation {
    condition     = var.incomplete_upload_days >= 3
    error_message = "incomplete_upload_days is ${var.incomplete_upload_days}; allowed are numbers from 3: a conversion may take two days."
  }
}

variable "enable_access_logs" {
  description = "Whether S3 writes down each access, into a bucket of its own."
  type        = bool
  default     = false
}

variable "access_log_retention_days" {
  description = "Days after which access logs are deleted."
  type        = number
  default     = 90

  validation {
    condition     = var.access_log_retention_days >= 1 && floor(var.access_log_retention_days) == var.access_log_retention_days
    error_message = "access_log_retention_days is ${var.access_log_retention_days}; allowed are whole numbers from 1."
  }
}

variable "kms_key" {
  description = "Key that encrypts the objects; null for S3's own."
  type        = object({ arn = string })
  default     = null
}

variable "force_destroy" {
  description = "Whether `terraform destroy` also deletes the objects in the buckets."
  type        = bool
  default     = false
}

variable "other_logged_buckets" {
  description = "Names of buckets of other modules whose access logs come here too."
  type        = list(string)
  default     = []
}
