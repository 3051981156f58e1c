# Who read and wrote what, when that is wanted: S3's access logs, and CloudTrail's data events.

module "logs" {
  source = "../bucket"
  count  = local.has_logs ? 1 : 0

  name           = local.log_name
  retention_days = var.log_retention_days
  force_destroy  = var.force_destroy
  tags           = var.tags

  policy_statements = [
    jsonencode({
      Sid       = "TheLakeDeliversAccessLogs"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.log_arn}/access/*"
      Condition = { ArnEquals = { "aws:SourceArn" = local.arn }, StringEquals = { "aws:SourceAccount" = var.account_id } }
    }),
    jsonencode({
      Sid       = "CloudTrailLooks"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:GetBucketAcl"
      Resource  = local.log_arn
      Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
    }),
    jsonencode({
      Sid       = "CloudTrailDelivers"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "${local.log_arn}/data-events/AWSLogs/${var.account_id}/*"
      Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
    }),
  ]
}

locals {
  trail_name = "ndjson-parquet-lake-${var.environment}"
  trail_arn  = "arn:${data.aws_partition.current.partition}:cloudtrail:${var.region}:${var.account_id}:trail/${local.trail_name}"
}

# Each read and write of an object, by whom: the record that an auditor asks for. It costs by the event.
resource "aws_cloudtrail" "data_events" {
  count = var.enable_data_events ? 1 : 0

  #checkov:skip=CKV_AWS_35:the bucket's own encryption applies, as to access logs
  #checkov:skip=CKV_AWS_67:the lake is in one region
  #checkov:skip=CKV_AWS_252:nobody is woken by a log file
  #checkov:skip=CKV2_AWS_10:what is queried is in S3; CloudWatch would store it twice
  name                          = local.trail_name
  s3_bucket_name                = module.logs[0].name
  s3_key_prefix                 = "data-events"
  enable_log_file_validation    = true
  include_global_service_events = false

  advanced_event_selector {
    name = "Objects of the lake"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }

    field_selector {
      field       = "resources.ARN"
      starts_with = ["${local.arn}/"]
    }
  }

  tags = var.tags
}
