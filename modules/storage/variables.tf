variable "environment" {
  description = "Environment, the last part of every name."
  type        = string
}

variable "account_id" {
  description = "AWS account id, which makes the bucket names unique."
  type        = string
}

variable "input_retention_days" {
  description = "Days after which a landed file, or a version of it that was overwritten, is deleted."
  type        = number
}

variable "incomplete_upload_days" {
  description = "Days after which an unfinished multipart upload is removed: far longer than a conversion may take."
  type        = number
  default     = 3
}

variable "force_destroy" {
  description = "Whether `terraform destroy` also deletes the objects in the buckets."
  type        = bool
}
