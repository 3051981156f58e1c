data "aws_partition" "current" {}

locals {
  name     = "ndjson-parquet-lake-${var.environment}-${var.account_id}"
  arn      = "arn:${data.aws_partition.current.partition}:s3:::${local.name}"
  log_name = "ndjson-parquet-lake-logs-${var.environment}-${var.account_id}"
  log_arn  = "arn:${data.aws_partition.current.partition}:s3:::${local.log_name}"
  has_logs = var.enable_access_logs || var.enable_data_events
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:access logs are a flag
  #checkov:skip=CKV_AWS_144:a second region is the owner's decision
  #checkov:skip=CKV_AWS_145:the customer-managed key is a flag; without it SSE-S3 applies
  bucket        = local.name
  force_destroy = var.force_destroy

  tags = var.tags
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# What landed stays: a producer's overwrite is a new version, and nobody takes a file out of raw but who erases what a person has
# asked to be forgotten. Lifecycle rules are not held back by a policy.
resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.arn, "${local.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "WhatLandedStays"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
        Resource  = "${local.arn}/raw/*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = coalescelist(var.eraser_role_arns, ["arn:${data.aws_partition.current.partition}:iam::${var.account_id}:role/nobody"]) } }
      },
    ]
  })

  # S3 refuses two changes of one bucket's access at once.
  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    bucket_key_enabled = var.kms_key == null ? null : true

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key == null ? "AES256" : "aws:kms"
      kms_master_key_id = try(var.kms_key.arn, null)
    }
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

# The file that says that a day's files are all there starts the day's run.
resource "aws_s3_bucket_notification" "this" {
  bucket      = aws_s3_bucket.this.id
  eventbridge = true
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "abort-incomplete-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }

  # Objects below 128 KB stay where they are: S3 does not move them.
  dynamic "rule" {
    for_each = var.cheaper_storage

    content {
      id     = "cheaper-${rule.key}"
      status = "Enabled"

      filter {
        prefix = "${rule.key}/"
      }

      dynamic "transition" {
        for_each = rule.value.infrequent_days[*]

        content {
          days          = transition.value
          storage_class = "STANDARD_IA"
        }
      }

      dynamic "transition" {
        for_each = rule.value.archive_days[*]

        content {
          days          = transition.value
          storage_class = "GLACIER_IR"
        }
      }
    }
  }

  dynamic "rule" {
    for_each = var.retention_days

    content {
      id     = "expire-${rule.key}"
      status = "Enabled"

      filter {
        prefix = "${rule.key}/"
      }

      expiration {
        days = rule.value
      }
    }
  }

  # A replaced partition can be fetched back for as long; then it is gone.
  rule {
    id     = "expire-earlier-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_version_days
    }
  }

  rule {
    id     = "remove-expired-delete-markers"
    status = "Enabled"

    filter {}

    expiration {
      expired_object_delete_marker = true
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]

  # The provider wants to read the same rules many times over; three minutes, its default, are short on a busy machine.
  timeouts {
    create = "15m"
    update = "15m"
  }
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
