module "function" {
  source = "../function"

  name        = "ndjson-parquet-batch-status-updater-${var.environment}"
  description = "Writes the outcome of a conversion to the files of its manifest."

  zip_path        = var.zip_path
  handler         = "status_updater.handler.handler"
  timeout_seconds = var.timeout_seconds
  compute         = var.compute

  environment_variables = merge(var.settings, {
    POWERTOOLS_SERVICE_NAME = "status_updater"
    MANIFEST_BUCKET         = var.manifest_bucket.name
    METRICS_TABLE           = var.metrics_table.name
    TRACKING_TABLE          = var.tracking_table.name
  })

  statements = [
    {
      sid       = "UpdateFilesAndManifest"
      actions   = ["dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:PartiQLUpdate"]
      resources = [var.tracking_table.arn]
    },
    {
      sid       = "RecordExecutions"
      actions   = ["dynamodb:PutItem"]
      resources = [var.metrics_table.arn]
    },
    {
      sid       = "ReadManifestAndCommit"
      actions   = ["s3:GetObject"]
      resources = ["${var.manifest_bucket.arn}/manifests/*", "${var.manifest_bucket.arn}/commits/*"]
    },
    {
      # Without it S3 answers 403 instead of 404 for an object that is not there.
      sid       = "LearnThatAnObjectIsAbsent"
      actions   = ["s3:ListBucket"]
      resources = [var.manifest_bucket.arn]
    },
  ]
}
