data "aws_partition" "current" {}

locals {
  name = "ndjson-parquet-processor-${var.environment}"
  arn  = "arn:${data.aws_partition.current.partition}:states:${var.region}:${var.account_id}:stateMachine:${local.name}"
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:the customer-managed key is a flag; without it CloudWatch's own encryption applies
  #checkov:skip=CKV_AWS_338:how long logs are kept is a setting
  # The prefix keeps the resource policy that log delivery writes for itself below its size limit.
  name              = "/aws/vendedlogs/states/${local.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = try(var.kms_key.arn, null)
}

resource "aws_iam_role" "this" {
  name        = local.name
  description = "What the processor may do."

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
        Sid      = "UpdateManifest"
        Effect   = "Allow"
        Action   = ["dynamodb:UpdateItem"]
        Resource = [var.tracking_table.arn]
      },
      {
        # Stopping too: an execution that is stopped or times out must not leave a run behind that is billed.
        Sid      = "RunConversion"
        Effect   = "Allow"
        Action   = ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"]
        Resource = [var.glue_job.arn]
      },
      {
        Sid      = "UpdateFiles"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [var.status_updater_arn]
      },
      {
        Sid      = "SendAlerts"
        Effect   = "Allow"
        Action   = ["sns:Publish"]
        Resource = [var.alerts_topic_arn]
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
      for key in var.kms_key[*] : {
        # The table and the topic are encrypted with it.
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

  definition = templatefile("${path.module}/processor.asl.json", {
    partition                            = data.aws_partition.current.partition
    environment                          = var.environment
    tracking_table                       = var.tracking_table.name
    glue_job                             = var.glue_job.name
    status_updater_arn                   = var.status_updater_arn
    alerts_topic_arn                     = var.alerts_topic_arn
    runbook_base_url                     = var.runbook_base_url
    glue_state_timeout_seconds           = var.glue_state_timeout_seconds
    glue_retry_interval_seconds          = var.glue_retry_interval_seconds
    glue_retry_max_attempts              = var.glue_retry_max_attempts
    glue_retry_max_delay_seconds         = var.glue_retry_interval_seconds * 5
    status_updater_state_timeout_seconds = var.status_updater_timeout_seconds + 10
  })

  # Input and output stay out of the log: what an execution holds is read from the execution itself.
  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.this.arn}:*"
  }

  tracing_configuration {
    enabled = true
  }

  depends_on = [aws_iam_role_policy.this]
}
