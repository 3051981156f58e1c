variable "environment" {
  description = "Environment, the last part of every name."
  type        = string
}

variable "region" {
  description = "AWS region of the jobs."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the jobs."
  type        = string
}

variable "artifacts_dir" {
  description = "Folder that `make package` filled."
  type        = string

  validation {
    condition     = fileexists("${var.artifacts_dir}/glue/lake_master_data_merge.py")
    error_message = "artifacts_dir is '${var.artifacts_dir}', which has no glue/lake_master_data_merge.py; run make package, or name the folder that it filled."
  }
}

variable "libraries" {
  description = "Names of the zips, below glue/ of that folder, that the scripts import."
  type        = list(string)
}

variable "glue_version" {
  description = "Glue version; it fixes the versions of Spark and Python."
  type        = string
}

variable "worker_type" {
  description = "Glue worker type."
  type        = string
}

variable "number_of_workers" {
  description = "Workers per run, the driver's included."
  type        = number
}

variable "timeout_minutes" {
  description = "Minutes after which Glue ends a run."
  type        = number
}

variable "execution_class" {
  description = "STANDARD, or FLEX: cheaper, on spare capacity, and it may wait for it."
  type        = string
}

variable "enable_auto_scaling" {
  description = "Whether Glue takes workers away that a run does not need."
  type        = bool
}

variable "bucket_name" {
  description = "The lake's bucket."
  type        = string
}

variable "scripts_bucket" {
  description = "Bucket that the jobs' code is uploaded to."
  type        = object({ name = string, arn = string })
}

variable "tokens_secret_arn" {
  description = "ARN of the secret with the key of the tokens that replace personal data."
  type        = string
}

variable "kms_key" {
  description = "Key that encrypts what the jobs read and write, and their logs; null for AWS's own."
  type        = object({ arn = string })
  default     = null
}

variable "tags" {
  description = "Cost-allocation tags, over those of the provider."
  type        = map(string)
  default     = {}
}
