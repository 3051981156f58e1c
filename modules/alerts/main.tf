resource "aws_sns_topic" "this" {
  name = "ndjson-parquet-alerts-${var.environment}"
}

resource "aws_sns_topic_subscription" "email" {
  count = var.email == null ? 0 : 1

  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = var.email
}
