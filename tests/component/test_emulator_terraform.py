"""What Terraform deploys onto the embedded AWS plans to nothing the second time; the provider comes from a mirror."""

import os
import subprocess
from pathlib import Path

from local.embedded_aws import ROOT, EmbeddedAws

WRAPPER = ROOT / "scripts" / "terraform"
CONFIGURATION = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  s3_use_path_style = true
}

resource "aws_iam_role" "job" {
  name               = "planned-job"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "glue.amazonaws.com" } }]
  })
}

resource "aws_glue_job" "job" {
  name                    = "planned-job"
  role_arn                = aws_iam_role.job.arn
  glue_version            = "5.1"
  worker_type             = "G.1X"
  number_of_workers       = 2
  timeout                 = 60
  max_retries             = 0
  execution_class         = "STANDARD"
  job_run_queuing_enabled = false
  default_arguments       = { "--max_columns" = "1000" }

  command {
    name            = "glueetl"
    script_location = "s3://scripts/job.py"
    python_version  = "3"
  }

  execution_property {
    max_concurrent_runs = 3
  }
}

resource "aws_cloudwatch_metric_alarm" "one_metric" {
  alarm_name                = "planned-metric"
  alarm_description         = "More than <1> & less than \\"many\\""
  namespace                 = "AWS/SQS"
  metric_name               = "ApproximateNumberOfMessagesVisible"
  dimensions                = { QueueName = "planned" }
  statistic                 = "Maximum"
  period                    = 300
  evaluation_periods        = 3
  datapoints_to_alarm       = 2
  comparison_operator       = "GreaterThanThreshold"
  threshold                 = 0
  treat_missing_data        = "notBreaching"
  unit                      = "Count"
  actions_enabled           = false
  alarm_actions             = ["arn:aws:sns:us-east-1:000000000000:alarm"]
  ok_actions                = ["arn:aws:sns:us-east-1:000000000000:ok"]
  insufficient_data_actions = ["arn:aws:sns:us-east-1:000000000000:unknown"]
  tags                      = { Environment = "test" }
}

resource "aws_cloudwatch_metric_alarm" "percentile" {
  alarm_name                            = "planned-percentile"
  namespace                             = "AWS/Lambda"
  metric_name                           = "Duration"
  dimensions                            = { FunctionName = "planned", Resource = "planned" }
  extended_statistic                    = "p99"
  evaluate_low_sample_count_percentiles = "ignore"
  period                                = 60
  evaluation_periods                    = 1
  comparison_operator                   = "GreaterThanThreshold"
  threshold                             = 1.5
}

resource "aws_cloudwatch_metric_alarm" "metric_math" {
  alarm_name          = "planned-math"
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 1

  metric_query {
    id          = "sum"
    expression  = "a + a"
    label       = "twice"
    return_data = true
  }

  metric_query {
    id = "a"

    metric {
      namespace   = "AWS/SQS"
      metric_name = "NumberOfMessagesSent"
      dimensions  = { QueueName = "planned" }
      period      = 60
      stat        = "Sum"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "share" {
  alarm_name          = "planned-share"
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  comparison_operator = "LessThanThreshold"
  threshold           = 99
  treat_missing_data  = "notBreaching"

  metric_query {
    id          = "share"
    expression  = "IF(good + bad > 0, 100 * good / (good + bad))"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { good = "FilesOnTime", bad = "FilesLate" }

    content {
      id = metric_query.key

      metric {
        namespace   = "NdjsonParquet"
        metric_name = metric_query.value
        dimensions  = { service = "planned" }
        period      = 3600
        stat        = "Sum"
      }
    }
  }
}

locals {
  share = aws_cloudwatch_metric_alarm.share.alarm_name
  slow  = aws_cloudwatch_metric_alarm.percentile.alarm_name
  deep  = aws_cloudwatch_metric_alarm.one_metric.arn
}

resource "aws_cloudwatch_composite_alarm" "whole" {
  alarm_name        = "planned-whole"
  alarm_description = "Late <or> lost & so on"
  alarm_rule        = "(ALARM(${local.share}) OR ALARM(\\"${local.slow}\\")) AND NOT OK(${local.deep})"
  actions_enabled   = false
  alarm_actions     = ["arn:aws:sns:us-east-1:000000000000:alarm"]
  ok_actions        = ["arn:aws:sns:us-east-1:000000000000:ok"]
  tags              = { Environment = "test" }
}

resource "aws_cloudwatch_dashboard" "board" {
  dashboard_name = "planned-board"
  dashboard_body = jsonencode({
    widgets = [
      {
        type       = "metric"
        x          = 0
        y          = 0
        width      = 12
        height     = 6
        properties = {
          title   = "On <time> & \\"late\\""
          region  = "us-east-1"
          period  = 300
          stat    = "Sum"
          metrics = [
            ["NdjsonParquet", "FilesOnTime", "service", "planned", { id = "a" }],
            [{ expression = "100 * a / (a + b)", label = "share", id = "c" }],
          ]
        }
      },
      {
        type       = "alarm"
        x          = 0
        y          = 6
        width      = 24
        height     = 3
        properties = { alarms = [aws_cloudwatch_composite_alarm.whole.arn] }
      },
    ]
  })
}

resource "aws_cloudwatch_metric_alarm" "anomaly" {
  alarm_name          = "planned-anomaly"
  evaluation_periods  = 2
  comparison_operator = "GreaterThanUpperThreshold"
  threshold_metric_id = "band"

  metric_query {
    id          = "band"
    expression  = "ANOMALY_DETECTION_BAND(a)"
    return_data = true
  }

  metric_query {
    id          = "a"
    return_data = true

    metric {
      namespace   = "AWS/SQS"
      metric_name = "NumberOfMessagesSent"
      period      = 60
      stat        = "Sum"
    }
  }
}
"""


def terraform(folder: Path, environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(WRAPPER), f"-chdir={folder}", *arguments], env=environment, capture_output=True, text=True, check=False
    )


def test_a_second_plan_is_empty(emulator: EmbeddedAws, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(CONFIGURATION)
    # A configuration file that is named and absent makes plain Terraform warn on every call.
    environment = {**os.environ, **emulator.environment(), "TF_CLI_CONFIG_FILE": str(tmp_path / "absent")}
    made = terraform(tmp_path, environment, "init", "-input=false", "-no-color")
    assert made.returncode == 0, made.stdout + made.stderr
    assert "CLI configuration" not in made.stdout + made.stderr
    applied = terraform(tmp_path, environment, "apply", "-auto-approve", "-input=false", "-no-color")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    planned = terraform(tmp_path, environment, "plan", "-detailed-exitcode", "-input=false", "-no-color")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert "No changes" in planned.stdout
