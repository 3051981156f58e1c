# Where it stands, and whose it is

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

variable "release" {
  description = "What is deployed, as git describes it; make apply sets it."
  type        = string
  default     = "unknown"

  validation {
    condition     = can(regex("^[A-Za-z0-9._/+-]{1,100}$", var.release))
    error_message = "release is '${var.release}'; allowed are 1 to 100 letters, digits and ._/+-."
  }
}

variable "owner" {
  description = "Team or person who answers for it, as a tag of every resource."
  type        = string
  default     = "data-platform"

  validation {
    condition     = can(regex("^[A-Za-z0-9 _.:/=+@-]{1,256}$", var.owner))
    error_message = "owner is '${var.owner}'; allowed are 1 to 256 letters, digits, spaces and _.:/=+@-, as AWS allows in tags."
  }
}

variable "cost_centre" {
  description = "Cost centre that pays for it, as a tag of every resource."
  type        = string
  default     = "none"

  validation {
    condition     = can(regex("^[A-Za-z0-9 _.:/=+@-]{1,256}$", var.cost_centre))
    error_message = "cost_centre is '${var.cost_centre}'; allowed are 1 to 256 letters, digits, spaces and _.:/=+@-, as AWS allows in tags."
  }
}

variable "data_classification" {
  description = "How confidential the data is, as a tag of every resource."
  type        = string
  default     = "internal"

  validation {
    condition     = contains(["public", "internal", "confidential", "restricted"], var.data_classification)
    error_message = "data_classification is '${var.data_classification}'; allowed are public, internal, confidential and restricted."
  }
}

variable "emulator" {
  description = "Whether the target is an embedded AWS instead of the real one."
  type        = bool
  default     = false

  validation {
    condition     = !(var.emulator && contains(["staging", "prod"], var.environment))
    error_message = "emulator is true with environment '${var.environment}'; an embedded AWS is never staging or prod."
  }
}

variable "artifacts_dir" {
  description = "Directory that `make package` fills; null for build/ beside this directory."
  type        = string
  default     = null
}
