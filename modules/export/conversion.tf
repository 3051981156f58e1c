# From Parquet to JSON: a Python shell job, the state machine that runs it, and one that has the last word.

locals {
  glue_arn      = "${local.arn_prefix}:glue:${var.region}:${var.account_id}"
  settle_name   = "ndjson-parquet-export-settle-${var.environment}"
  execution_arn = "${local.arn_prefix}:states:${var.region}:${var.account_id}:stateMachine"

  job_statements = {
    ReadUploads = {
      actions   = ["s3:GetObject"]
      resources = ["${local.bucket.arn}/uploads/*"]
    }
    ReadPipelineFiles = {
      actions   = ["s3:GetObject"]
      resources = ["${var.output_bucket.arn}/pipeline/output/*"]
    }
    ReadCode = {
      actions   = ["s3:GetObject"]
      resources = ["${var.scripts_bucket.arn}/glue/export*"]
    }
    WriteResults = {
      actions   = ["s3:PutObject", "s3:AbortMultipartUpload"]
      resources = ["${local.bucket.arn}/results/*"]
    }
    # So that an absent object is a 404.
    LearnThatAnObjectIsAbsent = {
      actions   = ["s3:ListBucket"]
      resources = [local.bucket.arn, var.output_bucket.arn]
    }
    ReportProgress = {
      actions   = ["dynamodb:UpdateItem"]
      resources = [local.jobs_table.arn]
    }
    WriteLogs = {
      actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
      resources = ["${local.arn_prefix}:logs:${var.region}:${var.account_id}:log-group:/aws-glue/python-jobs/*"]
    }
  }
  job_key_statements = {
    for key in var.kms_key[*] : "UseKey" => { actions = ["kms:Decrypt", "kms:GenerateDataKey"], resources = [key.arn] }
  }
  job_log_key_statements = {
    for key in var.kms_key[*] : "EncryptLogs" => {
      actions   = ["logs:AssociateKmsKey"]
      resources = ["${local.arn_prefix}:logs:${var.region}:${var.account_id}:log-group:/aws-glue/python-jobs/*"]
    }
  }
  # Glue places its network interfaces with the job's role, before any of them has a name.
  job_network_statements = var.glue_connection == null ? {} : {
    ReadConnection = {
      actions   = ["glue:GetConnection"]
      resources = ["${local.glue_arn}:catalog", "${local.glue_arn}:connection/${var.glue_connection}"]
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

  log_delivery = {
    # Neither log delivery nor X-Ray has a resource to name.
    Sid    = "DeliverLogsAndTraces"
    Effect = "Allow"
    Action = [
      "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
      "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
      "xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
    ]
    Resource = ["*"]
  }
  count_jobs = {
    # Metrics have no resource to name.
    Sid       = "CountJobs"
    Effect    = "Allow"
    Action    = ["cloudwatch:PutMetricData"]
    Resource  = ["*"]
    Condition = { StringEquals = { "cloudwatch:namespace" = local.metrics_namespace } }
  }
  table_key_use = [
    for key in var.kms_key[*] : {
      Sid      = "UseKey"
      Effect   = "Allow"
      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource = [key.arn]
    }
  ]
}

resource "aws_iam_role" "job" {
  name        = "ndjson-parquet-export-job-${var.environment}"
  description = "What the export job may do."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "glue.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "job" {
  name = "least-privilege"
  role = aws_iam_role.job.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for sid, statement in merge(local.job_statements, local.job_key_statements, local.job_log_key_statements, local.job_network_statements) : {
        Sid      = sid
        Effect   = "Allow"
        Action   = statement.actions
        Resource = statement.resources
      }
    ]
  })
}

# The key holds the hash of the content: a changed script is a new object, and a run that has started keeps the old one's code.
resource "aws_s3_object" "script" {
  bucket      = var.scripts_bucket.name
  key         = "glue/export_parquet-${filemd5(var.script_path)}.py"
  source      = var.script_path
  source_hash = filemd5(var.script_path)

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_s3_object" "library" {
  bucket      = var.scripts_bucket.name
  key         = "glue/export-${filemd5(var.library_path)}/ndjson_export.zip"
  source      = var.library_path
  source_hash = filemd5(var.library_path)

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_glue_job" "this" {
  #checkov:skip=CKV_AWS_195:a security configuration comes with the key's flag; without it the buckets' and logs' own encryption applies
  name         = local.name
  description  = "Turns one Parquet file into JSON, row group by row group."
  role_arn     = aws_iam_role.job.arn
  glue_version = "3.0"
  max_capacity = var.capacity_dpu
  timeout      = var.timeout_minutes
  max_retries  = 0

  security_configuration = var.security_configuration
  connections            = var.glue_connection[*]

  execution_property {
    max_concurrent_runs = var.max_concurrent_runs
  }

  command {
    name            = "pythonshell"
    python_version  = "3.9"
    script_location = "s3://${aws_s3_object.script.bucket}/${aws_s3_object.script.key}"
  }

  default_arguments = {
    "--extra-py-files" = "s3://${aws_s3_object.library.bucket}/${aws_s3_object.library.key}"
    # Glue's own pyarrow and awswrangler.
    "library-set" = "analytics"
  }

  depends_on = [aws_iam_role_policy.job]
}

resource "aws_cloudwatch_log_group" "states" {
  #checkov:skip=CKV_AWS_158:the customer-managed key is a flag; without it CloudWatch's own encryption applies
  #checkov:skip=CKV_AWS_338:how long logs are kept is a setting
  # The prefix keeps the resource policy that log delivery writes for itself below its size limit.
  name              = "/aws/vendedlogs/states/${local.name}"
  retention_in_days = var.compute.log_retention_days
  kms_key_id        = try(var.kms_key.arn, null)
}

resource "aws_iam_role" "states" {
  name        = "ndjson-parquet-export-states-${var.environment}"
  description = "What the state machine of exports may do."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "states.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id }, ArnEquals = { "aws:SourceArn" = "${local.execution_arn}:${local.state_machine_name}" } }
    }]
  })
}

resource "aws_iam_role_policy" "states" {
  name = "least-privilege"
  role = aws_iam_role.states.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "UpdateJobs"
        Effect   = "Allow"
        Action   = ["dynamodb:UpdateItem"]
        Resource = [local.jobs_table.arn]
      },
      {
        Sid      = "LearnWhatTheRunSaid"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem"]
        Resource = [local.jobs_table.arn]
      },
      {
        # Stopping too: an execution that is stopped or times out must not leave a run behind that is billed.
        Sid      = "RunConversion"
        Effect   = "Allow"
        Action   = ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"]
        Resource = [aws_glue_job.this.arn]
      },
      local.count_jobs,
      local.log_delivery,
    ], local.table_key_use)
  })
}

resource "aws_sfn_state_machine" "export" {
  #checkov:skip=CKV_AWS_285:errors are logged, but not the data of executions: who may read the execution reads it there
  name     = local.state_machine_name
  role_arn = aws_iam_role.states.arn

  definition = templatefile("${path.module}/export.asl.json", {
    partition               = data.aws_partition.current.partition
    namespace               = local.metrics_namespace
    service                 = local.metrics_service
    jobs_table              = local.jobs_table.name
    glue_job                = aws_glue_job.this.name
    timeout_seconds         = local.execution_minutes * 60
    run_timeout_seconds     = local.run_minutes * 60
    run_timeout_minutes     = var.timeout_minutes
    max_attempts            = local.max_attempts
    retry_interval_seconds  = var.retry_interval_seconds
    retry_max_delay_seconds = var.retry_interval_seconds * 4
    retry_max_attempts      = floor(3600 / (var.retry_interval_seconds * 4))
  })

  # Input and output stay out of the log: what an execution holds is read from the execution itself.
  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.states.arn}:*"
  }

  tracing_configuration {
    enabled = true
  }

  depends_on = [aws_iam_role_policy.states]
}

# An execution that is stopped or runs out of time runs no state any more; its event does.

resource "aws_iam_role" "settle" {
  name        = local.settle_name
  description = "What the state machine that fails the jobs of ended executions may do."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "states.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id }, ArnEquals = { "aws:SourceArn" = "${local.execution_arn}:${local.settle_name}" } }
    }]
  })
}

resource "aws_iam_role_policy" "settle" {
  name = "least-privilege"
  role = aws_iam_role.settle.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "UpdateJobs"
        Effect   = "Allow"
        Action   = ["dynamodb:UpdateItem"]
        Resource = [local.jobs_table.arn]
      },
      local.count_jobs,
      local.log_delivery,
    ], local.table_key_use)
  })
}

resource "aws_sfn_state_machine" "settle" {
  #checkov:skip=CKV_AWS_285:errors are logged, but not the data of executions: who may read the execution reads it there
  name     = local.settle_name
  role_arn = aws_iam_role.settle.arn

  definition = templatefile("${path.module}/settle.asl.json", {
    partition  = data.aws_partition.current.partition
    namespace  = local.metrics_namespace
    service    = local.metrics_service
    jobs_table = local.jobs_table.name
  })

  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.states.arn}:*"
  }

  tracing_configuration {
    enabled = true
  }

  depends_on = [aws_iam_role_policy.settle]
}

resource "aws_cloudwatch_event_rule" "ended" {
  name        = local.settle_name
  description = "Exports that ended without a result."

  event_pattern = jsonencode({
    source      = ["aws.states"]
    detail-type = ["Step Functions Execution Status Change"]
    detail = {
      stateMachineArn = [aws_sfn_state_machine.export.arn]
      status          = ["FAILED", "TIMED_OUT", "ABORTED"]
    }
  })
}

# No dead-letter queue: an event that is lost for a day leaves a job to the API, which fails it when it is looked at.
resource "aws_cloudwatch_event_target" "ended" {
  rule     = aws_cloudwatch_event_rule.ended.name
  arn      = aws_sfn_state_machine.settle.arn
  role_arn = aws_iam_role.ended.arn

  depends_on = [aws_iam_role_policy.ended]
}

resource "aws_iam_role" "ended" {
  name        = "ndjson-parquet-export-ended-${var.environment}"
  description = "What the rule ${local.settle_name} may do."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id }, ArnEquals = { "aws:SourceArn" = "${local.arn_prefix}:events:${var.region}:${var.account_id}:rule/${local.settle_name}" } }
    }]
  })
}

resource "aws_iam_role_policy" "ended" {
  name = "least-privilege"
  role = aws_iam_role.ended.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "StartSettling"
      Effect   = "Allow"
      Action   = ["states:StartExecution"]
      Resource = [aws_sfn_state_machine.settle.arn]
    }]
  })
}
