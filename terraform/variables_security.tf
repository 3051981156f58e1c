# Encryption, access logs, protection, network

variable "enable_customer_managed_key" {
  description = "Whether a key of our own encrypts buckets, queues, tables, alerts, logs and the functions' settings, instead of those of each service. Switched off later, the key is deleted, and what it encrypted is lost with it."
  type        = bool
  default     = false
}

variable "key_deletion_window_days" {
  description = "Days in which a deleted key can be had back."
  type        = number
  default     = 30

  validation {
    condition     = var.key_deletion_window_days >= 7 && var.key_deletion_window_days <= 30 && floor(var.key_deletion_window_days) == var.key_deletion_window_days
    error_message = "key_deletion_window_days is ${var.key_deletion_window_days}; allowed are whole numbers from 7 to 30."
  }
}

variable "enable_access_logs" {
  description = "Whether S3 writes down each access to our buckets, into one of their own."
  type        = bool
  default     = false
}

variable "access_log_retention_days" {
  description = "Days after which access logs are deleted."
  type        = number
  default     = 90

  validation {
    condition     = var.access_log_retention_days >= 1 && var.access_log_retention_days <= 36500 && floor(var.access_log_retention_days) == var.access_log_retention_days
    error_message = "access_log_retention_days is ${var.access_log_retention_days}; allowed are whole numbers from 1 to 36500."
  }
}

variable "deletion_protection" {
  description = "Whether DynamoDB refuses to delete the tables; to destroy, apply with false first."
  type        = bool
  default     = false
}

variable "enable_vpc" {
  description = "Whether functions and Glue workers stand in a VPC of their own that has no way out but to AWS."
  type        = bool
  default     = false
}

variable "vpc_cidr" {
  description = "Address range of the VPC."
  type        = string
  default     = "10.80.0.0/20"

  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 24, false)
    error_message = "vpc_cidr is '${var.vpc_cidr}'; allowed are IPv4 ranges from /16 to /24, such as 10.80.0.0/20."
  }
}

variable "vpc_zone_count" {
  description = "Availability zones that the functions are spread over."
  type        = number
  default     = 2

  validation {
    condition     = contains([2, 3], var.vpc_zone_count)
    error_message = "vpc_zone_count is ${var.vpc_zone_count}; allowed are 2 and 3."
  }
}
