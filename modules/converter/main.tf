data "aws_partition" "current" {}

locals {
  job_name = "ndjson-parquet-batch-job-${var.environment}"
  database = "ndjson_parquet_${var.environment}"
  table    = "records"
  location = "s3://${var.output_bucket.name}/pipeline/output/"

  arn_prefix = "arn:${data.aws_partition.current.partition}"
  glue_arn   = "${local.arn_prefix}:glue:${var.region}:${var.account_id}"

  # --no-index: what a wheel needs is another of the wheels or Glue's own, and no run depends on a network or an index.
  wheel_uris = [for wheel in aws_s3_object.wheel : "s3://${wheel.bucket}/${wheel.key}"]
  wheel_arguments = length(local.wheel_uris) == 0 ? {} : {
    "--additional-python-modules"       = join(",", local.wheel_uris)
    "--python-modules-installer-option" = "--no-index"
  }

  statements = {
    ReadLandedFiles = {
      actions   = ["s3:GetObject", "s3:GetObjectVersion"]
      resources = ["${var.input_bucket.arn}/*"]
    }
    ReadCode = {
      actions   = ["s3:GetObject"]
      resources = ["${var.scripts_bucket.arn}/glue/*"]
    }
    ReadManifestsAndCommits = {
      actions   = ["s3:GetObject"]
      resources = ["${var.manifest_bucket.arn}/*"]
    }
    WriteCommitAndReport = {
      actions   = ["s3:PutObject"]
      resources = ["${var.manifest_bucket.arn}/commits/*", "${var.manifest_bucket.arn}/logs/glue/*"]
    }
    ReplacePartsAndRejects = {
      actions   = ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
      resources = ["${var.output_bucket.arn}/pipeline/output/*", "${var.quarantine_bucket.arn}/rejects/*"]
    }
    KeepUnreadableFiles = {
      actions   = ["s3:PutObject"]
      resources = ["${var.quarantine_bucket.arn}/files/unreadable/*"]
    }
    # Of the input and manifest buckets, so that an absent object is a 404; of the others, to find an earlier attempt's results.
    ListObjects = {
      actions = ["s3:ListBucket"]
      resources = [
        var.input_bucket.arn, var.manifest_bucket.arn, var.output_bucket.arn, var.quarantine_bucket.arn,
      ]
    }
    FindUnfinishedUploads = {
      actions   = ["s3:ListBucketMultipartUploads"]
      resources = [var.output_bucket.arn, var.quarantine_bucket.arn]
    }
    RegisterColumns = {
      actions = ["glue:GetTable", "glue:UpdateTable"]
      resources = [
        "${local.glue_arn}:catalog",
        "${local.glue_arn}:database/${local.database}",
        "${local.glue_arn}:table/${local.database}/${local.table}",
      ]
    }
    WriteLogs = {
      actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
      resources = ["${local.arn_prefix}:logs:${var.region}:${var.account_id}:log-group:/aws-glue/jobs/*"]
    }
  }

  key_statements = {
    for key in var.kms_key[*] : "UseKey" => { actions = ["kms:Decrypt", "kms:GenerateDataKey"], resources = [key.arn] }
  }
  encrypted_log_statements = {
    for key in var.kms_key[*] : "EncryptLogs" => {
      actions   = ["logs:AssociateKmsKey"]
      resources = ["${local.arn_prefix}:logs:${var.region}:${var.account_id}:log-group:/aws-glue/jobs/*"]
    }
  }
  # Glue places its network interfaces with the job's role, before any of them has a name.
  network_statements = var.vpc == null ? {} : {
    ReadConnection = {
      actions   = ["glue:GetConnection"]
      resources = ["${local.glue_arn}:catalog", "${local.glue_arn}:connection/${local.job_name}"]
    }
    PlaceNetworkInterfaces = {
      actions = [
        "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
        "ec2:DescribeSecurityGroups", "ec2:DescribeVpcEndpoints", "ec2:DescribeRouteTables", "ec2:DescribeVpcAttribute",
      ]
      resources = ["*"]
    }
    TagNetworkInterfaces = {
      actions   = ["ec2:CreateTags", "ec2:DeleteTags"]
      resources = ["${local.arn_prefix}:ec2:${var.region}:${var.account_id}:network-interface/*"]
    }
  }
}

resource "aws_iam_role" "this" {
  name        = local.job_name
  description = "What the conversion job may do."

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
  name = "least-privilege"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        for sid, statement in merge(local.statements, local.key_statements, local.encrypted_log_statements, local.network_statements) : {
          Sid      = sid
          Effect   = "Allow"
          Action   = statement.actions
          Resource = statement.resources
        }
      ],
      [
        {
          # Metrics have no resource to name; Glue reports under its own namespace only.
          Sid       = "ReportMetrics"
          Effect    = "Allow"
          Action    = ["cloudwatch:PutMetricData"]
          Resource  = ["*"]
          Condition = { StringEquals = { "cloudwatch:namespace" = "Glue" } }
        },
      ],
    )
  })
}

# The key holds the hash of the content: a changed script is a new object, and a run that has started keeps the old one's code.
resource "aws_s3_object" "script" {
  bucket      = var.scripts_bucket.name
  key         = "glue/convert_manifest-${filemd5(var.script_path)}.py"
  source      = var.script_path
  source_hash = filemd5(var.script_path)

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_s3_object" "library" {
  bucket      = var.scripts_bucket.name
  key         = "glue/ndjson_converter-${filemd5(var.library_path)}.zip"
  source      = var.library_path
  source_hash = filemd5(var.library_path)

  lifecycle {
    create_before_destroy = true
  }
}

# Under its own name, for pip reads version and platform from it. It needs no hash: a release never changes.
resource "aws_s3_object" "wheel" {
  for_each = { for path in var.wheel_paths : basename(path) => path }

  bucket      = var.scripts_bucket.name
  key         = "glue/wheels/${each.key}"
  source      = each.value
  source_hash = filemd5(each.value)

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_glue_security_configuration" "this" {
  count = var.kms_key == null ? 0 : 1

  #checkov:skip=CKV_AWS_99:the job keeps no bookmarks: a manifest says what a run reads
  name = local.job_name

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

resource "aws_glue_connection" "this" {
  count = var.vpc == null ? 0 : 1

  name            = local.job_name
  description     = "Where the workers of the conversion job stand."
  connection_type = "NETWORK"

  physical_connection_requirements {
    availability_zone      = var.vpc.availability_zone
    subnet_id              = var.vpc.subnet_id
    security_group_id_list = var.vpc.security_group_ids
  }
}

resource "aws_glue_job" "this" {
  #checkov:skip=CKV_AWS_195:a security configuration comes with the key's flag; without it the buckets' and logs' own encryption applies
  name              = local.job_name
  description       = "Converts the NDJSON files of one manifest to Parquet, all of them or none."
  role_arn          = aws_iam_role.this.arn
  glue_version      = var.glue_version
  worker_type       = var.worker_type
  number_of_workers = var.number_of_workers
  timeout           = var.timeout_minutes
  max_retries       = 0
  execution_class   = var.execution_class

  job_run_queuing_enabled = var.enable_job_queuing
  security_configuration  = one(aws_glue_security_configuration.this[*].name)
  connections             = aws_glue_connection.this[*].name

  execution_property {
    max_concurrent_runs = var.max_concurrent_runs
  }

  command {
    name            = "glueetl"
    python_version  = "3"
    script_location = "s3://${aws_s3_object.script.bucket}/${aws_s3_object.script.key}"
  }

  default_arguments = merge(local.wheel_arguments, var.enable_auto_scaling ? { "--enable-auto-scaling" = "true" } : {}, {
    "--job-language"       = "python"
    "--extra-py-files"     = "s3://${aws_s3_object.library.bucket}/${aws_s3_object.library.key}"
    "--enable-metrics"     = "true"
    "--output_bucket"      = var.output_bucket.name
    "--manifest_bucket"    = var.manifest_bucket.name
    "--quarantine_bucket"  = var.quarantine_bucket.name
    "--catalog_database"   = aws_glue_catalog_database.this.name
    "--catalog_table"      = aws_glue_catalog_table.records.name
    "--max_reject_percent" = tostring(var.max_reject_percent)
    "--max_columns"        = tostring(var.max_columns)
    "--on_duplicate_key"   = var.on_duplicate_key
  })

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_glue_catalog_database" "this" {
  name        = local.database
  description = "Parquet written by ndjson-parquet."
}

resource "aws_glue_catalog_table" "records" {
  name          = local.table
  database_name = aws_glue_catalog_database.this.name
  description   = "The records of every date, one string column per key."
  table_type    = "EXTERNAL_TABLE"
  owner         = "ndjson-parquet"

  parameters = {
    EXTERNAL                        = "TRUE"
    classification                  = "parquet"
    "parquet.compression"           = "SNAPPY"
    "projection.enabled"            = "true"
    "projection.date_prefix.type"   = "date"
    "projection.date_prefix.format" = "yyyy-MM-dd"
    # A day ahead, because a producer's date may be ahead of UTC and Athena silently leaves out what is beyond the range.
    "projection.date_prefix.range" = "${var.projection_start_date},NOW+1DAYS"
    "storage.location.template"    = "${local.location}merged-parquet-$${date_prefix}/"
  }

  partition_keys {
    name = "date_prefix"
    type = "string"
  }

  storage_descriptor {
    location      = local.location
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
    }

    dynamic "columns" {
      for_each = ["_processing_timestamp", "_source_file", "_json_types"]

      content {
        name = columns.value
        type = "string"
      }
    }
  }

  # The job adds the columns that it meets, with each commit.
  lifecycle {
    ignore_changes = [storage_descriptor[0].columns]
  }
}
