data "aws_partition" "current" {}

locals {
  dlq_name = "ndjson-parquet-stream-dlq-${var.environment}"
  dlq_arn  = "arn:${data.aws_partition.current.partition}:sqs:${var.region}:${var.account_id}:${local.dlq_name}"
}

module "function" {
  source = "../function"

  name        = "ndjson-parquet-stream-manifest-creator-${var.environment}"
  description = "Publishes the manifests that appear in the tracking table's stream."

  zip_path        = var.zip_path
  handler         = "stream_manifest_creator.handler.handler"
  timeout_seconds = var.timeout_seconds
  compute         = var.compute

  environment_variables = merge(var.settings, var.publishing.settings, {
    POWERTOOLS_SERVICE_NAME = "stream_manifest_creator"
  })

  statements = concat(var.publishing.statements, [
    {
      sid       = "ReadStream"
      actions   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
      resources = [var.stream_arn]
    },
    {
      sid       = "ReportDiscardedRecords"
      actions   = ["sqs:SendMessage"]
      resources = [local.dlq_arn]
    },
  ])
}

# Not the queue of file events' dead letters: those can be sent to the file-events queue again, these only say where in the
# stream a record stood. The sweep publishes the manifest.
resource "aws_sqs_queue" "dead_letters" {
  name                      = local.dlq_name
  message_retention_seconds = var.dlq_retention_days * 24 * 60 * 60
  sqs_managed_sse_enabled   = var.compute.kms_key == null ? true : null
  kms_master_key_id         = try(var.compute.kms_key.arn, null)

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "DenyPlainHttp"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = local.dlq_arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_lambda_event_source_mapping" "manifests" {
  event_source_arn = var.stream_arn
  function_name    = module.function.function_arn

  # From the oldest record the stream still has: what was sealed before the mapping stood is seen, and what was published before stays as it is.
  starting_position = "TRIM_HORIZON"

  batch_size                         = 10
  maximum_batching_window_in_seconds = 1
  function_response_types            = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = var.max_retry_attempts
  maximum_record_age_in_seconds      = var.max_record_age_seconds

  filter_criteria {
    filter {
      pattern = jsonencode({
        eventName = ["INSERT"]
        dynamodb = {
          Keys     = { file_key = { S = [{ prefix = "MANIFEST#" }] } }
          NewImage = { status = { S = ["pending"] } }
        }
      })
    }
  }

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.dead_letters.arn
    }
  }
}
