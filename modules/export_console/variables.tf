variable "environment" {
  description = "Environment, the last part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment is '${var.environment}'; allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "account_id" {
  description = "AWS account id of the bucket."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is '${var.account_id}'; allowed are 12 digits."
  }
}

variable "region" {
  description = "AWS region of the bucket."
  type        = string
}

variable "site_dir" {
  description = "Folder of the built console."
  type        = string

  validation {
    condition     = fileexists("${var.site_dir}/index.html")
    error_message = "site_dir is '${var.site_dir}', which has no index.html; allowed are folders with a built console: run make console-build."
  }
}

variable "files_bucket" {
  description = "Name of the bucket that files are uploaded to and downloaded from."
  type        = string
}

variable "sign_in_origin" {
  description = "Origin of the issuer that signs people in; null for Cognito."
  type        = string
  default     = null
}

variable "connect_origins" {
  description = "Further origins that the pages may send requests to."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.connect_origins : can(regex("^https://[a-z0-9.-]+(:[0-9]+)?$", origin))])
    error_message = "connect_origins is [${join(", ", var.connect_origins)}]; allowed are https origins such as https://login.example.com, no path."
  }
}

variable "force_destroy" {
  description = "Whether the bucket is destroyed with what it holds."
  type        = bool
  default     = false
}

variable "access_log_bucket" {
  description = "Bucket that takes the site bucket's access logs; null for none."
  type        = string
  default     = null
}
