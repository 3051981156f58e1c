# Who read and wrote what, when that is wanted: S3's access logs, and CloudTrail's data events.

resource "aws_s3_bucket" "logs" {
  count = local.has_logs ? 1 : 0

  #checkov:skip=CKV_AWS_18:this is where the logs go; logging it into itself would never end
  #checkov:skip=CKV_AWS_21:neither S3 nor CloudTrail writes one log object twice
  #checkov:skip=CKV_AWS_144:a second region is the owner's decision
  #checkov:skip=CKV_AWS_145:S3 delivers access logs to buckets with SSE-S3
  #checkov:skip=CKV2_AWS_62:nobody waits for an access log
  bucket        = local.log_name
  force_destroy = var.force_destroy

  tags = var.tags
}

resource "aws_s3_bucket_public_access_block" "logs" {
  count = local.has_logs ? 1 : 0

  bucket                  = aws_s3_bucket.logs[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  count = local.has_logs ? 1 : 0

  bucket = aws_s3_bucket.logs[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  count = local.has_logs ? 1 : 0

  bucket = aws_s3_bucket.logs[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  count = local.has_logs ? 1 : 0

  bucket = aws_s3_bucket.logs[0].id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.log_retention_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }

  # The provider wants to read the same rules many times over; three minutes, its default, are short on a busy machine.
  timeouts {
    create = "15m"
    update = "15m"
  }
}

resource "aws_s3_bucket_policy" "logs" {
  count = local.has_logs ? 1 : 0

  bucket = aws_s3_bucket.logs[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.log_arn, "${local.log_arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "TheLakeDeliversAccessLogs"
        Effect    = "Allow"
        Principal = { Service = "logging.s3.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${local.log_arn}/access/*"
        Condition = { ArnEquals = { "aws:SourceArn" = local.arn }, StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
      {
        Sid       = "CloudTrailLooks"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:GetBucketAcl"
        Resource  = local.log_arn
        Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
      },
      {
        Sid       = "CloudTrailDelivers"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${local.log_arn}/data-events/AWSLogs/${var.account_id}/*"
        Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.logs]
}

resource "aws_s3_bucket_logging" "this" {
  count = var.enable_access_logs ? 1 : 0

  bucket        = aws_s3_bucket.this.id
  target_bucket = aws_s3_bucket.logs[0].id
  target_prefix = "access/"

  depends_on = [aws_s3_bucket_policy.logs]
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
  s3_bucket_name                = aws_s3_bucket.logs[0].id
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

  depends_on = [aws_s3_bucket_policy.logs]
}
