variable "environment" {
  description = "Environment, the last part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment is '${var.environment}'; allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "region" {
  description = "AWS region of the VPC."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the identities that the endpoints answer to."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is '${var.account_id}'; allowed are 12 digits."
  }
}

variable "cidr" {
  description = "Address range of the VPC; each zone gets an eighth of it."
  type        = string

  validation {
    condition     = can(cidrnetmask(var.cidr)) && try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 24, false)
    error_message = "cidr is '${var.cidr}'; allowed are IPv4 ranges from /16 to /24, such as 10.80.0.0/20."
  }
}

variable "zone_count" {
  description = "Availability zones that the functions are spread over."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3], var.zone_count)
    error_message = "zone_count is ${var.zone_count}; allowed are 2 and 3."
  }
}

variable "interface_endpoints" {
  description = "Services that are called from the VPC, as the last part of their endpoints' names: each costs by the hour and zone."
  type        = set(string)

  validation {
    condition     = alltrue([for service in var.interface_endpoints : can(regex("^[a-z][a-z0-9.-]+$", service)) && !contains(["s3", "dynamodb"], service)])
    error_message = "interface_endpoints is [${join(", ", var.interface_endpoints)}]; allowed are services such as states and sqs; s3 and dynamodb have gateway endpoints."
  }
}
