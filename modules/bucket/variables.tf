variable "name" {
  description = "Name of the bucket, unique among all of AWS."
  type        = string
}

variable "policy_statements" {
  description = "What the bucket's policy says beside refusing plain HTTP: a statement each, as JSON."
  type        = list(string)
  default     = []
}

variable "incomplete_upload_days" {
  description = "Days after which an unfinished multipart upload is removed: far longer than any upload may take."
  type        = number
  default     = 3
}

variable "retention_days" {
  description = "Days after which an object is deleted; null for never."
  type        = number
  default     = null
}

variable "folder_retention_days" {
  description = "The same by folder, the first part of the key, for folders of different ages."
  type        = map(number)
  default     = {}
}

variable "cheaper_storage" {
  description = "Days after which the objects of a folder move to S3 Standard-IA and to Glacier Instant Retrieval; null for never."
  type        = map(object({ infrequent_days = optional(number), archive_days = optional(number) }))
  default     = {}
}

variable "noncurrent_version_days" {
  description = "Days for which an earlier version of an object stays; null for a bucket without versions."
  type        = number
  default     = null
}

variable "access_log" {
  description = "Bucket and prefix at which S3 writes down each access; null for no such log."
  type        = object({ bucket = string, prefix = string })
  default     = null
}

variable "kms_key" {
  description = "Key that encrypts the objects; null for S3's own."
  type        = object({ arn = string })
  default     = null
}

variable "force_destroy" {
  description = "Whether `terraform destroy` also deletes the objects in the bucket."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Cost-allocation tags, over those of the provider."
  type        = map(string)
  default     = {}
}
