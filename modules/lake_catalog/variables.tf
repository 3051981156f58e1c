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
  description = "The tables as src/ndjson_parquet_lake declares them; prefix is the table's folder in the bucket, with a slash at its end."
  type = list(object({
    zone        = string
    name        = string
    description = string
    format      = string
    prefix      = string
    partition   = object({ name = string, type = string })
    columns     = list(object({ name = string, type = string, comment = optional(string) }))
  }))

  validation {
    condition     = alltrue([for table in var.tables : contains(["raw", "processed", "curated"], table.zone) && contains(["parquet", "csv", "json"], table.format)])
    error_message = "tables hold a zone or format that there is not; allowed are the zones raw, processed and curated and the formats parquet, csv and json."
  }
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
