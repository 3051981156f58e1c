data "aws_partition" "current" {}

locals {
  name          = "ndjson-parquet-lake-daily-${var.environment}"
  arn_prefix    = "arn:${data.aws_partition.current.partition}"
  arn           = "${local.arn_prefix}:states:${var.region}:${var.account_id}:stateMachine:${local.name}"
  execution_arn = "${local.arn_prefix}:states:${var.region}:${var.account_id}:execution:${local.name}:*"
  jobs          = ["transaction_etl", "product_enrichment", "clickstream_aggregation", "master_data_merge"]

  # A function's own error is final only after it was tried again: a throttled or killed one does not answer at all.
  function_retry = jsonencode([{
    ErrorEquals = ["States.ALL"], IntervalSeconds = 5, BackoffRate = 2, MaxAttempts = 3, MaxDelaySeconds = 60, JitterStrategy = "FULL"
  }])
  table_retry = jsonencode([
    { ErrorEquals = ["DynamoDB.ConditionalCheckFailedException"], MaxAttempts = 0 },
    { ErrorEquals = ["States.ALL"], IntervalSeconds = 2, BackoffRate = 2, MaxAttempts = 6, MaxDelaySeconds = 60, JitterStrategy = "FULL" },
  ])
  alert_retry = jsonencode([{
    ErrorEquals = ["States.ALL"], IntervalSeconds = 2, BackoffRate = 2, MaxAttempts = 6, MaxDelaySeconds = 60, JitterStrategy = "FULL"
  }])
  job_retry = jsonencode([
    {
      ErrorEquals = [
        "Glue.ConcurrentRunsExceededException", "Glue.ResourceNumberLimitExceededException", "Glue.OperationTimeoutException",
        "Glue.InternalServiceException", "Glue.ThrottlingException", "Glue.AWSGlueException",
      ]
      IntervalSeconds = var.retry_interval_seconds, BackoffRate = 2, MaxAttempts = 30, MaxDelaySeconds = var.retry_interval_seconds * 5
      JitterStrategy  = "FULL"
    },
    # A run replaces its partitions whole, so that it may be repeated.
    {
      ErrorEquals     = ["States.TaskFailed"]
      IntervalSeconds = var.retry_interval_seconds, BackoffRate = 2, MaxAttempts = var.job_retries, MaxDelaySeconds = var.retry_interval_seconds * 5
      JitterStrategy  = "FULL"
    },
  ])
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:the customer-managed key is a flag; without it CloudWatch's own encryption applies
  #checkov:skip=CKV_AWS_338:how long logs are kept is a setting
  # The prefix keeps the resource policy that log delivery writes for itself below its size limit.
  name              = "/aws/vendedlogs/states/${local.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = try(var.kms_key.arn, null)

  tags = var.tags
}

resource "aws_iam_role" "this" {
  name        = local.name
  description = "What the lake's daily run may do."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "states.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id }, ArnEquals = { "aws:SourceArn" = local.arn } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "least-privilege"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "HoldDate"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:UpdateItem"]
        Resource = [var.files_table.arn]
      },
      {
        Sid      = "LookAtHolder"
        Effect   = "Allow"
        Action   = ["states:DescribeExecution"]
        Resource = [local.execution_arn]
      },
      {
        Sid      = "CallFunctions"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [var.validator.arn, var.quality.arn]
      },
      {
        # Stopping too: an execution that is stopped or times out must not leave a run behind that is billed.
        Sid      = "RunJobs"
        Effect   = "Allow"
        Action   = ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"]
        Resource = [for job in local.jobs : var.jobs[job].arn]
      },
      {
        Sid      = "SendAlerts"
        Effect   = "Allow"
        Action   = ["sns:Publish"]
        Resource = [var.pipeline_alerts_topic_arn, var.quality_alerts_topic_arn]
      },
      {
        # Neither log delivery nor X-Ray has a resource to name.
        Sid    = "DeliverLogsAndTraces"
        Effect = "Allow"
        Action = [
          "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
          "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
          "xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
        ]
        Resource = ["*"]
      },
      ], [
      for arns in [[for crawler in var.crawlers : crawler.arn]] : {
        Sid      = "RunCrawlers"
        Effect   = "Allow"
        Action   = ["glue:StartCrawler", "glue:GetCrawler"]
        Resource = arns
      } if length(arns) > 0
      ], [
      for key in var.kms_key[*] : {
        # The table and the topics are encrypted with it.
        Sid      = "UseKey"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [key.arn]
      }
    ])
  })
}

resource "aws_sfn_state_machine" "this" {
  #checkov:skip=CKV_AWS_285:errors are logged, but not the data of executions: who may read the execution reads it there
  name     = local.name
  role_arn = aws_iam_role.this.arn

  definition = templatefile("${path.module}/daily.asl.json", merge(
    { for job in local.jobs : job => var.jobs[job].name },
    {
      partition                       = data.aws_partition.current.partition
      environment                     = var.environment
      files_table                     = var.files_table.name
      validator_arn                   = var.validator.arn
      validator_state_timeout_seconds = var.validator.timeout_seconds + 10
      quality_arn                     = var.quality.arn
      quality_state_timeout_seconds   = var.quality.timeout_seconds + 10
      pipeline_alerts_topic_arn       = var.pipeline_alerts_topic_arn
      quality_alerts_topic_arn        = var.quality_alerts_topic_arn
      runbook_base_url                = var.runbook_base_url
      glue_state_timeout_seconds      = (var.job_timeout_minutes + 10) * 60
      timeout_seconds                 = var.timeout_hours * 3600
      wait_seconds                    = var.wait_seconds
      function_retry                  = local.function_retry
      table_retry                     = local.table_retry
      alert_retry                     = local.alert_retry
      job_retry                       = local.job_retry
    },
  ))

  # Input and output stay out of the log: what an execution holds is read from the execution itself.
  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.this.arn}:*"
  }

  tracing_configuration {
    enabled = true
  }

  tags = var.tags

  depends_on = [aws_iam_role_policy.this]
}
