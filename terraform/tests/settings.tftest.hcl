# Every impossible value is refused before anything is planned.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  environment = "test"
}

run "refuses_values_below_their_range" {
  command = plan

  variables {
    min_file_size_mb                 = -1
    input_retention_days             = 0
    sqs_batch_size                   = 0
    sqs_visibility_timeout_seconds   = 59
    sqs_message_retention_days       = 0
    sqs_max_receive_count            = 0
    max_files_per_manifest           = 0
    max_batch_bytes                  = 1
    target_part_bytes                = 1
    max_manifest_attempts            = 0
    retry_backoff_minutes            = 0
    stream_max_retry_attempts        = -1
    stream_max_record_age_seconds    = 59
    num_status_shards                = 0
    manifest_builder_max_concurrency = 1
    ttl_days                         = 0
    glue_number_of_workers           = 1
    glue_max_concurrent_runs         = 0
    glue_timeout_minutes             = 0
    glue_retry_interval_seconds      = 0
    glue_retry_max_attempts          = -1
    max_reject_percent               = -1
    max_columns                      = 0
  }

  expect_failures = [
    var.min_file_size_mb, var.input_retention_days, var.sqs_batch_size, var.sqs_visibility_timeout_seconds,
    var.sqs_message_retention_days, var.sqs_max_receive_count, var.max_files_per_manifest, var.max_batch_bytes,
    var.target_part_bytes, var.max_manifest_attempts, var.retry_backoff_minutes, var.stream_max_retry_attempts,
    var.stream_max_record_age_seconds, var.num_status_shards, var.manifest_builder_max_concurrency, var.ttl_days,
    var.glue_number_of_workers, var.glue_max_concurrent_runs, var.glue_timeout_minutes,
    var.glue_retry_interval_seconds, var.glue_retry_max_attempts, var.max_reject_percent, var.max_columns,
  ]
}

run "refuses_values_above_their_range" {
  command = plan

  variables {
    max_file_size_mb                 = 5242881
    sqs_batch_size                   = 11
    sqs_visibility_timeout_seconds   = 5401
    dlq_retention_days               = 15
    max_files_per_manifest           = 10001
    max_manifest_attempts            = 21
    retry_backoff_minutes            = 1441
    stream_max_retry_attempts        = 10001
    stream_max_record_age_seconds    = 86401
    num_status_shards                = 101
    manifest_builder_max_concurrency = 1001
    glue_timeout_minutes             = 2881
    max_reject_percent               = 100.1
  }

  expect_failures = [
    var.max_file_size_mb, var.sqs_batch_size, var.sqs_visibility_timeout_seconds, var.dlq_retention_days,
    var.max_files_per_manifest, var.max_manifest_attempts, var.retry_backoff_minutes, var.stream_max_retry_attempts,
    var.stream_max_record_age_seconds, var.num_status_shards, var.manifest_builder_max_concurrency,
    var.glue_timeout_minutes, var.max_reject_percent,
  ]
}

run "refuses_values_that_are_not_whole" {
  command = plan

  variables {
    input_retention_days   = 1.5
    max_files_per_manifest = 1.5
    max_manifest_attempts  = 1.5
    retry_backoff_minutes  = 1.5
    glue_number_of_workers = 2.5
    log_retention_days     = 10.5
  }

  expect_failures = [
    var.input_retention_days, var.max_files_per_manifest, var.max_manifest_attempts, var.retry_backoff_minutes,
    var.glue_number_of_workers, var.log_retention_days,
  ]
}

run "refuses_values_below_the_setting_they_depend_on" {
  command = plan

  variables {
    max_file_size_mb   = 0.05
    dlq_retention_days = 4
  }

  expect_failures = [
    var.max_file_size_mb, var.dlq_retention_days,
  ]
}

run "refuses_values_that_are_not_among_the_choices" {
  command = plan

  variables {
    on_overwrite        = "ignore"
    glue_version        = "4.0"
    glue_worker_type    = "Standard"
    on_duplicate_key    = "first"
    lambda_architecture = "arm"
    log_level           = "TRACE"
    log_retention_days  = 10
  }

  expect_failures = [
    var.on_overwrite, var.glue_version, var.glue_worker_type, var.on_duplicate_key, var.lambda_architecture,
    var.log_level, var.log_retention_days,
  ]
}

run "refuses_values_that_are_malformed" {
  command = plan

  variables {
    environment           = "Prod"
    region                = "us-east"
    allowed_extensions    = ["ndjson"]
    projection_start_date = "2025-02-30"
    alert_email           = "nobody"
  }

  expect_failures = [
    var.environment, var.region, var.allowed_extensions, var.projection_start_date, var.alert_email,
  ]
}

run "refuses_values_that_are_empty" {
  command = plan

  variables {
    environment           = ""
    allowed_extensions    = []
    projection_start_date = ""
  }

  expect_failures = [
    var.environment, var.allowed_extensions, var.projection_start_date,
  ]
}
