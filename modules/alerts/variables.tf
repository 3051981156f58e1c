variable "environment" {
  description = "Environment, the last part of every name."
  type        = string
}

variable "email" {
  description = "Address that receives the alerts, once it has confirmed the subscription; null for none."
  type        = string
  default     = null
}
