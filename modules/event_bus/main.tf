data "aws_partition" "current" {}

locals {
  bus_name  = "ndjson-parquet-etl-${var.environment}"
  rule_name = "ndjson-parquet-manifest-ready-${var.environment}"
  dlq_name  = "ndjson-parquet-events-dlq-${var.environment}"
  partition = data.aws_partition.current.partition
  rule_arn  = "arn:${local.partition}:events:${var.region}:${var.account_id}:rule/${local.bus_name}/${local.rule_name}"
  dlq_arn   = "arn:${local.partition}:sqs:${var.region}:${var.account_id}:${local.dlq_name}"
}

# Bus, rule and target outlive the update of those who put events: create_before_destroy is Terraform's way to say so.

resource "aws_cloudwatch_event_bus" "this" {
  name = local.bus_name

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_event_rule" "manifest_ready" {
  name           = local.rule_name
  description    = "Starts the conversion of a manifest that is ready."
  event_bus_name = aws_cloudwatch_event_bus.this.name

  event_pattern = jsonencode({
    source      = ["ndjson-parquet"]
    detail-type = ["ManifestReady"]
  })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_event_target" "processor" {
  rule           = aws_cloudwatch_event_rule.manifest_ready.name
  event_bus_name = aws_cloudwatch_event_bus.this.name
  arn            = var.state_machine_arn
  role_arn       = aws_iam_role.this.arn
  input_path     = "$.detail"

  # The age decides: what an hour of throttling outlasts is the sweep's to start.
  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }

  depends_on = [aws_iam_role_policy.this]

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role" "this" {
  name        = local.rule_name
  description = "What the rule ${local.rule_name} may do."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id }, ArnEquals = { "aws:SourceArn" = local.rule_arn } }
    }]
  })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_iam_role_policy" "this" {
  name = "least-privilege"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "StartConversions"
      Effect   = "Allow"
      Action   = ["states:StartExecution"]
      Resource = [var.state_machine_arn]
    }]
  })

  lifecycle {
    create_before_destroy = true
  }
}

# EventBridge sends with no role: the queue's policy lets this rule in, named by an ARN built from names, and nobody else.
resource "aws_sqs_queue" "dead_letters" {
  name                      = local.dlq_name
  message_retention_seconds = var.dlq_retention_days * 24 * 60 * 60
  sqs_managed_sse_enabled   = var.kms_key == null ? true : null
  kms_master_key_id         = try(var.kms_key.arn, null)

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RuleSendsDeadLetters"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = local.dlq_arn
      Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arn } }
      }, {
      Sid       = "DenyPlainHttp"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = local.dlq_arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  lifecycle {
    create_before_destroy = true
  }
}
