variable "environment" {
  description = "Environment, the last part of every name."
  type        = string
}
