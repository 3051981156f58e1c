output "names" {
  description = "Name of each alarm, by its key."
  value = merge(
    { for key, alarm in merge(aws_cloudwatch_metric_alarm.metric, aws_cloudwatch_metric_alarm.math) : key => alarm.alarm_name },
    { pipeline-unhealthy = aws_cloudwatch_composite_alarm.pipeline_unhealthy.alarm_name },
  )
}
