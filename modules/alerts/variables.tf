variable "environment" {
  description = "Environment, the last part of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment is '${var.environment}'; allowed are 2 to 16 lower-case letters and digits, a letter first."
  }
}

variable "email" {
  description = "Address that receives the alerts, once it has confirmed the subscription; null for none."
  type        = string
  default     = null
}

variable "region" {
  description = "AWS region of the topic."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the topic and of the alarms that may publish."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is '${var.account_id}'; allowed are 12 digits."
  }
}

variable "kms_key" {
  description = "Key that encrypts the alerts; null for none: AWS's own would shut alarms out."
  type        = object({ arn = string })
  default     = null
}
