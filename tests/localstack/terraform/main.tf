# The modules whose services LocalStack has without Docker, wired as terraform/main.tf wires them. What stands in another
# module there (table, function, Glue job) is only named here.

terraform {
  required_version = ">= 1.9, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region                      = local.region
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}

data "aws_caller_identity" "current" {}

locals {
  environment    = "localstack"
  region         = "us-east-1"
  account_id     = data.aws_caller_identity.current.account_id
  landing_prefix = "landing/ndjson/"
  arn_suffix     = "${local.region}:${local.account_id}"
}

module "storage" {
  source = "../../../modules/storage"

  environment          = local.environment
  account_id           = local.account_id
  input_retention_days = 3
  force_destroy        = true
}

module "queue" {
  source = "../../../modules/queue"

  environment                = local.environment
  region                     = local.region
  account_id                 = local.account_id
  input_bucket               = module.storage.bucket_names["input"]
  input_bucket_arn           = module.storage.bucket_arns["input"]
  landing_prefix             = local.landing_prefix
  visibility_timeout_seconds = 60
  message_retention_days     = 4
  max_receive_count          = 3
  dlq_retention_days         = 14
}

module "alerts" {
  source = "../../../modules/alerts"

  environment = local.environment
}

module "state_machine" {
  source = "../../../modules/state_machine"

  environment                    = local.environment
  tracking_table                 = { name = "tracking", arn = "arn:aws:dynamodb:${local.arn_suffix}:table/tracking" }
  glue_job                       = { name = "converter", arn = "arn:aws:glue:${local.arn_suffix}:job/converter" }
  status_updater_arn             = "arn:aws:lambda:${local.arn_suffix}:function:status-updater"
  status_updater_timeout_seconds = 120
  alerts_topic_arn               = module.alerts.topic_arn
  glue_state_timeout_seconds     = 600
  glue_retry_interval_seconds    = 1
  glue_retry_max_attempts        = 3
  log_retention_days             = 1
}

module "event_bus" {
  source = "../../../modules/event_bus"

  environment = local.environment
  region      = local.region
  account_id  = local.account_id
  # What stands after the # is LocalStack's way to name the mocked course of an execution.
  state_machine_arn  = "${module.state_machine.arn}#Success"
  dlq_retention_days = 14
}

# A short period, so that nobody waits a minute for it.

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "dead-letters"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = element(split(":", module.queue.dead_letter_queue_arn), 5) }
  statistic           = "Maximum"
  period              = 10
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.alerts.topic_arn]
}
