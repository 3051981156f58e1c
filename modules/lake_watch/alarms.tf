# Each alarm goes to the topic of its kind, and names its runbook.

locals {
  usual = {
    statistic  = "Sum"
    comparison = "GreaterThanThreshold"
    threshold  = 0
    period     = 300
    periods    = 1
    missing    = "notBreaching"
    topic      = "pipeline-alerts"
    severity   = "ticket"
  }
  ours    = { namespace = local.namespace, dimensions = { service = local.service } }
  machine = { namespace = "AWS/States", dimensions = { StateMachineArn = var.state_machine_arn } }

  alarms = merge(
    {
      lake-runs-failed = merge(local.machine, {
        meaning  = "A day of the lake failed: its curated tables are as they were before."
        runbook  = "lake-run-failed"
        metric   = "ExecutionsFailed"
        severity = "page"
      })
      lake-runs-stopped = merge(local.machine, {
        meaning = "A day of the lake was stopped before its end; the next run of its date takes the date over."
        runbook = "lake-run-failed"
        metric  = "ExecutionsAborted"
      })
      lake-runs-timed-out = merge(local.machine, {
        meaning  = "A day of the lake took longer than it may: it was ended."
        runbook  = "lake-run-failed"
        metric   = "ExecutionsTimedOut"
        severity = "page"
      })
      lake-quality-failed = merge(local.ours, {
        meaning  = "A day's data broke a quality rule: it was not merged, the curated tables are as they were before."
        runbook  = "lake-quality-failed"
        metric   = "LakeRulesFailed"
        topic    = "data-quality-alerts"
        severity = "page"
      })
      lake-files-quarantined = merge(local.ours, {
        meaning   = "More than ${var.quarantined_files} raw files of a day were refused."
        runbook   = "lake-files-quarantined"
        metric    = "LakeFilesQuarantined"
        period    = 86400
        threshold = var.quarantined_files
        topic     = "data-quality-alerts"
      })
      lake-cost = merge(local.ours, {
        meaning   = "The runs of a day cost more than ${var.daily_budget_usd} USD."
        runbook   = "lake-cost"
        metric    = "LakeRunCostUsd"
        period    = 86400
        threshold = var.daily_budget_usd
        topic     = "cost-alerts"
      })
    },
    {
      for name, function in var.functions : "lake-${name}-errors" => {
        meaning    = "The lake's ${name} function failed; the run tried it again."
        runbook    = "lake-run-failed"
        namespace  = "AWS/Lambda"
        metric     = "Errors"
        dimensions = { FunctionName = function }
        # A run tries a function four times: one failure among them is no news.
        threshold = 3
        period    = 3600
      }
    },
    # Nothing runs, nothing fails: only this alarm sees a day that nobody started.
    var.is_scheduled ? {
      lake-day-missing = merge(local.ours, {
        meaning    = "No run of the lake has ended well for a day: curated tables are out of date."
        runbook    = "lake-day-missing"
        metric     = "LakeRunsDone"
        period     = 3600
        periods    = 26
        comparison = "LessThanThreshold"
        threshold  = 1
        missing    = "breaching"
        severity   = "page"
      })
    } : {},
  )
  planned = { for key, alarm in local.alarms : key => merge(local.usual, alarm) if var.enable_alarms }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.planned

  alarm_name          = "ndjson-parquet-${each.key}-${var.environment}"
  alarm_description   = "${each.value.meaning} Runbook: ${var.runbook_base_url}/${each.value.runbook}.md"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.this[each.value.topic].arn]
  ok_actions          = [aws_sns_topic.this[each.value.topic].arn]
  tags                = { severity = each.value.severity }
}
