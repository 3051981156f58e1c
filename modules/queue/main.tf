data "aws_partition" "current" {}

locals {
  is_eventbridge = var.delivery == "eventbridge"

  name     = "ndjson-parquet-file-events-${var.environment}"
  dlq_name = "ndjson-parquet-dlq-${var.environment}"
  arn_base = "arn:${data.aws_partition.current.partition}:sqs:${var.region}:${var.account_id}"
  day      = 24 * 60 * 60

  # Named, not referenced: the rule's target needs the queue, and the queue's policy the rule.
  rule_name = "ndjson-parquet-landed-${var.environment}"
  rule_arn  = "arn:${data.aws_partition.current.partition}:events:${var.region}:${var.account_id}:rule/${local.rule_name}"

  sender = local.is_eventbridge ? {
    sid     = "LandingRuleSendsEvents"
    service = "events.amazonaws.com"
    source  = local.rule_arn
    } : {
    sid     = "InputBucketSendsEvents"
    service = "s3.amazonaws.com"
    source  = var.input_bucket.arn
  }
  deny_plain_http = { for name in [local.name, local.dlq_name] : name => {
    Sid       = "DenyPlainHttp"
    Effect    = "Deny"
    Principal = "*"
    Action    = "sqs:*"
    Resource  = "${local.arn_base}:${name}"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  } }
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = local.dlq_name
  message_retention_seconds = var.dlq_retention_days * local.day
  sqs_managed_sse_enabled   = var.kms_key == null ? true : null
  kms_master_key_id         = try(var.kms_key.arn, null)

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([local.deny_plain_http[local.dlq_name]], local.is_eventbridge ? [{
      Sid       = "LandingRuleSendsDeadLetters"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = "${local.arn_base}:${local.dlq_name}"
      Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arn } }
    }] : [])
  })

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
  sqs_managed_sse_enabled    = var.kms_key == null ? true : null
  kms_master_key_id          = try(var.kms_key.arn, null)

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = var.max_receive_count
  })

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = local.sender.sid
        Effect    = "Allow"
        Principal = { Service = local.sender.service }
        Action    = "sqs:SendMessage"
        Resource  = "${local.arn_base}:${local.name}"
        Condition = merge(
          { ArnEquals = { "aws:SourceArn" = local.sender.source } },
          # The ARN of a rule has the account in it, that of a bucket has not.
          local.is_eventbridge ? {} : { StringEquals = { "aws:SourceAccount" = var.account_id } },
        )
      },
      local.deny_plain_http[local.name],
    ]
  })
}

# No suffix filter: a file with a wrong extension must reach the function to be quarantined.
resource "aws_s3_bucket_notification" "landed" {
  count = local.is_eventbridge ? 0 : 1

  bucket = var.input_bucket.name

  queue {
    id            = "landed-files"
    queue_arn     = aws_sqs_queue.file_events.arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = var.landing_prefix
  }
}

# A bucket that others use too: its notification configuration would be replaced as a whole, so its events come from the default bus.
resource "aws_cloudwatch_event_rule" "landed" {
  count = local.is_eventbridge ? 1 : 0

  name        = local.rule_name
  description = "Files that land in ${var.input_bucket.name}."

  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = [var.input_bucket.name] }
      object = { key = [{ prefix = var.landing_prefix }] }
    }
  })
}

resource "aws_cloudwatch_event_target" "landed" {
  count = local.is_eventbridge ? 1 : 0

  rule = aws_cloudwatch_event_rule.landed[0].name
  arn  = aws_sqs_queue.file_events.arn

  # What EventBridge cannot deliver within a day is a dead letter like any other: sent to the first queue again, it is taken.
  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}
