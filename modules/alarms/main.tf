locals {
  dead_letters = {
    for name, queue in var.dead_letter_queues : "${name}-dead-letters" => {
      description = "Something was given up and waits in ${queue}."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = queue }
      statistic   = "Maximum"
      threshold   = 0
      periods     = 1
    }
  }

  function_errors = {
    for name, function in var.functions : "${replace(name, "_", "-")}-errors" => {
      description = "The function ${function} fails in three periods of five minutes, one after the other."
      namespace   = "AWS/Lambda"
      metric      = "Errors"
      dimensions  = { FunctionName = function }
      statistic   = "Sum"
      threshold   = 0
      periods     = 3
    }
  }

  backlog = {
    landed-files-wait = {
      description = "A file event waits longer than ${var.max_event_age_minutes} minutes in ${var.file_events_queue}."
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = var.file_events_queue }
      statistic   = "Maximum"
      threshold   = var.max_event_age_minutes * 60
      periods     = 1
    }
  }

  processor = {
    for metric in ["ExecutionsTimedOut", "ExecutionsAborted"] : "processor-${lower(trimprefix(metric, "Executions"))}" => {
      description = "An execution ended without the alert that a failed one sends."
      namespace   = "AWS/States"
      metric      = metric
      dimensions  = { StateMachineArn = var.state_machine_arn }
      statistic   = "Sum"
      threshold   = 0
      periods     = 1
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = merge(local.dead_letters, local.function_errors, local.backlog, local.processor)

  alarm_name          = "ndjson-parquet-${each.key}-${var.environment}"
  alarm_description   = "${each.value.description} Runbooks: docs/runbooks."
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 300
  evaluation_periods  = each.value.periods
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alerts_topic_arn]
  ok_actions          = [var.alerts_topic_arn]
}
