variable "environment" {
  description = "Environment, the last part of every name."
  type        = string
}

variable "region" {
  description = "AWS region of the job and the catalog."
  type        = string
}

variable "account_id" {
  description = "AWS account id of the job and the catalog."
  type        = string
}

variable "script_path" {
  description = "Path of the Spark job's script."
  type        = string
}

variable "library_path" {
  description = "Path of the zip of the packages the script imports."
  type        = string
}

variable "wheel_paths" {
  description = "Paths of the wheels of what Glue does not have, for its Python and platform; they may be none."
  type        = list(string)
}

variable "glue_version" {
  description = "Glue version; it fixes the versions of Spark, Python and pyarrow."
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

variable "max_concurrent_runs" {
  description = "Runs of the job at once."
  type        = number
}

variable "timeout_minutes" {
  description = "Minutes after which Glue ends a run."
  type        = number
}

variable "max_reject_percent" {
  description = "Percentage of rejected lines above which a run fails and commits nothing."
  type        = number
}

variable "max_columns" {
  description = "Keys that become columns; the rest goes to _overflow."
  type        = number
}

variable "on_duplicate_key" {
  description = "What a key that occurs twice in one object means: reject or last."
  type        = string
}

variable "projection_start_date" {
  description = "First date that Athena looks for."
  type        = string
}

variable "input_bucket" {
  description = "Bucket that files land in."
  type        = object({ name = string, arn = string })
}

variable "manifest_bucket" {
  description = "Bucket of manifests, commit records and run reports."
  type        = object({ name = string, arn = string })
}

variable "output_bucket" {
  description = "Bucket that the Parquet goes to."
  type        = object({ name = string, arn = string })
}

variable "quarantine_bucket" {
  description = "Bucket that rejected lines go to."
  type        = object({ name = string, arn = string })
}

variable "scripts_bucket" {
  description = "Bucket that the job's code is uploaded to."
  type        = object({ name = string, arn = string })
}
