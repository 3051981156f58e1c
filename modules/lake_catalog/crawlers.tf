# Crawlers tell what columns there really are, in tables of their own beside the declared ones: they never change a declaration.

data "aws_partition" "current" {}

locals {
  crawled     = var.enable_crawlers ? toset(var.datasets) : toset([])
  role_name   = "ndjson-parquet-lake-crawler-${var.environment}"
  arn_prefix  = "arn:${data.aws_partition.current.partition}"
  catalog_arn = "${local.arn_prefix}:glue:${var.region}:${var.account_id}"
  bucket_arn  = "${local.arn_prefix}:s3:::${var.bucket_name}"
}

resource "aws_iam_role" "crawler" {
  count = var.enable_crawlers ? 1 : 0

  name        = local.role_name
  description = "What the lake's crawlers may do."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "glue.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "crawler" {
  count = var.enable_crawlers ? 1 : 0

  name = "least-privilege"
  role = aws_iam_role.crawler[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "ReadRawFiles"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local.bucket_arn}/raw/*"]
      },
      {
        Sid       = "ListRawFiles"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = [local.bucket_arn]
        Condition = { StringLike = { "s3:prefix" = ["raw/*"] } }
      },
      {
        Sid      = "LocateBucket"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation"]
        Resource = [local.bucket_arn]
      },
      {
        Sid    = "KeepCrawledTables"
        Effect = "Allow"
        Action = [
          "glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable", "glue:GetPartitions",
          "glue:BatchGetPartition", "glue:BatchCreatePartition", "glue:CreatePartition", "glue:UpdatePartition",
        ]
        Resource = [
          "${local.catalog_arn}:catalog", "${local.catalog_arn}:database/raw_${var.environment}",
          "${local.catalog_arn}:table/raw_${var.environment}/crawled_*",
        ]
      },
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${local.arn_prefix}:logs:${var.region}:${var.account_id}:log-group:/aws-glue/crawlers*"]
      },
      ], [
      for key in var.kms_key[*] : {
        Sid      = "UseKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = [key.arn]
      }
    ])
  })
}

resource "aws_glue_crawler" "this" {
  for_each = local.crawled

  #checkov:skip=CKV_AWS_195:crawlers read what the bucket's own encryption protects, and store names and types alone
  name          = "ndjson-parquet-lake-raw-${each.key}-${var.environment}"
  description   = "Says which columns the raw files of ${each.key} have."
  role          = aws_iam_role.crawler[0].arn
  database_name = aws_glue_catalog_database.this["raw"].name
  table_prefix  = "crawled_"

  s3_target {
    path = "s3://${var.bucket_name}/raw/${each.key}/"
  }

  schema_change_policy {
    delete_behavior = "LOG"
    update_behavior = "UPDATE_IN_DATABASE"
  }

  recrawl_policy {
    recrawl_behavior = "CRAWL_EVERYTHING"
  }

  lineage_configuration {
    crawler_lineage_settings = "DISABLE"
  }

  tags = var.tags

  depends_on = [aws_iam_role_policy.crawler]
}
