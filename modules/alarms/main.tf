locals {
  # Users' data is late or lost, or will be: somebody has to look now. All others can wait for the morning.
  pages = toset([
    "file-events-dead-letters", "file-events-wait", "files-missing", "files-unaccounted", "freshness", "glue-runs-failed",
    "manifests-at-risk", "manifests-exhausted", "oldest-pending", "sweep-not-running",
  ])

  # What an alarm is unless it says otherwise. No data means that nothing happened.
  usual = {
    statistic  = "Sum"
    comparison = "GreaterThanThreshold"
    threshold  = 0
    period     = 300
    periods    = 1
    datapoints = null
    missing    = "notBreaching"
  }

  metric_alarms = {
    for key, alarm in merge(
      local.function_alarms, local.queue_alarms, local.processor_alarms, local.manifest_alarms, local.upkeep_alarms,
      local.export_alarms,
    ) : key => merge(local.usual, alarm)
  }
  math_alarms = {
    for key, alarm in merge(local.table_math, local.manifest_math, local.upkeep_math) : key => merge(local.usual, alarm)
  }
  severities = {
    for key in keys(merge(local.metric_alarms, local.math_alarms)) : key => contains(local.pages, key) ? "page" : "ticket"
  }
  # SNS sends no tags: who is woken reads in the text whether it can wait.
  descriptions = {
    for key, alarm in merge(local.metric_alarms, local.math_alarms) : key =>
    "${alarm.meaning} Severity: ${local.severities[key]}. Runbook: ${var.runbook_base_url}/${alarm.runbook}.md"
  }

  notified = [var.alerts_topic_arn]
  page_names = [
    for key, alarm in merge(aws_cloudwatch_metric_alarm.metric, aws_cloudwatch_metric_alarm.math) : alarm.alarm_name
    if contains(local.pages, key)
  ]
}

resource "aws_cloudwatch_metric_alarm" "metric" {
  for_each = local.metric_alarms

  alarm_name          = "ndjson-parquet-${each.key}-${var.environment}"
  alarm_description   = local.descriptions[each.key]
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = coalesce(each.value.datapoints, each.value.periods)
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = local.notified
  ok_actions          = local.notified
  tags                = { severity = local.severities[each.key] }
}

resource "aws_cloudwatch_metric_alarm" "math" {
  for_each = local.math_alarms

  alarm_name          = "ndjson-parquet-${each.key}-${var.environment}"
  alarm_description   = local.descriptions[each.key]
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = coalesce(each.value.datapoints, each.value.periods)
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = local.notified
  ok_actions          = local.notified
  tags                = { severity = local.severities[each.key] }

  metric_query {
    id          = "result"
    label       = each.key
    expression  = each.value.expression
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.inputs

    content {
      id = metric_query.key

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.metric
        dimensions  = metric_query.value.dimensions
        stat        = each.value.statistic
        period      = each.value.period
      }
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "pipeline_unhealthy" {
  alarm_name        = "ndjson-parquet-pipeline-unhealthy-${var.environment}"
  alarm_description = "Users' data is late or lost, or will be. Severity: page. Runbook: ${var.runbook_base_url}/pipeline-unhealthy.md"
  alarm_rule        = join(" OR ", [for name in local.page_names : "ALARM(\"${name}\")"])
  alarm_actions     = local.notified
  ok_actions        = local.notified
  tags              = { severity = "page" }
}

# The alarm on spend counts conversions as they end. This counts all that AWS bills, hours later.
resource "aws_budgets_budget" "daily" {
  count = var.alert_email == null ? 0 : 1

  name         = "ndjson-parquet-daily-${var.environment}"
  budget_type  = "COST"
  time_unit    = "DAILY"
  limit_amount = tostring(var.daily_budget_usd)
  limit_unit   = "USD"

  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:service$%s", local.service)]
  }

  notification {
    notification_type          = "ACTUAL"
    comparison_operator        = "GREATER_THAN"
    threshold                  = 100
    threshold_type             = "PERCENTAGE"
    subscriber_email_addresses = [var.alert_email]
  }
}
