data "aws_partition" "current" {}

locals {
  name     = "ndjson-parquet-file-events-${var.environment}"
  dlq_name = "ndjson-parquet-dlq-${var.environment}"
  arn_base = "arn:${data.aws_partition.current.partition}:sqs:${var.region}:${var.account_id}"
  day      = 24 * 60 * 60
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = local.dlq_name
  message_retention_seconds = var.dlq_retention_days * local.day
  sqs_managed_sse_enabled   = true

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = ["${local.arn_base}:${local.name}"]
  })
}

# The policies stand inside the queue, with its ARN built from names: as resources of their own each costs 25 s of waiting.
resource "aws_sqs_queue" "file_events" {
  name                       = local.name
  visibility_timeout_seconds = var.visibility_timeout_seconds
  message_retention_seconds  = var.message_retention_days * local.day
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = var.max_receive_count
  })

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "InputBucketSendsEvents"
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = "${local.arn_base}:${local.name}"
      Condition = {
        ArnEquals    = { "aws:SourceArn" = var.input_bucket_arn }
        StringEquals = { "aws:SourceAccount" = var.account_id }
      }
    }]
  })
}

# No suffix filter: a file with a wrong extension must reach the function to be quarantined.
resource "aws_s3_bucket_notification" "landed" {
  bucket = var.input_bucket

  queue {
    id            = "landed-files"
    queue_arn     = aws_sqs_queue.file_events.arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = var.landing_prefix
  }
}
