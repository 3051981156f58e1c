module "function" {
  source = "../function"

  name        = "ndjson-parquet-manifest-builder-${var.environment}"
  description = "Validates and tracks landed files, seals batches of them and starts their conversion."

  zip_path        = var.zip_path
  handler         = "manifest_builder.handler.handler"
  timeout_seconds = var.timeout_seconds
  compute         = var.compute

  environment_variables = merge(var.settings, var.publishing.settings, {
    POWERTOOLS_SERVICE_NAME = "manifest_builder"
    QUARANTINE_BUCKET       = var.quarantine_bucket.name
  })

  statements = concat(var.publishing.statements, [
    {
      sid       = "ConsumeFileEvents"
      actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
      resources = [var.queue_arn]
    },
    {
      # The tags too: S3 refuses to copy a tagged object to somebody who may not read them.
      sid       = "ReadLandedFiles"
      actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging", "s3:GetObjectVersionTagging"]
      resources = ["${var.input_bucket.arn}/${var.landing_prefix}*"]
    },
    {
      sid       = "QuarantineFiles"
      actions   = ["s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload"]
      resources = ["${var.quarantine_bucket.arn}/files/*"]
    },
    {
      # Without it S3 answers 403 instead of 404 for a file that is gone.
      sid       = "LearnThatAFileIsGone"
      actions   = ["s3:ListBucket"]
      resources = [var.input_bucket.arn]
    },
  ])
}

resource "aws_lambda_event_source_mapping" "file_events" {
  event_source_arn                   = var.queue_arn
  function_name                      = module.function.function_arn
  batch_size                         = var.batch_size
  maximum_batching_window_in_seconds = var.batching_window_seconds > 0 ? var.batching_window_seconds : null
  function_response_types            = ["ReportBatchItemFailures"]

  # Limits the polling itself: reserved concurrency would let throttled receives push good messages to the dead-letter queue.
  scaling_config {
    maximum_concurrency = var.max_concurrency
  }
}
