# What starts a run: the clock, or the file that a producer writes when the files of a day are all there. By hand: docs/lake.md.

locals {
  starter_name = "ndjson-parquet-lake-starter-${var.environment}"
}

resource "aws_iam_role" "starter" {
  name        = local.starter_name
  description = "Lets EventBridge start the lake's daily run."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "starter" {
  name = "least-privilege"
  role = aws_iam_role.starter.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "StartRuns"
      Effect   = "Allow"
      Action   = ["states:StartExecution"]
      Resource = [aws_sfn_state_machine.this.arn]
    }]
  })
}

resource "aws_cloudwatch_event_rule" "schedule" {
  name                = "ndjson-parquet-lake-schedule-${var.environment}"
  description         = "Starts the run of the day before."
  state               = var.enable_schedule ? "ENABLED" : "DISABLED"
  schedule_expression = var.schedule
}

resource "aws_cloudwatch_event_target" "schedule" {
  rule     = aws_cloudwatch_event_rule.schedule.name
  arn      = aws_sfn_state_machine.this.arn
  role_arn = aws_iam_role.starter.arn

  input_transformer {
    input_paths    = { time = "$.time" }
    input_template = "{\"trigger\": \"schedule\", \"time\": <time>}"
  }
}

resource "aws_cloudwatch_event_rule" "upload" {
  name        = "ndjson-parquet-lake-upload-${var.environment}"
  description = "Starts the run of a date when raw/_READY/date=YYYY-MM-DD is written."
  state       = var.enable_on_upload ? "ENABLED" : "DISABLED"

  event_pattern = jsonencode({
    source        = ["aws.s3"]
    "detail-type" = ["Object Created"]
    detail = {
      bucket = { name = [var.bucket_name] }
      object = { key = [{ prefix = "raw/_READY/date=" }] }
    }
  })
}

resource "aws_cloudwatch_event_target" "upload" {
  rule     = aws_cloudwatch_event_rule.upload.name
  arn      = aws_sfn_state_machine.this.arn
  role_arn = aws_iam_role.starter.arn

  input_transformer {
    input_paths    = { key = "$.detail.object.key" }
    input_template = "{\"trigger\": \"upload\", \"key\": <key>}"
  }
}
