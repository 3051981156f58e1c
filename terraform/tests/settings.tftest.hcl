# Every impossible value is refused before anything is planned. A run block holds as many as it can: a variable fails once in it.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  environment = "test"
}

run "refuses_values_below_their_range_and_malformed_ones" {
  command = plan

  variables {
    min_file_size_mb                 = -1
    input_retention_days             = 0
    noncurrent_version_days          = 0
    sqs_batch_size                   = 0
    sqs_batching_window_seconds      = -1
    sqs_visibility_timeout_seconds   = 59
    sqs_message_retention_days       = 0
    sqs_max_receive_count            = 0
    max_files_per_manifest           = 0
    max_batch_bytes                  = 1
    target_part_bytes                = 1
    max_wait_minutes                 = 0
    min_files_for_partial_batch      = 0
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
    max_event_age_minutes            = 4
    file_events_backlog              = 0
    quarantine_spike_files           = -1
    freshness_target_percent         = 0
    slow_function_percent            = 0
    reconciler_overdue_hours         = 0
    daily_budget_usd                 = 0
    key_deletion_window_days         = 6
    access_log_retention_days        = 0
    lake_schedule                    = "at(2026-11-21T02:30:00)"
    lake_glue_number_of_workers      = 1
    lake_glue_timeout_minutes        = 0
    lake_glue_execution_class        = "SPOT"
    lake_job_retries                 = -1
    lake_retry_interval_seconds      = 0
    lake_wait_seconds                = 0
    lake_timeout_hours               = 0
    lake_athena_scan_limit_gb        = 0.001
    lake_retention_days              = { landing = 7 }
    lake_noncurrent_version_days     = 0
    lake_eraser_role_arns            = ["privacy"]
    lake_quarantined_files           = -1
    lake_daily_budget_usd            = 0

    environment             = "Prod"
    region                  = "us-east"
    release                 = "1.0 beta"
    owner                   = "a;b"
    cost_centre             = ""
    allowed_extensions      = ["ndjson"]
    existing_landing_bucket = "Bucket"
    projection_start_date   = "2025-02-30"
    alert_email             = "nobody"
    runbook_base_url        = "docs/runbooks/"
    vpc_cidr                = "10.80.0.0/8"
    glue_execution_class    = "SPOT"
  }

  expect_failures = [
    var.min_file_size_mb, var.input_retention_days, var.noncurrent_version_days, var.sqs_batch_size,
    var.sqs_batching_window_seconds, var.sqs_visibility_timeout_seconds, var.sqs_message_retention_days, var.sqs_max_receive_count,
    var.max_files_per_manifest, var.max_batch_bytes, var.target_part_bytes, var.max_wait_minutes,
    var.min_files_for_partial_batch, var.max_manifest_attempts, var.retry_backoff_minutes,
    var.stream_max_retry_attempts, var.stream_max_record_age_seconds, var.num_status_shards,
    var.manifest_builder_max_concurrency, var.ttl_days, var.glue_number_of_workers, var.glue_max_concurrent_runs,
    var.glue_timeout_minutes, var.glue_retry_interval_seconds, var.glue_retry_max_attempts, var.max_reject_percent,
    var.max_columns, var.max_event_age_minutes, var.file_events_backlog, var.quarantine_spike_files,
    var.freshness_target_percent, var.slow_function_percent, var.reconciler_overdue_hours, var.daily_budget_usd, var.key_deletion_window_days, var.access_log_retention_days,
    var.environment, var.release, var.region, var.owner, var.cost_centre, var.allowed_extensions,
    var.existing_landing_bucket, var.projection_start_date, var.alert_email, var.runbook_base_url, var.vpc_cidr, var.glue_execution_class,
    var.lake_schedule, var.lake_glue_number_of_workers, var.lake_glue_timeout_minutes,
    var.lake_glue_execution_class, var.lake_job_retries, var.lake_retry_interval_seconds, var.lake_wait_seconds,
    var.lake_timeout_hours, var.lake_athena_scan_limit_gb, var.lake_retention_days,
    var.lake_noncurrent_version_days, var.lake_eraser_role_arns, var.lake_quarantined_files, var.lake_daily_budget_usd,
  ]
}

run "refuses_values_above_their_range_and_those_that_are_not_among_the_choices" {
  command = plan

  variables {
    lake_cheaper_storage             = { raw = { infrequent_days = 7 } }
    max_file_size_mb                 = 5242881
    sqs_batch_size                   = 11
    sqs_batching_window_seconds      = 21
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
    max_event_age_minutes            = 1441
    oldest_pending_minutes           = 20161
    freshness_target_percent         = 100.1
    slow_function_percent            = 100
    reconciler_overdue_hours         = 169
    key_deletion_window_days         = 31

    environment           = ""
    allowed_extensions    = []
    projection_start_date = ""
    vpc_cidr              = "10.80.0.0"

    on_overwrite           = "ignore"
    data_classification    = "secret"
    versioned_buckets      = ["input"]
    retention_days         = { outputs = 30 }
    sweep_interval_minutes = 3
    reconcile_schedule     = "daily"
    glue_version           = "4.0"
    glue_worker_type       = "Standard"
    lake_glue_worker_type  = "Standard"
    on_duplicate_key       = "first"
    lambda_architecture    = "arm"
    lambda_memory_mb       = { state_manger = 512 }
    log_level              = "TRACE"
    log_retention_days     = 10
    vpc_zone_count         = 1
    glue_dpu_hour_usd      = -0.44
  }

  expect_failures = [
    var.lake_cheaper_storage,
    var.max_file_size_mb, var.sqs_batch_size, var.sqs_visibility_timeout_seconds, var.dlq_retention_days,
    var.sqs_batching_window_seconds,
    var.max_files_per_manifest, var.max_manifest_attempts, var.retry_backoff_minutes, var.stream_max_retry_attempts,
    var.stream_max_record_age_seconds, var.num_status_shards, var.manifest_builder_max_concurrency,
    var.glue_timeout_minutes, var.max_reject_percent, var.max_event_age_minutes, var.oldest_pending_minutes,
    var.freshness_target_percent, var.slow_function_percent, var.reconciler_overdue_hours, var.key_deletion_window_days,
    var.environment, var.allowed_extensions, var.projection_start_date, var.vpc_cidr,
    var.on_overwrite, var.data_classification, var.versioned_buckets, var.retention_days, var.sweep_interval_minutes,
    var.reconcile_schedule,
    var.glue_version, var.glue_worker_type, var.lake_glue_worker_type, var.on_duplicate_key, var.lambda_architecture,
    var.lambda_memory_mb, var.log_level, var.log_retention_days, var.vpc_zone_count,
    var.glue_dpu_hour_usd,
  ]
}

run "refuses_values_that_are_not_whole_and_those_that_contradict_others" {
  command = plan

  variables {
    input_retention_days   = 1.5
    max_files_per_manifest = 1.5
    max_manifest_attempts  = 1.5
    retry_backoff_minutes  = 1.5
    glue_number_of_workers = 2.5
    log_retention_days     = 10.5
    lambda_memory_mb       = { state_manager = 127.5 }
    file_events_backlog    = 1.5
    quarantine_spike_files = 1.5

    # Late from the start.
    freshness_target_minutes = 15
    # A file that is too small and too large at once.
    max_file_size_mb = 0.05
    # Dead letters that expire before their events do.
    dlq_retention_days = 4
    # Manifests deleted while the tracking table still refers to them.
    retention_days = { manifest = 29 }
    # Polling for more invocations than may run.
    manifest_builder_max_concurrency = 50
    lambda_reserved_concurrency      = { manifest_builder = 49 }
    # Flex runs that wait in a queue that Flex does not have.
    glue_execution_class    = "FLEX"
    enable_glue_job_queuing = true
    # Overdue before a quiet batch is sealed.
    max_wait_minutes       = 30
    oldest_pending_minutes = 30
    # Nobody hears of rejected lines before the run fails because of them.
    max_reject_percent   = 5
    reject_spike_percent = 6
    # Protected, and emptied by a destroy.
    deletion_protection   = true
    force_destroy_buckets = true
  }

  expect_failures = [
    var.input_retention_days, var.max_files_per_manifest, var.max_manifest_attempts, var.retry_backoff_minutes,
    var.glue_number_of_workers, var.log_retention_days, var.lambda_memory_mb,
    var.max_file_size_mb, var.dlq_retention_days, var.retention_days, var.lambda_reserved_concurrency,
    var.enable_glue_job_queuing, var.oldest_pending_minutes, var.reject_spike_percent, var.force_destroy_buckets,
    var.file_events_backlog, var.quarantine_spike_files, var.freshness_target_minutes,
  ]
}

run "refuses_flex_on_large_workers_an_embedded_prod_and_a_function_that_there_is_not" {
  command = plan

  variables {
    environment          = "prod"
    emulator             = true
    glue_execution_class = "FLEX"
    glue_worker_type     = "G.4X"

    lake_glue_execution_class = "FLEX"
    lake_glue_worker_type     = "G.8X"

    lambda_reserved_concurrency = { state_manger = 1 }

    # Compared with other settings, so not where those are refused themselves.
    oldest_pending_minutes = 0
    reject_spike_percent   = -1
  }

  expect_failures = [
    var.emulator, var.glue_execution_class, var.lake_glue_execution_class, var.lambda_reserved_concurrency,
    var.oldest_pending_minutes, var.reject_spike_percent,
  ]
}

run "refuses_a_landing_bucket_elsewhere" {
  command = plan

  variables {
    existing_landing_bucket = "somebodys-bucket"
  }

  override_data {
    target = data.aws_s3_bucket.existing
    values = { id = "somebodys-bucket", arn = "arn:aws:s3:::somebodys-bucket", region = "eu-west-1" }
  }

  expect_failures = [data.aws_s3_bucket.existing]
}

run "refuses_impossible_settings_of_the_export" {
  command = plan

  variables {
    enable_export_console         = true
    export_allowed_origin         = "*"
    export_oidc                   = { issuer = "http://issuer.example.com", audience = "" }
    export_pipeline_group         = "my operators"
    export_max_upload_mb          = 0
    export_max_running_jobs       = 0
    export_max_concurrent_runs    = 0
    export_timeout_minutes        = 0
    export_retry_interval_seconds = 0
    export_capacity_dpu           = 2
    export_requests_per_second    = 0
    export_requests_burst         = 0
    export_retention_days         = 0
    export_failed_jobs            = -1

    export_console_connect_origins = ["login.example.com"]
  }

  expect_failures = [
    var.enable_export_console, var.export_allowed_origin, var.export_oidc, var.export_pipeline_group, var.export_max_upload_mb,
    var.export_max_running_jobs, var.export_max_concurrent_runs, var.export_timeout_minutes, var.export_retry_interval_seconds,
    var.export_capacity_dpu, var.export_requests_per_second, var.export_requests_burst, var.export_retention_days,
    var.export_console_connect_origins, var.export_failed_jobs,
  ]
}
