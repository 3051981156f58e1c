data "aws_partition" "current" {}

locals {
  arn_prefix = "arn:${data.aws_partition.current.partition}"
  bucket_arn = "${local.arn_prefix}:s3:::${var.bucket_name}"

  # What each job reads and replaces. None may write what another one writes.
  jobs = {
    transaction_etl = {
      description = "Types the transactions of a day, and derives their amounts."
      reads       = ["raw/transactions/*"]
      replaces    = ["processed/transactions/*", "rejects/dataset=transactions/*"]
    }
    product_enrichment = {
      description = "Types products and reviews of a day, and joins categories and stock figures."
      reads       = ["raw/products/*", "raw/reviews/*"]
      replaces    = ["processed/products/*", "processed/reviews/*", "rejects/dataset=products/*", "rejects/dataset=reviews/*"]
    }
    clickstream_aggregation = {
      description = "Types the clicks of a day, and makes sessions and hourly figures of them."
      reads       = ["raw/clickstream/*"]
      replaces    = ["processed/clickstream_*", "rejects/dataset=clickstream/*"]
    }
    master_data_merge = {
      description = "Joins the processed tables into the curated ones."
      reads       = ["processed/*"]
      replaces    = ["curated/*"]
    }
  }
  names = { for job, _ in local.jobs : job => "ndjson-parquet-lake-${replace(job, "_", "-")}-${var.environment}" }

  # The folder of a zip is part of its name below the scripts bucket: a job's library is what was built with its script.
  library_uris = [for library in aws_s3_object.library : "s3://${library.bucket}/${library.key}"]
}

resource "aws_iam_role" "this" {
  for_each = local.jobs

  name        = local.names[each.key]
  description = "What the job ${local.names[each.key]} may do."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "glue.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = local.jobs

  name = "least-privilege"
  role = aws_iam_role.this[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "ReadSources"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = [for prefix in each.value.reads : "${local.bucket_arn}/${prefix}"]
      },
      {
        Sid      = "ReplaceTables"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
        Resource = [for prefix in each.value.replaces : "${local.bucket_arn}/${prefix}"]
      },
      {
        # What a run has written before it replaces a partition with it.
        Sid      = "StageTables"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
        Resource = ["${local.bucket_arn}/staging/${each.key}/*"]
      },
      {
        Sid      = "ReadAcceptedFiles"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local.bucket_arn}/reports/accepted/*"]
      },
      {
        Sid      = "WriteReport"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["${local.bucket_arn}/reports/${each.key}/*"]
      },
      {
        Sid      = "FindFiles"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = [local.bucket_arn]
      },
      {
        Sid      = "LocateBucket"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation"]
        Resource = [local.bucket_arn]
      },
      {
        Sid      = "ReadCode"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${var.scripts_bucket.arn}/lake/*"]
      },
      {
        # Glue makes the log groups itself, when the first run writes.
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${local.arn_prefix}:logs:${var.region}:${var.account_id}:log-group:/aws-glue/jobs/*"]
      },
      {
        # Metrics have no resource to name; Glue reports under its own namespace only.
        Sid       = "ReportMetrics"
        Effect    = "Allow"
        Action    = ["cloudwatch:PutMetricData"]
        Resource  = ["*"]
        Condition = { StringEquals = { "cloudwatch:namespace" = "Glue" } }
      },
      ], [
      for secret in [var.tokens_secret_arn] : {
        Sid      = "ReadTokenKey"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = [secret]
      } if each.key == "transaction_etl"
      ], [
      for key in var.kms_key[*] : {
        Sid      = "UseKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [key.arn]
      }
    ])
  })
}

# The key holds the hash of the content: a changed script is a new object, and a run that has started keeps the old one's code.
resource "aws_s3_object" "script" {
  for_each = local.jobs

  bucket      = var.scripts_bucket.name
  key         = "lake/lake_${each.key}-${filemd5("${var.artifacts_dir}/glue/lake_${each.key}.py")}.py"
  source      = "${var.artifacts_dir}/glue/lake_${each.key}.py"
  source_hash = filemd5("${var.artifacts_dir}/glue/lake_${each.key}.py")

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_s3_object" "library" {
  for_each = toset(var.libraries)

  bucket      = var.scripts_bucket.name
  key         = "lake/${each.key}-${filemd5("${var.artifacts_dir}/glue/${each.key}.zip")}.zip"
  source      = "${var.artifacts_dir}/glue/${each.key}.zip"
  source_hash = filemd5("${var.artifacts_dir}/glue/${each.key}.zip")

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_glue_security_configuration" "this" {
  count = var.kms_key == null ? 0 : 1

  #checkov:skip=CKV_AWS_99:the jobs keep no bookmarks: the date says what a run reads
  name = "ndjson-parquet-lake-${var.environment}"

  encryption_configuration {
    cloudwatch_encryption {
      cloudwatch_encryption_mode = "SSE-KMS"
      kms_key_arn                = var.kms_key.arn
    }

    job_bookmarks_encryption {
      job_bookmarks_encryption_mode = "DISABLED"
    }

    s3_encryption {
      s3_encryption_mode = "SSE-KMS"
      kms_key_arn        = var.kms_key.arn
    }
  }
}

resource "aws_glue_job" "this" {
  for_each = local.jobs

  #checkov:skip=CKV_AWS_195:a security configuration comes with the key's flag; without it the buckets' and logs' own encryption applies
  name              = local.names[each.key]
  description       = each.value.description
  role_arn          = aws_iam_role.this[each.key].arn
  glue_version      = var.glue_version
  worker_type       = var.worker_type
  number_of_workers = var.number_of_workers
  timeout           = var.timeout_minutes
  max_retries       = 0
  execution_class   = var.execution_class

  security_configuration = one(aws_glue_security_configuration.this[*].name)

  # One at a time: a day's run also rewrites the days before, from which late rows may come.
  execution_property {
    max_concurrent_runs = 1
  }

  command {
    name            = "glueetl"
    python_version  = "3"
    script_location = "s3://${aws_s3_object.script[each.key].bucket}/${aws_s3_object.script[each.key].key}"
  }

  default_arguments = merge(var.enable_auto_scaling ? { "--enable-auto-scaling" = "true" } : {}, {
    "--job-language"   = "python"
    "--extra-py-files" = join(",", local.library_uris)
    "--enable-metrics" = "true"
    "--lake"           = "s3://${var.bucket_name}"
  }, each.key == "transaction_etl" ? { "--tokens_secret" = var.tokens_secret_arn } : {})

  tags = var.tags

  depends_on = [aws_iam_role_policy.this]
}
