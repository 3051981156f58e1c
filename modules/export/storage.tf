# What people upload and what they download. Nobody reads or writes it but through links that end by themselves.

locals {
  bucket_name = "ndjson-parquet-export-${var.environment}-${var.account_id}"
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:access logs are a flag
  #checkov:skip=CKV_AWS_21:each job has keys of its own, which nobody writes twice but to put the same there
  #checkov:skip=CKV_AWS_144:it holds copies for 30 days; who uploaded a file has it
  #checkov:skip=CKV_AWS_145:the customer-managed key is a flag; without it SSE-S3 applies
  #checkov:skip=CKV2_AWS_62:a conversion is started by its owner, not by an event
  bucket        = local.bucket_name
  force_destroy = var.force_destroy
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

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "DenyPlainHttp"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.bucket.arn, "${local.bucket.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
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

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.retention_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  # The provider wants to read the same rules many times over; three minutes, its default, are short on a busy machine.
  timeouts {
    create = "15m"
    update = "15m"
  }
}

# Only from the console's own address may a page send a file or read one.
resource "aws_s3_bucket_cors_configuration" "this" {
  count = var.allowed_origin == null ? 0 : 1

  bucket = aws_s3_bucket.this.id

  cors_rule {
    allowed_origins = [var.allowed_origin]
    allowed_methods = ["GET", "POST"]
    allowed_headers = ["*"]
    expose_headers  = ["ETag"]
    max_age_seconds = 600
  }
}

resource "aws_s3_bucket_logging" "this" {
  count = var.access_log_bucket == null ? 0 : 1

  bucket        = aws_s3_bucket.this.id
  target_bucket = var.access_log_bucket
  target_prefix = "export/"
}
