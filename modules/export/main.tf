data "aws_partition" "current" {}

locals {
  name       = "ndjson-parquet-export-${var.environment}"
  arn_prefix = "arn:${data.aws_partition.current.partition}"

  # Two attempts, each with its own time, and an hour for each to find room in Glue.
  max_attempts       = 2
  run_minutes        = var.timeout_minutes + 10
  execution_minutes  = local.max_attempts * (local.run_minutes + 60)
  function_seconds   = 29
  jobs_table         = { name = aws_dynamodb_table.jobs.name, arn = aws_dynamodb_table.jobs.arn }
  state_machine_name = local.name

  # As the functions' metrics have them: docs/metrics.md.
  metrics_namespace = "NdjsonParquet"
  metrics_service   = "ndjson-parquet-${var.environment}"
}

module "function" {
  source = "../function"

  name        = "ndjson-parquet-export-api-${var.environment}"
  description = "Answers the export API: uploads, jobs, previews and downloads of those who are signed in, and the pipeline's page."

  zip_path        = var.zip_path
  handler         = "export_api.handler.handler"
  timeout_seconds = local.function_seconds
  compute         = var.compute

  environment_variables = merge(var.settings, {
    POWERTOOLS_SERVICE_NAME  = "export_api"
    TRACKING_TABLE           = var.tracking_table.name
    MANIFEST_BUCKET          = var.manifest_bucket.name
    OUTPUT_BUCKET            = var.output_bucket.name
    EXPORT_BUCKET            = local.bucket.name
    EXPORT_JOBS_TABLE        = local.jobs_table.name
    EXPORT_STATE_MACHINE_ARN = aws_sfn_state_machine.export.arn
    EXPORT_MAX_UPLOAD_MB     = var.max_upload_mb
    EXPORT_MAX_RUNNING_JOBS  = var.max_running_jobs
    EXPORT_LONGEST_MINUTES   = local.execution_minutes + 15
    EXPORT_TTL_DAYS          = var.retention_days
    EXPORT_PIPELINE_GROUP    = var.pipeline_group == null ? "" : var.pipeline_group
    EXPORT_GROUPS_CLAIM      = local.identity.groups_claim
  })

  statements = [
    {
      sid       = "KeepJobs"
      actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
      resources = [local.jobs_table.arn]
    },
    {
      sid       = "ListJobsOfAnOwner"
      actions   = ["dynamodb:Query"]
      resources = ["${local.jobs_table.arn}/index/owner-createdAt-index"]
    },
    {
      # A presigned form has the rights of who signed it.
      sid       = "LetOwnersUpload"
      actions   = ["s3:PutObject"]
      resources = ["${local.bucket.arn}/uploads/*"]
    },
    {
      sid       = "LookAtUploadsAndResults"
      actions   = ["s3:GetObject"]
      resources = ["${local.bucket.arn}/uploads/*", "${local.bucket.arn}/results/*"]
    },
    {
      sid       = "LookAtPipelineFiles"
      actions   = ["s3:GetObject"]
      resources = ["${var.output_bucket.arn}/pipeline/output/*"]
    },
    {
      # Without it an object that is not there is a refusal, and not a 404.
      sid       = "LearnThatAnObjectIsAbsent"
      actions   = ["s3:ListBucket"]
      resources = [local.bucket.arn]
    },
    {
      sid       = "ListPipelineFiles"
      actions   = ["s3:ListBucket"]
      resources = [var.output_bucket.arn]
    },
    {
      sid       = "StartExports"
      actions   = ["states:StartExecution"]
      resources = [aws_sfn_state_machine.export.arn]
    },
    {
      sid       = "ReadThePipeline"
      actions   = ["dynamodb:Query"]
      resources = [var.tracking_table.arn, "${var.tracking_table.arn}/index/status-index"]
    },
  ]
}

resource "aws_dynamodb_table" "jobs" {
  #checkov:skip=CKV_AWS_119:the customer-managed key is a flag; without it DynamoDB's own encryption applies
  name         = "ndjson-parquet-export-jobs-${var.environment}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "jobId"

  dynamic "attribute" {
    for_each = ["jobId", "status", "owner", "createdAt"]

    content {
      name = attribute.value
      type = "S"
    }
  }

  global_secondary_index {
    name            = "status-createdAt-index"
    hash_key        = "status"
    range_key       = "createdAt"
    projection_type = "ALL"
  }

  global_secondary_index {
    name            = "owner-createdAt-index"
    hash_key        = "owner"
    range_key       = "createdAt"
    projection_type = "ALL"
  }

  ttl {
    attribute_name = "ttl"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  deletion_protection_enabled = var.deletion_protection

  dynamic "server_side_encryption" {
    for_each = var.kms_key[*]

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value.arn
    }
  }
}
