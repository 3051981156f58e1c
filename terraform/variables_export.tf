# Parquet back to JSON: docs/export.md

variable "enable_export_api" {
  description = "Whether people who sign in may turn Parquet into JSON through an HTTP API: docs/export.md."
  type        = bool
  default     = false
}

variable "enable_export_console" {
  description = "Whether the built web console of the export API stands behind CloudFront."
  type        = bool
  default     = false

  validation {
    condition     = !var.enable_export_console || var.enable_export_api
    error_message = "enable_export_console is true without enable_export_api; the console would have nothing to talk to."
  }
}

variable "export_console_connect_origins" {
  description = "Further origins that the console's pages may send requests to: those of an OIDC issuer that gives tokens at another address than its own."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.export_console_connect_origins : can(regex("^https://[a-z0-9.-]+(:[0-9]+)?$", origin))])
    error_message = "export_console_connect_origins is [${join(", ", var.export_console_connect_origins)}]; allowed are https origins such as https://oauth2.example.com, no path."
  }
}

variable "export_allowed_origin" {
  description = "The one origin whose pages may call the export API; null for the console's own, or none without it."
  type        = string
  default     = null

  validation {
    condition     = can(regex("^https://[^/*]+$", coalesce(var.export_allowed_origin, "https://none"))) || (var.emulator && can(regex("^http://(localhost|127\\.0\\.0\\.1)(:[0-9]+)?$", var.export_allowed_origin)))
    error_message = "export_allowed_origin is '${coalesce(var.export_allowed_origin, "null")}'; allowed are one https origin such as https://console.example.com, no path and no asterisk, and null."
  }
}

variable "export_oidc" {
  description = "Issuer of the tokens that the export API accepts, the audience in them, the console's client id (null: the audience) and the claim that lists groups; null for a Cognito user pool of our own."
  type        = object({ issuer = string, audience = string, client_id = optional(string), groups_claim = optional(string, "groups") })
  default     = null

  validation {
    condition     = var.export_oidc == null || startswith(try(var.export_oidc.issuer, ""), "https://") || (var.emulator && startswith(try(var.export_oidc.issuer, ""), "http://127.0.0.1"))
    error_message = "export_oidc has the issuer '${try(var.export_oidc.issuer, "")}'; allowed are https URLs."
  }

  validation {
    condition     = var.export_oidc == null || try(length(var.export_oidc.audience), 0) > 0
    error_message = "export_oidc has no audience; tokens for anybody would be accepted, which must not be."
  }
}

variable "export_pipeline_group" {
  description = "Group whose members may see the pipeline in the console and export its files; null for everybody who is signed in."
  type        = string
  default     = "operators"

  validation {
    condition     = can(regex("^[A-Za-z0-9_.:/-]{1,128}$", coalesce(var.export_pipeline_group, "none")))
    error_message = "export_pipeline_group is '${coalesce(var.export_pipeline_group, "null")}'; allowed are 1 to 128 letters, digits and _.:/-, and null."
  }
}

variable "export_max_upload_mb" {
  description = "Largest Parquet file in MB that may be uploaded; S3 takes 5 GB from a browser's form."
  type        = number
  default     = 5120

  validation {
    condition     = var.export_max_upload_mb >= 1 && var.export_max_upload_mb <= 5120 && floor(var.export_max_upload_mb) == var.export_max_upload_mb
    error_message = "export_max_upload_mb is ${var.export_max_upload_mb}; allowed are whole numbers from 1 to 5120."
  }
}

variable "export_max_running_jobs" {
  description = "Export jobs of one person that may run at once."
  type        = number
  default     = 10

  validation {
    condition     = var.export_max_running_jobs >= 1 && var.export_max_running_jobs <= 1000 && floor(var.export_max_running_jobs) == var.export_max_running_jobs
    error_message = "export_max_running_jobs is ${var.export_max_running_jobs}; allowed are whole numbers from 1 to 1000."
  }
}

variable "export_max_concurrent_runs" {
  description = "Runs of the export's Glue job at once, of all people together; the others wait."
  type        = number
  default     = 10

  validation {
    condition     = var.export_max_concurrent_runs >= 1 && var.export_max_concurrent_runs <= 1000 && floor(var.export_max_concurrent_runs) == var.export_max_concurrent_runs
    error_message = "export_max_concurrent_runs is ${var.export_max_concurrent_runs}; allowed are whole numbers from 1 to 1000."
  }
}

variable "export_timeout_minutes" {
  description = "Minutes after which Glue ends an export."
  type        = number
  default     = 120

  validation {
    condition     = var.export_timeout_minutes >= 1 && var.export_timeout_minutes <= 2880 && floor(var.export_timeout_minutes) == var.export_timeout_minutes
    error_message = "export_timeout_minutes is ${var.export_timeout_minutes}; allowed are whole numbers from 1 to 2880."
  }
}

variable "export_retry_interval_seconds" {
  description = "Seconds before an export that Glue refused, or whose run crashed, is tried again."
  type        = number
  default     = 30

  validation {
    condition     = var.export_retry_interval_seconds >= 1 && var.export_retry_interval_seconds <= 900 && floor(var.export_retry_interval_seconds) == var.export_retry_interval_seconds
    error_message = "export_retry_interval_seconds is ${var.export_retry_interval_seconds}; allowed are whole numbers from 1 to 900."
  }
}

variable "export_capacity_dpu" {
  description = "DPU of an export run: 1 has 4 vCPU and 16 GB, 0.0625 a sixteenth of it."
  type        = number
  default     = 1

  validation {
    condition     = contains([0.0625, 1], var.export_capacity_dpu)
    error_message = "export_capacity_dpu is ${var.export_capacity_dpu}; allowed are 0.0625 and 1."
  }
}

variable "export_requests_per_second" {
  description = "Requests a second that the export API takes, of all people together."
  type        = number
  default     = 50

  validation {
    condition     = var.export_requests_per_second >= 1 && var.export_requests_per_second <= 10000
    error_message = "export_requests_per_second is ${var.export_requests_per_second}; allowed are numbers from 1 to 10000."
  }
}

variable "export_requests_burst" {
  description = "Requests that the export API takes at one moment."
  type        = number
  default     = 100

  validation {
    condition     = var.export_requests_burst >= 1 && var.export_requests_burst <= 5000 && floor(var.export_requests_burst) == var.export_requests_burst
    error_message = "export_requests_burst is ${var.export_requests_burst}; allowed are whole numbers from 1 to 5000."
  }
}

variable "export_retention_days" {
  description = "Days that uploads, results and export jobs are kept."
  type        = number
  default     = 30

  validation {
    condition     = var.export_retention_days >= 1 && var.export_retention_days <= 3650 && floor(var.export_retention_days) == var.export_retention_days
    error_message = "export_retention_days is ${var.export_retention_days}; allowed are whole numbers from 1 to 3650."
  }
}

variable "export_failed_jobs" {
  description = "Export jobs of an hour that may fail for no fault of their files before an alarm is raised."
  type        = number
  default     = 2

  validation {
    condition     = var.export_failed_jobs >= 0 && floor(var.export_failed_jobs) == var.export_failed_jobs
    error_message = "export_failed_jobs is ${var.export_failed_jobs}; allowed are whole numbers from 0."
  }
}
