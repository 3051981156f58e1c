data "aws_partition" "current" {}

locals {
  arn_prefix = "arn:${data.aws_partition.current.partition}"
}

resource "aws_kms_key" "this" {
  description             = "Everything that ndjson-parquet keeps in ${var.environment}."
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_window_days

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # Leaves the decision to IAM: the roles of the pipeline are named in their own policies.
        Sid       = "AccountDecidesByIam"
        Effect    = "Allow"
        Principal = { AWS = "${local.arn_prefix}:iam::${var.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "LogGroupsOfThePipeline"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Action    = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
        Resource  = "*"
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = [
              for name in ["/aws/lambda/ndjson-parquet-*", "/aws/vendedlogs/states/ndjson-parquet-*", "/aws-glue/jobs/*"] :
              "${local.arn_prefix}:logs:${var.region}:${var.account_id}:log-group:${name}"
            ]
          }
        }
      },
      {
        # Those who send into an encrypted queue or topic without a role: the landing bucket, rules, alarms.
        Sid       = "SendersOfThisAccount"
        Effect    = "Allow"
        Principal = { Service = ["s3.amazonaws.com", "events.amazonaws.com", "cloudwatch.amazonaws.com"] }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
    ]
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/ndjson-parquet-${var.environment}"
  target_key_id = aws_kms_key.this.key_id
}
