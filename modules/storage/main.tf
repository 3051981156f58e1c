data "aws_partition" "current" {}

locals {
  purposes  = toset(var.own_input_bucket ? ["input", "manifest", "output", "quarantine", "scripts"] : ["manifest", "output", "quarantine", "scripts"])
  names     = { for purpose in local.purposes : purpose => "ndjson-parquet-${purpose}-${var.environment}-${var.account_id}" }
  log_name  = "ndjson-parquet-access-logs-${var.environment}-${var.account_id}"
  versioned = setintersection(local.purposes, setunion(["input", "quarantine"], var.versioned_buckets))
  arns      = { for purpose, name in local.names : purpose => "arn:${data.aws_partition.current.partition}:s3:::${name}" }
  log_arn   = "arn:${data.aws_partition.current.partition}:s3:::${local.log_name}"

  other_logged_arns = [for name in var.other_logged_buckets : "arn:${data.aws_partition.current.partition}:s3:::${name}"]

  # The landing bucket's own window, and what somebody chose for the others: objects without one stay.
  retention_days = merge(var.retention_days, var.own_input_bucket ? { input = var.input_retention_days } : {})

  # A manifest pins the version of each file, so that an overwritten object is still converted as it was when it landed, and has
  # the same time for it; two bad files of one name are both kept.
  noncurrent_days = merge({ for purpose in local.versioned : purpose => var.noncurrent_version_days }, { input = var.input_retention_days })
}

module "bucket" {
  source   = "../bucket"
  for_each = local.purposes

  name                    = local.names[each.key]
  incomplete_upload_days  = var.incomplete_upload_days
  retention_days          = lookup(local.retention_days, each.key, null)
  noncurrent_version_days = contains(local.versioned, each.key) ? local.noncurrent_days[each.key] : null
  access_log              = var.enable_access_logs ? { bucket = module.access_logs[0].name, prefix = "${each.key}/" } : null
  kms_key                 = var.kms_key
  force_destroy           = var.force_destroy
}

# Who read and wrote what, when that is wanted. S3 delivers access logs to buckets with its own key alone.
module "access_logs" {
  source = "../bucket"
  count  = var.enable_access_logs ? 1 : 0

  name                   = local.log_name
  incomplete_upload_days = var.incomplete_upload_days
  retention_days         = var.access_log_retention_days
  force_destroy          = var.force_destroy

  policy_statements = [jsonencode({
    Sid       = "OurBucketsDeliverAccessLogs"
    Effect    = "Allow"
    Principal = { Service = "logging.s3.amazonaws.com" }
    Action    = "s3:PutObject"
    Resource  = "${local.log_arn}/*"
    Condition = {
      ArnEquals    = { "aws:SourceArn" = concat(values(local.arns), local.other_logged_arns) }
      StringEquals = { "aws:SourceAccount" = var.account_id }
    }
  })]
}
