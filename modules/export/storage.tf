# What people upload and what they download. Nobody reads or writes it but through links that end by themselves.

locals {
  bucket = { name = module.bucket.name, arn = module.bucket.arn }
}

module "bucket" {
  source = "../bucket"

  name                   = "ndjson-parquet-export-${var.environment}-${var.account_id}"
  incomplete_upload_days = 1
  retention_days         = var.retention_days
  access_log             = var.access_log_bucket == null ? null : { bucket = var.access_log_bucket, prefix = "export/" }
  kms_key                = var.kms_key
  force_destroy          = var.force_destroy
}

# Only from the console's own address may a page send a file or read one.
resource "aws_s3_bucket_cors_configuration" "this" {
  count = var.allowed_origin == null ? 0 : 1

  bucket = local.bucket.name

  cors_rule {
    allowed_origins = [var.allowed_origin]
    allowed_methods = ["GET", "POST"]
    allowed_headers = ["*"]
    expose_headers  = ["ETag"]
    max_age_seconds = 600
  }
}
