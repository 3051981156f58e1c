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
  input_bucket               = module.storage.buckets["input"]
  landing_prefix             = local.landing_prefix
  visibility_timeout_seconds = 60
  message_retention_days     = 4
  max_receive_count          = 3
  dlq_retention_days         = 14
}

module "alerts" {
  source = "../../../modules/alerts"

  environment = local.environment
  region      = local.region
  account_id  = local.account_id
}

module "state_machine" {
  source = "../../../modules/state_machine"

  environment                    = local.environment
  region                         = local.region
  account_id                     = local.account_id
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

module "alarms" {
  source = "../../../modules/alarms"

  environment        = local.environment
  alerts_topic_arn   = module.alerts.topic_arn
  file_events_queue  = module.queue.queue_name
  state_machine_arn  = module.state_machine.arn
  tracking_table     = "tracking"
  dead_letter_queues = { file-events = module.queue.dead_letter_queue_name }
  functions          = { manifest_builder = { name = "manifest-builder", timeout_seconds = 60 } }

  manifest_builder_max_concurrency = 2
  oldest_pending_minutes           = 60
  reject_spike_percent             = 5
}
