module "function" {
  source = "../function"

  name        = "ndjson-parquet-state-manager-${var.environment}"
  description = "Moves on what would otherwise wait: open batches, unpublished, failed and abandoned manifests, files left behind."

  zip_path        = var.zip_path
  handler         = "state_manager.handler.handler"
  timeout_seconds = var.timeout_seconds
  compute         = var.compute

  environment_variables = merge(var.settings, var.publishing.settings, {
    POWERTOOLS_SERVICE_NAME = "state_manager"
    DEAD_LETTER_QUEUE_URL   = var.dead_letter_queue.url
    METRICS_TABLE           = var.metrics_table.name
  })

  statements = concat(var.publishing.statements, [
    {
      sid       = "FindWhatWaits"
      actions   = ["dynamodb:Query"]
      resources = ["${var.tracking_table.arn}/index/status-index"]
    },
    {
      sid       = "FindFailedExecutions"
      actions   = ["states:ListExecutions"]
      resources = [var.state_machine_arn]
    },
    {
      sid       = "LearnHowExecutionsEnded"
      actions   = ["states:DescribeExecution"]
      resources = ["${replace(var.state_machine_arn, ":stateMachine:", ":execution:")}:*"]
    },
    {
      sid       = "ReadCommits"
      actions   = ["s3:GetObject"]
      resources = ["${var.manifest_bucket.arn}/commits/*"]
    },
    {
      sid       = "RecordExecutions"
      actions   = ["dynamodb:PutItem"]
      resources = [var.metrics_table.arn]
    },
    {
      sid       = "ReportSweeps"
      actions   = ["s3:PutObject"]
      resources = ["${var.manifest_bucket.arn}/logs/lambda/*"]
    },
    {
      sid       = "CountDeadLetters"
      actions   = ["sqs:GetQueueAttributes"]
      resources = [var.dead_letter_queue.arn]
    },
  ])
}

resource "aws_cloudwatch_event_rule" "sweep" {
  name                = "ndjson-parquet-sweep-${var.environment}"
  description         = "Runs the sweep."
  state               = var.enable_schedule ? "ENABLED" : "DISABLED"
  schedule_expression = var.interval_minutes == 1 ? "rate(1 minute)" : "rate(${var.interval_minutes} minutes)"
}

resource "aws_cloudwatch_event_target" "sweep" {
  rule  = aws_cloudwatch_event_rule.sweep.name
  arn   = module.function.function_arn
  input = jsonencode({ action = "sweep" })
}

resource "aws_lambda_permission" "sweep" {
  statement_id  = "SweepSchedule"
  action        = "lambda:InvokeFunction"
  function_name = module.function.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.sweep.arn
}
