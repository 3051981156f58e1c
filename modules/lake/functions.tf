locals {
  function_timeout_seconds = 900
}

module "validator" {
  source = "../function"

  name        = "${local.name}-validator-${var.environment}"
  description = "Checks the raw files of a day, and says which of them the jobs may read."

  zip_path        = "${var.artifacts_dir}/lambda/lake_validator.zip"
  handler         = "lake_validator.handler.handler"
  timeout_seconds = local.function_timeout_seconds
  compute         = var.compute
  tags            = local.tags

  environment_variables = merge(var.settings, {
    POWERTOOLS_SERVICE_NAME = "lake_validator"
    LAKE_BUCKET             = local.bucket_name
    LAKE_FILES_TABLE        = module.storage.files_table.name
    LAKE_TOKENS_SECRET      = aws_secretsmanager_secret.tokens.arn
    LAKE_CRAWLERS           = join(",", [for crawler in module.catalog.crawlers : crawler.name])
  })

  statements = [
    {
      sid       = "FindRawFiles"
      actions   = ["s3:ListBucketVersions"]
      resources = [local.bucket_arn]
    },
    {
      # The tags too: S3 refuses to copy a tagged object to somebody who may not read them.
      sid       = "ReadRawFiles"
      actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging", "s3:GetObjectVersionTagging"]
      resources = ["${local.bucket_arn}/raw/*"]
    },
    {
      sid       = "KeepRefusedFiles"
      actions   = ["s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload"]
      resources = ["${local.bucket_arn}/quarantine/*"]
    },
    {
      sid       = "ListAcceptedFiles"
      actions   = ["s3:PutObject"]
      resources = ["${local.bucket_arn}/reports/accepted/*"]
    },
    {
      sid       = "RecordDecisions"
      actions   = ["dynamodb:Query", "dynamodb:PutItem"]
      resources = [module.storage.files_table.arn]
    },
    {
      sid       = "MakeTokenKey"
      actions   = ["secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue"]
      resources = [aws_secretsmanager_secret.tokens.arn]
    },
  ]
}

module "quality" {
  source = "../function"

  name        = "${local.name}-quality-${var.environment}"
  description = "Checks the tables of a day, and says whether they may be merged."

  zip_path        = "${var.artifacts_dir}/lambda/lake_quality.zip"
  handler         = "lake_quality.handler.handler"
  timeout_seconds = local.function_timeout_seconds
  compute         = var.compute
  tags            = local.tags

  environment_variables = merge(var.settings, {
    POWERTOOLS_SERVICE_NAME = "lake_quality"
    GLUE_DPU_HOUR_USD       = var.glue.dpu_hour_usd
    LAKE_BUCKET             = local.bucket_name
    LAKE_FILES_TABLE        = module.storage.files_table.name
    LAKE_WORKGROUP          = aws_athena_workgroup.this.name
  })

  statements = [
    {
      sid       = "RunQueries"
      actions   = ["athena:StartQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults"]
      resources = [local.workgroup_arn]
    },
    {
      sid     = "ReadCatalog"
      actions = ["glue:GetDatabase", "glue:GetTable", "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"]
      resources = concat(
        ["${local.catalog_arn}:catalog"],
        [for database in local.databases : "${local.catalog_arn}:database/${database}"],
        [for database in local.databases : "${local.catalog_arn}:table/${database}/*"],
      )
    },
    {
      # Athena reads with the rights of whoever asks.
      sid       = "ReadTables"
      actions   = ["s3:GetObject"]
      resources = [for prefix in ["processed", "curated", "rejects"] : "${local.bucket_arn}/${prefix}/*"]
    },
    {
      sid       = "FindFiles"
      actions   = ["s3:ListBucket", "s3:GetBucketLocation"]
      resources = [local.bucket_arn]
    },
    {
      sid       = "KeepAnswers"
      actions   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
      resources = ["${local.bucket_arn}/athena-results/*"]
    },
    {
      sid       = "LookAtOtherDays"
      actions   = ["dynamodb:BatchGetItem"]
      resources = [module.storage.files_table.arn]
    },
    {
      sid       = "ReadMergeReport"
      actions   = ["s3:GetObject"]
      resources = ["${local.bucket_arn}/reports/master_data_merge/*"]
    },
    {
      sid       = "WriteResults"
      actions   = ["s3:PutObject"]
      resources = ["${local.bucket_arn}/reports/quality_results/*", "${local.bucket_arn}/reports/quality/*"]
    },
  ]
}
