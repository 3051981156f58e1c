data "aws_partition" "current" {}

locals {
  name     = "ndjson-parquet-lake-${var.environment}-${var.account_id}"
  arn      = "arn:${data.aws_partition.current.partition}:s3:::${local.name}"
  log_name = "ndjson-parquet-lake-logs-${var.environment}-${var.account_id}"
  log_arn  = "arn:${data.aws_partition.current.partition}:s3:::${local.log_name}"
  has_logs = var.enable_access_logs || var.enable_data_events
}

# A replaced partition can be fetched back for as long as its earlier versions stay.
module "bucket" {
  source = "../bucket"

  name                    = local.name
  folder_retention_days   = var.retention_days
  cheaper_storage         = var.cheaper_storage
  noncurrent_version_days = var.noncurrent_version_days
  access_log              = var.enable_access_logs ? { bucket = module.logs[0].name, prefix = "access/" } : null
  kms_key                 = var.kms_key
  force_destroy           = var.force_destroy
  tags                    = var.tags

  # What landed stays: a producer's overwrite is a new version, and nobody takes a file out of raw but who erases what a person
  # has asked to be forgotten. Lifecycle rules are not held back by a policy.
  policy_statements = [jsonencode({
    Sid       = "WhatLandedStays"
    Effect    = "Deny"
    Principal = "*"
    Action    = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
    Resource  = "${local.arn}/raw/*"
    Condition = { ArnNotEquals = { "aws:PrincipalArn" = coalescelist(var.eraser_role_arns, ["arn:${data.aws_partition.current.partition}:iam::${var.account_id}:role/nobody"]) } }
  })]
}

# The file that says that a day's files are all there starts the day's run.
resource "aws_s3_bucket_notification" "this" {
  bucket      = module.bucket.name
  eventbridge = true
}

# What became of each raw file, and which execution has which date.
resource "aws_dynamodb_table" "files" {
  #checkov:skip=CKV_AWS_119:the customer-managed key is a flag; without it DynamoDB's own encryption applies
  name                        = "ndjson-parquet-lake-files-${var.environment}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "dataset"
  range_key                   = "file_key"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "dataset"
    type = "S"
  }

  attribute {
    name = "file_key"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = var.kms_key != null
    kms_key_arn = try(var.kms_key.arn, null)
  }

  tags = var.tags
}
