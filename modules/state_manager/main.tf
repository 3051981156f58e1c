locals {
  dead_letter_queues = [
    for queue in [var.dead_letter_queue, var.stream_dead_letter_queue, var.events_dead_letter_queue] : queue.arn if queue != null
  ]
}

module "function" {
  source = "../function"

  name        = "ndjson-parquet-state-manager-${var.environment}"
  description = "Moves on what would otherwise wait, finds files whose event was lost, and does what an operator asks for."

  zip_path        = var.zip_path
  handler         = "state_manager.handler.handler"
  timeout_seconds = var.timeout_seconds
  compute         = var.compute

  environment_variables = merge(var.settings, var.publishing.settings, {
    POWERTOOLS_SERVICE_NAME      = "state_manager"
    DEAD_LETTER_QUEUE_URL        = var.dead_letter_queue.url
    EVENTS_DEAD_LETTER_QUEUE_URL = try(var.events_dead_letter_queue.url, "")
    FILE_EVENTS_QUEUE_URL        = var.file_events_queue.url
    INPUT_BUCKET                 = var.input_bucket.name
    METRICS_TABLE                = var.metrics_table.name
    QUARANTINE_BUCKET            = var.quarantine_bucket.name
    STREAM_DEAD_LETTER_QUEUE_URL = try(var.stream_dead_letter_queue.url, "")
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
      sid       = "KeepSupersededCommits"
      actions   = ["s3:PutObject"]
      resources = ["${var.manifest_bucket.arn}/superseded/*"]
    },
    {
      sid       = "RemoveSupersededCommits"
      actions   = ["s3:DeleteObject"]
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
    {
      sid       = "TakeDeadLetters"
      actions   = ["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage"]
      resources = local.dead_letter_queues
    },
    {
      sid       = "KeepDeadLetters"
      actions   = ["s3:PutObject"]
      resources = ["${var.quarantine_bucket.arn}/dead-letters/*"]
    },
    {
      sid       = "AnnounceFiles"
      actions   = ["sqs:SendMessage"]
      resources = [var.file_events_queue.arn]
    },
    {
      sid       = "LookUpFiles"
      actions   = ["dynamodb:BatchGetItem"]
      resources = [var.tracking_table.arn]
    },
    {
      sid       = "FindFiles"
      actions   = ["s3:ListBucketVersions"]
      resources = [var.input_bucket.arn, var.quarantine_bucket.arn]
    },
    {
      # A file whose landed object is gone comes back from quarantine, marked, so that it comes back once.
      sid       = "PutFilesBack"
      actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload"]
      resources = ["${var.input_bucket.arn}/${var.landing_prefix}*"]
    },
    {
      # The tags too: S3 refuses to copy a tagged object to somebody who may not read them.
      sid       = "ReadQuarantinedFiles"
      actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging", "s3:GetObjectVersionTagging"]
      resources = ["${var.quarantine_bucket.arn}/files/*"]
    },
    {
      sid       = "RecordOperations"
      actions   = ["s3:PutObject"]
      resources = ["${var.manifest_bucket.arn}/logs/operations/*"]
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

resource "aws_cloudwatch_event_rule" "reconcile" {
  name                = "ndjson-parquet-reconcile-${var.environment}"
  description         = "Looks for files whose event was lost."
  state               = var.enable_reconciler ? "ENABLED" : "DISABLED"
  schedule_expression = var.reconcile_schedule
}

resource "aws_cloudwatch_event_target" "reconcile" {
  rule  = aws_cloudwatch_event_rule.reconcile.name
  arn   = module.function.function_arn
  input = jsonencode({ action = "reconcile", by = "schedule" })
}

resource "aws_lambda_permission" "reconcile" {
  statement_id  = "ReconcileSchedule"
  action        = "lambda:InvokeFunction"
  function_name = module.function.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.reconcile.arn
}
