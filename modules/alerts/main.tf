data "aws_partition" "current" {}

locals {
  name = "ndjson-parquet-alerts-${var.environment}"
  arn  = "arn:${data.aws_partition.current.partition}:sns:${var.region}:${var.account_id}:${local.name}"
}

resource "aws_sns_topic" "this" {
  #checkov:skip=CKV_AWS_26:AWS's own key for SNS shuts CloudWatch's alarms out; with the key's flag the topic is encrypted by it
  name              = local.name
  kms_master_key_id = try(var.kms_key.arn, null)
}

# The processor publishes with its role; alarms have none.
resource "aws_sns_topic_policy" "this" {
  arn = aws_sns_topic.this.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AlarmsOfThisAccountPublish"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.arn
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = local.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "email" {
  count = var.email == null ? 0 : 1

  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = var.email
}
