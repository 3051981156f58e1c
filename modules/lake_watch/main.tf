data "aws_partition" "current" {}

locals {
  arn_prefix = "arn:${data.aws_partition.current.partition}"
  service    = "ndjson-parquet-${var.environment}"
  namespace  = "NdjsonParquet"
  topics     = toset(["pipeline-alerts", "data-quality-alerts", "cost-alerts"])
  names      = { for topic in local.topics : topic => "ndjson-parquet-lake-${topic}-${var.environment}" }
  arns       = { for topic, name in local.names : topic => "${local.arn_prefix}:sns:${var.region}:${var.account_id}:${name}" }

  # Besides the run itself, which has a role: alarms, and for money what watches the bill.
  senders = {
    pipeline-alerts     = ["cloudwatch.amazonaws.com"]
    data-quality-alerts = ["cloudwatch.amazonaws.com"]
    cost-alerts         = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com", "costalerts.amazonaws.com"]
  }
}

resource "aws_sns_topic" "this" {
  for_each = local.topics

  #checkov:skip=CKV_AWS_26:AWS's own key for SNS shuts CloudWatch's alarms out; with the key's flag the topic is encrypted by it
  name              = local.names[each.key]
  kms_master_key_id = try(var.kms_key.arn, null)

  tags = var.tags
}

resource "aws_sns_topic_policy" "this" {
  for_each = local.topics

  arn = aws_sns_topic.this[each.key].arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "ServicesOfThisAccountPublish"
        Effect    = "Allow"
        Principal = { Service = local.senders[each.key] }
        Action    = "sns:Publish"
        Resource  = local.arns[each.key]
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = local.arns[each.key]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.email == null ? toset([]) : local.topics

  topic_arn = aws_sns_topic.this[each.key].arn
  protocol  = "email"
  endpoint  = var.email
}

# All that AWS bills under the lake's tag, hours later; the alarm on cost counts Glue and Athena as runs end.
resource "aws_budgets_budget" "daily" {
  name         = "ndjson-parquet-lake-daily-${var.environment}"
  budget_type  = "COST"
  time_unit    = "DAILY"
  limit_amount = tostring(var.daily_budget_usd)
  limit_unit   = "USD"

  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:service$%s", "ndjson-parquet-lake-${var.environment}")]
  }

  notification {
    notification_type         = "ACTUAL"
    comparison_operator       = "GREATER_THAN"
    threshold                 = 100
    threshold_type            = "PERCENTAGE"
    subscriber_sns_topic_arns = [aws_sns_topic.this["cost-alerts"].arn]
  }

  depends_on = [aws_sns_topic_policy.this]
}

resource "aws_ce_anomaly_monitor" "this" {
  count = var.enable_cost_anomalies ? 1 : 0

  name         = "ndjson-parquet-lake-${var.environment}"
  monitor_type = "CUSTOM"

  monitor_specification = jsonencode({
    And            = null
    CostCategories = null
    Dimensions     = null
    Not            = null
    Or             = null
    Tags           = { Key = "user:service", Values = ["ndjson-parquet-lake-${var.environment}"], MatchOptions = null }
  })
}

resource "aws_ce_anomaly_subscription" "this" {
  count = var.enable_cost_anomalies ? 1 : 0

  name             = "ndjson-parquet-lake-${var.environment}"
  frequency        = "IMMEDIATE"
  monitor_arn_list = [aws_ce_anomaly_monitor.this[0].arn]

  subscriber {
    type    = "SNS"
    address = aws_sns_topic.this["cost-alerts"].arn
  }

  # A tenth of a day's budget over what was to be expected.
  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = [tostring(var.daily_budget_usd / 10)]
    }
  }

  depends_on = [aws_sns_topic_policy.this]
}
