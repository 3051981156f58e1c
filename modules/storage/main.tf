locals {
  purposes = toset(["input", "manifest", "output", "quarantine", "scripts"])
}

resource "aws_s3_bucket" "this" {
  for_each = local.purposes

  bucket        = "ndjson-parquet-${each.key}-${var.environment}-${var.account_id}"
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

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# A manifest pins the version of each file, so that an overwritten object is still converted as it was when it landed; two bad
# files of one name are both kept.
resource "aws_s3_bucket_versioning" "this" {
  for_each = toset(["input", "quarantine"])

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
    for_each = each.key == "input" ? [1] : []

    content {
      id     = "expire-landed-files"
      status = "Enabled"

      filter {}

      expiration {
        days = var.input_retention_days
      }

      # An overwritten version is a file of its own and has the same time to be converted.
      noncurrent_version_expiration {
        noncurrent_days = var.input_retention_days
      }
    }
  }

  dynamic "rule" {
    for_each = each.key == "input" ? [1] : []

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
}
