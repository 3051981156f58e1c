variable "environment" {
  description = "Environment, the last part of every name."
  type        = string
}

variable "region" {
  description = "AWS region of the catalog."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the catalog."
  type        = string
}

variable "bucket_name" {
  description = "The lake's bucket."
  type        = string
}

variable "tables" {
  description = "The tables as src/ndjson_parquet_lake declares them; prefix is the table's folder in the bucket, with a slash at its end; datasets are the values of a first partition key, dataset, where there is one."
  type = list(object({
    zone        = string
    name        = string
    description = string
    format      = string
    prefix      = string
    datasets    = list(string)
    partition   = object({ name = string, type = string })
    columns     = list(object({ name = string, type = string, comment = optional(string) }))
  }))
}

variable "datasets" {
  description = "Names of what lands, each a folder below raw/."
  type        = list(string)
}

variable "projection_start_date" {
  description = "First date that Athena looks for."
  type        = string
}

variable "enable_crawlers" {
  description = "Whether crawlers look at the raw files of each dataset."
  type        = bool
}

variable "kms_key" {
  description = "Key that encrypts the bucket; null for AWS's own."
  type        = object({ arn = string })
  default     = null
}

variable "tags" {
  description = "Cost-allocation tags, over those of the provider."
  type        = map(string)
  default     = {}
}
