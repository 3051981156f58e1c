variable "environment" {
  description = "Environment, the last part of every name."
  type        = string
}

variable "region" {
  description = "AWS region of the lake."
  type        = string
}

variable "account_id" {
  description = "AWS account id, part of the bucket's name."
  type        = string
}

variable "eraser_role_arns" {
  description = "ARNs of the roles that may delete raw files, for people who ask to be forgotten; none means nobody."
  type        = list(string)
}

variable "retention_days" {
  description = "Days after which the objects of a zone are deleted, by zone; a zone that is not named keeps them."
  type        = map(number)
}

variable "cheaper_storage" {
  description = "Days after which the objects of a zone move to infrequent access and to instant-retrieval archive, by zone; null for never."
  type        = map(object({ infrequent_days = optional(number), archive_days = optional(number) }))
}

variable "noncurrent_version_days" {
  description = "Days for which an overwritten or replaced object can be fetched back."
  type        = number
}

variable "enable_access_logs" {
  description = "Whether S3 logs each access."
  type        = bool
}

variable "enable_data_events" {
  description = "Whether CloudTrail records each read and write of an object."
  type        = bool
}

variable "log_retention_days" {
  description = "Days that access logs and data events are kept."
  type        = number
}

variable "deletion_protection" {
  description = "Whether the table of files is protected from deletion."
  type        = bool
}

variable "force_destroy" {
  description = "Whether terraform destroy deletes a bucket that holds objects."
  type        = bool
}

variable "kms_key" {
  description = "Key that encrypts bucket and table; null for AWS's own."
  type        = object({ arn = string })
  default     = null
}

variable "tags" {
  description = "Cost-allocation tags, over those of the provider."
  type        = map(string)
  default     = {}
}
