# Each module refuses what it cannot do, whoever calls it.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["zone-a", "zone-b", "zone-c", "zone-d"] }
  }
}

variables {
  environment       = "Not an environment"
  region            = "us-east-1"
  zip_path          = "versions.tf"
  timeout_seconds   = 120
  settings          = {}
  publishing        = { settings = {}, statements = [] }
  account_id        = "123456789012"
  state_machine_arn = "arn:aws:states:us-east-1:123456789012:stateMachine:processor"
}

run "alarms" {
  command = plan

  module {
    source = "../modules/alarms"
  }

  variables {
    alerts_topic_arn                 = "arn:aws:sns:us-east-1:123456789012:alerts"
    runbook_base_url                 = "docs/runbooks/"
    dead_letter_queues               = {}
    file_events_queue                = "file-events"
    tracking_table                   = "tracking"
    functions                        = { state_manager = { name = "state-manager", timeout_seconds = 60 } }
    manifest_builder_max_concurrency = 2
    sweep_interval_minutes           = 3
    reconciler_overdue_hours         = 169
    slow_function_percent            = 100
    max_event_age_minutes            = 4
    file_events_backlog              = 0
    oldest_pending_minutes           = 0
    quarantine_spike_files           = -1
    reject_spike_percent             = 101
    freshness_target_percent         = 0
    daily_budget_usd                 = 0
    export                           = { api_id = "api", failed_jobs = 0.5 }
  }

  expect_failures = [
    var.environment, var.runbook_base_url, var.functions, var.sweep_interval_minutes, var.reconciler_overdue_hours,
    var.slow_function_percent, var.max_event_age_minutes, var.file_events_backlog, var.oldest_pending_minutes,
    var.quarantine_spike_files, var.reject_spike_percent, var.freshness_target_percent, var.daily_budget_usd, var.export,
  ]
}

run "alerts" {
  command = plan

  module {
    source = "../modules/alerts"
  }

  variables {
    account_id = "1"
  }

  expect_failures = [
    var.environment, var.account_id,
  ]
}

run "converter" {
  command = plan

  module {
    source = "../modules/converter"
  }

  variables {
    account_id            = "1"
    script_path           = "versions.tf"
    library_path          = "versions.tf"
    wheel_paths           = []
    glue_version          = "4.0"
    worker_type           = "Standard"
    number_of_workers     = 1
    max_concurrent_runs   = 0
    timeout_minutes       = 0
    max_reject_percent    = 101
    max_columns           = 0
    on_duplicate_key      = "first"
    projection_start_date = "2026-02-30"
    execution_class       = "SPOT"
    input_bucket          = { name = "input", arn = "arn:aws:s3:::input" }
    manifest_bucket       = { name = "manifest", arn = "arn:aws:s3:::manifest" }
    output_bucket         = { name = "output", arn = "arn:aws:s3:::output" }
    quarantine_bucket     = { name = "quarantine", arn = "arn:aws:s3:::quarantine" }
    scripts_bucket        = { name = "scripts", arn = "arn:aws:s3:::scripts" }
  }

  expect_failures = [
    var.environment, var.account_id, var.glue_version, var.worker_type, var.number_of_workers, var.max_concurrent_runs, var.timeout_minutes, var.max_reject_percent, var.max_columns, var.on_duplicate_key, var.projection_start_date, var.execution_class,
  ]
}

run "dashboard" {
  command = plan

  module {
    source = "../modules/dashboard"
  }

  variables {
    account_id               = "1"
    alarms                   = { for number in range(101) : number => "alarm-${number}" }
    functions                = {}
    dead_letter_queues       = {}
    file_events_queue        = "file-events"
    tracking_table           = "tracking"
    glue_job                 = "job"
    max_event_age_minutes    = 30
    oldest_pending_minutes   = 60
    freshness_target_percent = 99
    daily_budget_usd         = 50
  }

  expect_failures = [
    var.environment, var.account_id, var.alarms, var.functions,
  ]
}

run "encryption" {
  command = plan

  module {
    source = "../modules/encryption"
  }

  variables {
    account_id           = "1"
    deletion_window_days = 6
  }

  expect_failures = [
    var.environment, var.account_id, var.deletion_window_days,
  ]
}

run "event_bus" {
  command = plan

  module {
    source = "../modules/event_bus"
  }

  variables {
    account_id         = "1"
    dlq_retention_days = 15
  }

  expect_failures = [
    var.environment, var.account_id, var.dlq_retention_days,
  ]
}

run "export" {
  command = plan

  module {
    source = "../modules/export"
  }

  variables {
    account_id             = "1"
    script_path            = "versions.tf"
    library_path           = "versions.tf"
    tracking_table         = { name = "tracking", arn = "arn:aws:dynamodb:us-east-1:123456789012:table/tracking" }
    manifest_bucket        = { name = "manifest", arn = "arn:aws:s3:::manifest" }
    output_bucket          = { name = "output", arn = "arn:aws:s3:::output" }
    scripts_bucket         = { name = "scripts", arn = "arn:aws:s3:::scripts" }
    pipeline_group         = null
    allowed_origin         = "https://*.example.com"
    max_upload_mb          = 5121
    max_running_jobs       = 1001
    max_concurrent_runs    = 0
    timeout_minutes        = 2881
    retry_interval_seconds = 901
    capacity_dpu           = 0.5
    requests_per_second    = 10001
    requests_burst         = 5001
    retention_days         = 3651
  }

  expect_failures = [
    var.environment, var.account_id, var.allowed_origin, var.max_upload_mb, var.max_running_jobs, var.max_concurrent_runs,
    var.timeout_minutes, var.retry_interval_seconds, var.capacity_dpu, var.requests_per_second, var.requests_burst,
    var.retention_days,
  ]
}

run "export_console" {
  command = plan

  module {
    source = "../modules/export_console"
  }

  variables {
    account_id = "1"
    site_dir   = "."

    files_bucket    = "files"
    connect_origins = ["http://login.example.com"]
  }

  expect_failures = [
    var.environment, var.account_id, var.site_dir, var.connect_origins,
  ]
}

run "function" {
  command = plan

  module {
    source = "../modules/function"
  }

  variables {
    name                  = "a name"
    description           = "A function."
    zip_path              = "absent.zip"
    handler               = "function.handler"
    runtime               = "nodejs22.x"
    timeout_seconds       = 901
    compute               = { memory_mb = 64, architecture = "arm", reserved_concurrency = 0 }
    environment_variables = {}
    statements            = [{ sid = "All", actions = ["s3:GetObject"], resources = ["*"] }]
  }

  expect_failures = [
    var.name, var.zip_path, var.runtime, var.timeout_seconds, var.compute, var.statements,
  ]
}

run "lake" {
  command = plan

  module {
    source = "../modules/lake"
  }

  variables {
    account_id            = "1"
    scripts_bucket        = { name = "scripts", arn = "arn:aws:s3:::scripts" }
    projection_start_date = "2025-01-01"
    runbook_base_url      = "docs/runbooks"
    glue = {
      version      = "5.1", worker_type = "G.1X", number_of_workers = 2, timeout_minutes = 60, execution_class = "STANDARD"
      auto_scaling = false, dpu_hour_usd = 0.44
    }
  }

  expect_failures = [
    var.environment, var.account_id,
  ]
}

run "lake_jobs" {
  command = plan

  module {
    source = "../modules/lake_jobs"
  }

  variables {
    environment         = "test"
    artifacts_dir       = "nowhere"
    libraries           = []
    glue_version        = "5.1"
    worker_type         = "G.1X"
    number_of_workers   = 2
    execution_class     = "STANDARD"
    enable_auto_scaling = false
    timeout_minutes     = 60
    bucket_name         = "lake"
    scripts_bucket      = { name = "scripts", arn = "arn:aws:s3:::scripts" }
    tokens_secret_arn   = "arn:aws:secretsmanager:us-east-1:123456789012:secret:tokens"
  }

  expect_failures = [
    var.artifacts_dir,
  ]
}

run "manifest_builder" {
  command = plan

  module {
    source = "../modules/manifest_builder"
  }

  variables {
    queue_arn       = "arn:aws:sqs:us-east-1:123456789012:file-events"
    batch_size      = 11
    max_concurrency = 1
    landing_prefix  = "landing"

    batching_window_seconds = 0.5

    input_bucket      = { name = "input", arn = "arn:aws:s3:::input" }
    quarantine_bucket = { name = "quarantine", arn = "arn:aws:s3:::quarantine" }
  }

  expect_failures = [
    var.environment, var.batch_size, var.batching_window_seconds, var.max_concurrency, var.landing_prefix,
  ]
}

run "network" {
  command = plan

  module {
    source = "../modules/network"
  }

  variables {
    account_id          = "1"
    cidr                = "10.0.0.0/8"
    zone_count          = 4
    interface_endpoints = ["s3"]
  }

  expect_failures = [
    var.environment, var.account_id, var.cidr, var.zone_count, var.interface_endpoints,
  ]
}

run "publishing" {
  command = plan

  module {
    source = "../modules/publishing"
  }

  variables {
    tracking_table    = { name = "tracking", arn = "arn:aws:dynamodb:us-east-1:123456789012:table/tracking" }
    manifest_bucket   = { name = "manifest", arn = "arn:aws:s3:::manifest" }
    target_part_bytes = 1
  }

  expect_failures = [
    var.target_part_bytes,
  ]
}

run "queue" {
  command = plan

  module {
    source = "../modules/queue"
  }

  variables {
    account_id                 = "1"
    input_bucket               = { name = "landing", arn = "arn:aws:s3:::landing" }
    delivery                   = "sns"
    landing_prefix             = "/landing"
    visibility_timeout_seconds = 0
    message_retention_days     = 15
    max_receive_count          = 0
    dlq_retention_days         = 15
  }

  expect_failures = [
    var.environment, var.account_id, var.delivery, var.landing_prefix, var.visibility_timeout_seconds, var.message_retention_days, var.max_receive_count, var.dlq_retention_days,
  ]
}

run "state_machine" {
  command = plan

  module {
    source = "../modules/state_machine"
  }

  variables {
    account_id                     = "1"
    tracking_table                 = { name = "tracking", arn = "arn:aws:dynamodb:us-east-1:123456789012:table/tracking" }
    glue_job                       = { name = "job", arn = "arn:aws:glue:us-east-1:123456789012:job/job" }
    status_updater_arn             = "arn:aws:lambda:us-east-1:123456789012:function:status-updater"
    alerts_topic_arn               = "arn:aws:sns:us-east-1:123456789012:alerts"
    runbook_base_url               = "docs/runbooks/"
    status_updater_timeout_seconds = 901
    glue_state_timeout_seconds     = 0
    glue_retry_interval_seconds    = 0
    glue_retry_max_attempts        = -1
    log_retention_days             = 0
  }

  expect_failures = [
    var.environment, var.account_id, var.status_updater_timeout_seconds, var.glue_state_timeout_seconds, var.glue_retry_interval_seconds, var.glue_retry_max_attempts, var.log_retention_days,
    var.runbook_base_url,
  ]
}

run "state_manager" {
  command = plan

  module {
    source = "../modules/state_manager"
  }

  variables {
    enable_schedule    = true
    interval_minutes   = 0
    enable_reconciler  = true
    reconcile_schedule = "daily"
    landing_prefix     = "landing/ndjson/"
    input_bucket       = { name = "input", arn = "arn:aws:s3:::input" }
    quarantine_bucket  = { name = "quarantine", arn = "arn:aws:s3:::quarantine" }
    file_events_queue  = { url = "https://sqs.us-east-1.amazonaws.com/123456789012/file-events", arn = "arn:aws:sqs:us-east-1:123456789012:file-events" }
    metrics_table      = { name = "metrics", arn = "arn:aws:dynamodb:us-east-1:123456789012:table/metrics" }
    tracking_table     = { name = "tracking", arn = "arn:aws:dynamodb:us-east-1:123456789012:table/tracking" }
    manifest_bucket    = { name = "manifest", arn = "arn:aws:s3:::manifest" }
    dead_letter_queue  = { url = "https://sqs", arn = "arn:aws:sqs:us-east-1:123456789012:dlq" }
  }

  expect_failures = [
    var.environment, var.interval_minutes, var.reconcile_schedule,
  ]
}

run "status_updater" {
  command = plan

  module {
    source = "../modules/status_updater"
  }

  # It has no resource of its own, and would not inherit the mocked provider.
  providers = {
    aws = aws
  }

  variables {
    manifest_bucket = { name = "manifest", arn = "arn:aws:s3:::manifest" }
    tracking_table  = { name = "tracking", arn = "arn:aws:dynamodb:us-east-1:123456789012:table/tracking" }
    metrics_table   = { name = "metrics", arn = "arn:aws:dynamodb:us-east-1:123456789012:table/metrics" }
  }

  expect_failures = [
    var.environment,
  ]
}

run "storage" {
  command = plan

  module {
    source = "../modules/storage"
  }

  variables {
    account_id                = "1"
    input_retention_days      = 0
    retention_days            = { input = 3 }
    versioned_buckets         = ["input"]
    noncurrent_version_days   = 0
    incomplete_upload_days    = 1
    access_log_retention_days = 0
  }

  expect_failures = [
    var.environment, var.account_id, var.input_retention_days, var.retention_days, var.versioned_buckets, var.noncurrent_version_days, var.incomplete_upload_days, var.access_log_retention_days,
  ]
}

run "stream_manifest_creator" {
  command = plan

  module {
    source = "../modules/stream_manifest_creator"
  }

  variables {
    account_id             = "1"
    dlq_retention_days     = 15
    stream_arn             = "arn:aws:dynamodb:us-east-1:123456789012:table/tracking/stream/1"
    max_retry_attempts     = -1
    max_record_age_seconds = 59
  }

  expect_failures = [
    var.environment, var.account_id, var.dlq_retention_days, var.max_retry_attempts, var.max_record_age_seconds,
  ]
}

run "tracking" {
  command = plan

  module {
    source = "../modules/tracking"
  }

  expect_failures = [
    var.environment,
  ]
}
