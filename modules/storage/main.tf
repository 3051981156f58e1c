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

  # A landed file that was overwritten is a file of its own, and has the same time to be converted.
  noncurrent_days = merge({ for purpose in local.versioned : purpose => var.noncurrent_version_days }, { input = var.input_retention_days })
}

resource "aws_s3_bucket" "this" {
  for_each = local.purposes

  #checkov:skip=CKV_AWS_18:access logs are a flag
  #checkov:skip=CKV_AWS_21:input and quarantine are versioned, whose names others choose; in the rest a retry writes the same bytes again, and versioning is a setting
  #checkov:skip=CKV_AWS_144:a second region is the owner's decision; until it is converted the producer has the file
  #checkov:skip=CKV_AWS_145:the customer-managed key is a flag; without it SSE-S3 applies
  #checkov:skip=CKV2_AWS_62:events are of use for the landing bucket alone, which has them
  bucket        = local.names[each.key]
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = aws_s3_bucket.this

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "DenyPlainHttp"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.arns[each.key], "${local.arns[each.key]}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  # S3 refuses two changes of one bucket's access at once.
  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    bucket_key_enabled = var.kms_key == null ? null : true

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key == null ? "AES256" : "aws:kms"
      kms_master_key_id = try(var.kms_key.arn, null)
    }
  }
}

# A manifest pins the version of each file, so that an overwritten object is still converted as it was when it landed; two bad
# files of one name are both kept.
resource "aws_s3_bucket_versioning" "this" {
  for_each = local.versioned

  bucket = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    id     = "abort-incomplete-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = var.incomplete_upload_days
    }
  }

  dynamic "rule" {
    for_each = lookup(local.retention_days, each.key, null)[*]

    content {
      id     = each.key == "input" ? "expire-landed-files" : "expire"
      status = "Enabled"

      filter {}

      expiration {
        days = rule.value
      }
    }
  }

  dynamic "rule" {
    for_each = contains(local.versioned, each.key) ? [local.noncurrent_days[each.key]] : []

    content {
      id     = "expire-earlier-versions"
      status = "Enabled"

      filter {}

      noncurrent_version_expiration {
        noncurrent_days = rule.value
      }
    }
  }

  dynamic "rule" {
    for_each = contains(local.versioned, each.key) ? [1] : []

    content {
      id     = "remove-expired-delete-markers"
      status = "Enabled"

      filter {}

      expiration {
        expired_object_delete_marker = true
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]

  # The provider wants to read the same rules many times over; three minutes, its default, are short on a busy machine.
  timeouts {
    create = "15m"
    update = "15m"
  }
}

# Who read and wrote what, when that is wanted.

resource "aws_s3_bucket" "access_logs" {
  count = var.enable_access_logs ? 1 : 0

  #checkov:skip=CKV_AWS_18:this is where the logs go; logging it into itself would never end
  #checkov:skip=CKV_AWS_21:S3 never writes one log object twice
  #checkov:skip=CKV_AWS_144:a second region is the owner's decision
  #checkov:skip=CKV_AWS_145:S3 delivers access logs to buckets with SSE-S3
  #checkov:skip=CKV2_AWS_62:nobody waits for an access log
  bucket        = local.log_name
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_public_access_block" "access_logs" {
  count = var.enable_access_logs ? 1 : 0

  bucket                  = aws_s3_bucket.access_logs[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "access_logs" {
  count = var.enable_access_logs ? 1 : 0

  bucket = aws_s3_bucket.access_logs[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "access_logs" {
  count = var.enable_access_logs ? 1 : 0

  bucket = aws_s3_bucket.access_logs[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "access_logs" {
  count = var.enable_access_logs ? 1 : 0

  bucket = aws_s3_bucket.access_logs[0].id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.access_log_retention_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = var.incomplete_upload_days
    }
  }

  # The provider wants to read the same rules many times over; three minutes, its default, are short on a busy machine.
  timeouts {
    create = "15m"
    update = "15m"
  }
}

resource "aws_s3_bucket_policy" "access_logs" {
  count = var.enable_access_logs ? 1 : 0

  bucket = aws_s3_bucket.access_logs[0].id

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
        Sid       = "OurBucketsDeliverAccessLogs"
        Effect    = "Allow"
        Principal = { Service = "logging.s3.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${local.log_arn}/*"
        Condition = {
          ArnEquals    = { "aws:SourceArn" = concat(values(local.arns), local.other_logged_arns) }
          StringEquals = { "aws:SourceAccount" = var.account_id }
        }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.access_logs]
}

resource "aws_s3_bucket_logging" "this" {
  for_each = var.enable_access_logs ? aws_s3_bucket.this : {}

  bucket        = each.value.id
  target_bucket = aws_s3_bucket.access_logs[0].id
  target_prefix = "${each.key}/"

  depends_on = [aws_s3_bucket_policy.access_logs]
}
