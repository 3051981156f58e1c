data "aws_caller_identity" "current" {}

data "aws_s3_bucket" "existing" {
  for_each = toset(var.existing_landing_bucket[*])

  bucket = each.key

  lifecycle {
    postcondition {
      condition     = self.region == var.region
      error_message = "existing_landing_bucket '${each.key}' is in ${self.region}; allowed is a bucket in region ${var.region}, where its events are."
    }
  }
}

locals {
  account_id     = data.aws_caller_identity.current.account_id
  artifacts_dir  = coalesce(var.artifacts_dir, "${path.root}/../build")
  wheels_dir     = "${local.artifacts_dir}/glue/wheels"
  landing_prefix = "landing/ndjson/"

  existing_bucket = one([for bucket in data.aws_s3_bucket.existing : { name = bucket.id, arn = bucket.arn }])
  buckets         = merge(module.storage.buckets, { for bucket in local.existing_bucket[*] : "input" => bucket })
  kms_key         = one(module.encryption[*].key)
  tracking_table  = { name = module.tracking.table_name, arn = module.tracking.table_arn }
  metrics_table   = { name = module.tracking.metrics_table_name, arn = module.tracking.metrics_table_arn }

  # The functions read their settings from environment variables of the same names in upper case.
  function_settings = {
    ENVIRONMENT                  = var.environment
    RELEASE                      = var.release
    LANDING_PREFIX               = local.landing_prefix
    NUM_STATUS_SHARDS            = var.num_status_shards
    TTL_DAYS                     = var.ttl_days
    POWERTOOLS_LOG_LEVEL         = var.log_level
    POWERTOOLS_METRICS_NAMESPACE = "NdjsonParquet"
  }
  batching_settings = {
    ALLOWED_EXTENSIONS     = join(",", var.allowed_extensions)
    MAX_BATCH_BYTES        = var.max_batch_bytes
    MAX_FILES_PER_MANIFEST = var.max_files_per_manifest
    MAX_FILE_SIZE_MB       = var.max_file_size_mb
    MIN_FILE_SIZE_MB       = var.min_file_size_mb
    ON_OVERWRITE           = var.on_overwrite
  }

  finishing_settings = {
    FRESHNESS_TARGET_MINUTES = var.freshness_target_minutes
    GLUE_DPU_HOUR_USD        = coalesce(var.glue_dpu_hour_usd, var.glue_execution_class == "FLEX" ? 0.29 : 0.44)
  }

  functions = ["export_api", "manifest_builder", "state_manager", "status_updater", "stream_manifest_creator"]
  compute = { for name in local.functions : name => {
    architecture         = var.lambda_architecture
    memory_mb            = lookup(var.lambda_memory_mb, name, 512)
    reserved_concurrency = lookup(var.lambda_reserved_concurrency, name, null)
    log_retention_days   = var.log_retention_days
    kms_key              = local.kms_key
    vpc                  = one(module.network[*].functions)
  } }

  # A message must stay hidden for six function timeouts and the batching window, or a slow batch is delivered twice.
  manifest_builder_timeout_seconds        = floor((var.sqs_visibility_timeout_seconds - var.sqs_batching_window_seconds) / 6)
  stream_manifest_creator_timeout_seconds = 120
  status_updater_timeout_seconds          = 120
  state_manager_timeout_seconds           = 240

  watched_functions = merge(
    {
      manifest_builder = { name = module.manifest_builder.function_name, timeout_seconds = local.manifest_builder_timeout_seconds }
      state_manager    = { name = module.state_manager.function_name, timeout_seconds = local.state_manager_timeout_seconds }
      status_updater   = { name = module.status_updater.function_name, timeout_seconds = local.status_updater_timeout_seconds }
    },
    {
      for name in module.stream_manifest_creator[*].function_name :
      "stream_manifest_creator" => { name = name, timeout_seconds = local.stream_manifest_creator_timeout_seconds }
    },
    { for function in module.export[*].function : "export_api" => function },
  )
  watched_dead_letters = merge(
    { file-events = module.queue.dead_letter_queue_name },
    { for queue in module.stream_manifest_creator[*].dead_letter_queue_name : "stream" => queue },
    { for queue in module.event_bus[*].dead_letter_queue_name : "events" => queue },
  )
  # As long as a file may wait for others, a conversion may take, and three sweeps may be apart.
  oldest_pending_minutes = coalesce(
    var.oldest_pending_minutes, var.max_wait_minutes + var.glue_timeout_minutes + 3 * var.sweep_interval_minutes,
  )
}

# What lands, and where it goes.

module "storage" {
  source = "../modules/storage"

  environment               = var.environment
  account_id                = local.account_id
  own_input_bucket          = var.existing_landing_bucket == null
  input_retention_days      = var.input_retention_days
  retention_days            = var.retention_days
  versioned_buckets         = var.versioned_buckets
  noncurrent_version_days   = var.noncurrent_version_days
  enable_access_logs        = var.enable_access_logs
  access_log_retention_days = var.access_log_retention_days
  kms_key                   = local.kms_key
  force_destroy             = var.force_destroy_buckets
  other_logged_buckets      = local.export_buckets
}

module "queue" {
  source = "../modules/queue"

  environment                = var.environment
  region                     = var.region
  account_id                 = local.account_id
  input_bucket               = local.buckets["input"]
  delivery                   = var.existing_landing_bucket == null ? "notification" : "eventbridge"
  landing_prefix             = local.landing_prefix
  visibility_timeout_seconds = var.sqs_visibility_timeout_seconds
  message_retention_days     = var.sqs_message_retention_days
  max_receive_count          = var.sqs_max_receive_count
  dlq_retention_days         = var.dlq_retention_days
  kms_key                    = local.kms_key
}

module "tracking" {
  source = "../modules/tracking"

  environment         = var.environment
  deletion_protection = var.deletion_protection
  kms_key             = local.kms_key
}

# From files to manifests.

module "manifest_builder" {
  source = "../modules/manifest_builder"

  environment     = var.environment
  zip_path        = "${local.artifacts_dir}/lambda/manifest_builder.zip"
  compute         = local.compute["manifest_builder"]
  timeout_seconds = local.manifest_builder_timeout_seconds
  settings = merge(local.function_settings, local.batching_settings, {
    ENABLE_STREAM_MANIFEST_CREATION = var.enable_stream_manifest_creation
  })

  queue_arn               = module.queue.queue_arn
  batch_size              = var.sqs_batch_size
  batching_window_seconds = var.sqs_batching_window_seconds
  max_concurrency         = var.manifest_builder_max_concurrency
  landing_prefix          = local.landing_prefix
  input_bucket            = local.buckets["input"]
  quarantine_bucket       = local.buckets["quarantine"]
  publishing              = module.publishing
}

module "stream_manifest_creator" {
  source = "../modules/stream_manifest_creator"
  count  = var.enable_stream_manifest_creation ? 1 : 0

  environment     = var.environment
  region          = var.region
  account_id      = local.account_id
  zip_path        = "${local.artifacts_dir}/lambda/stream_manifest_creator.zip"
  compute         = local.compute["stream_manifest_creator"]
  timeout_seconds = local.stream_manifest_creator_timeout_seconds
  settings        = local.function_settings

  stream_arn             = module.tracking.stream_arn
  max_retry_attempts     = var.stream_max_retry_attempts
  max_record_age_seconds = var.stream_max_record_age_seconds
  dlq_retention_days     = var.dlq_retention_days
  publishing             = module.publishing
}

module "state_manager" {
  source = "../modules/state_manager"

  environment     = var.environment
  zip_path        = "${local.artifacts_dir}/lambda/state_manager.zip"
  compute         = local.compute["state_manager"]
  timeout_seconds = local.state_manager_timeout_seconds
  settings = merge(local.function_settings, local.finishing_settings, {
    INPUT_RETENTION_DAYS        = var.input_retention_days
    MAX_MANIFEST_ATTEMPTS       = var.max_manifest_attempts
    MAX_WAIT_MINUTES            = var.max_wait_minutes
    MIN_FILES_FOR_PARTIAL_BATCH = var.min_files_for_partial_batch
    RETRY_BACKOFF_MINUTES       = var.retry_backoff_minutes
  })

  enable_schedule    = var.enable_schedule
  interval_minutes   = var.sweep_interval_minutes
  enable_reconciler  = var.enable_reconciler
  reconcile_schedule = var.reconcile_schedule
  tracking_table     = local.tracking_table
  metrics_table      = local.metrics_table
  landing_prefix     = local.landing_prefix
  input_bucket       = local.buckets["input"]
  manifest_bucket    = local.buckets["manifest"]
  quarantine_bucket  = local.buckets["quarantine"]
  state_machine_arn  = module.state_machine.arn
  file_events_queue  = { url = module.queue.queue_url, arn = module.queue.queue_arn }
  dead_letter_queue  = { url = module.queue.dead_letter_queue_url, arn = module.queue.dead_letter_queue_arn }
  stream_dead_letter_queue = one([
    for creator in module.stream_manifest_creator : { url = creator.dead_letter_queue_url, arn = creator.dead_letter_queue_arn }
  ])
  events_dead_letter_queue = one([
    for bus in module.event_bus : { url = bus.dead_letter_queue_url, arn = bus.dead_letter_queue_arn }
  ])
  publishing = module.publishing
}

module "publishing" {
  source = "../modules/publishing"

  tracking_table    = local.tracking_table
  manifest_bucket   = local.buckets["manifest"]
  state_machine_arn = module.state_machine.arn
  target_part_bytes = var.target_part_bytes
  event_bus         = one(module.event_bus)
}

module "event_bus" {
  source = "../modules/event_bus"
  count  = var.enable_eventbridge_decoupling ? 1 : 0

  environment        = var.environment
  region             = var.region
  account_id         = local.account_id
  state_machine_arn  = module.state_machine.arn
  dlq_retention_days = var.dlq_retention_days
  kms_key            = local.kms_key
}

# From manifests to Parquet.

module "state_machine" {
  source = "../modules/state_machine"

  environment                    = var.environment
  region                         = var.region
  account_id                     = local.account_id
  tracking_table                 = local.tracking_table
  glue_job                       = { name = module.converter.job_name, arn = module.converter.job_arn }
  glue_state_timeout_seconds     = (var.glue_timeout_minutes + 10) * 60
  glue_retry_interval_seconds    = var.glue_retry_interval_seconds
  glue_retry_max_attempts        = var.glue_retry_max_attempts
  status_updater_arn             = module.status_updater.function_arn
  status_updater_timeout_seconds = local.status_updater_timeout_seconds
  alerts_topic_arn               = module.alerts.topic_arn
  runbook_base_url               = var.runbook_base_url
  log_retention_days             = var.log_retention_days
  kms_key                        = local.kms_key
}

module "converter" {
  source = "../modules/converter"

  environment           = var.environment
  region                = var.region
  account_id            = local.account_id
  script_path           = "${local.artifacts_dir}/glue/convert_manifest.py"
  library_path          = "${local.artifacts_dir}/glue/ndjson_converter.zip"
  wheel_paths           = [for name in fileset(local.wheels_dir, "*.whl") : "${local.wheels_dir}/${name}"]
  glue_version          = var.glue_version
  worker_type           = var.glue_worker_type
  number_of_workers     = var.glue_number_of_workers
  max_concurrent_runs   = var.glue_max_concurrent_runs
  timeout_minutes       = var.glue_timeout_minutes
  execution_class       = var.glue_execution_class
  enable_auto_scaling   = var.enable_glue_auto_scaling
  enable_job_queuing    = var.enable_glue_job_queuing
  max_reject_percent    = var.max_reject_percent
  max_columns           = var.max_columns
  on_duplicate_key      = var.on_duplicate_key
  projection_start_date = var.projection_start_date
  vpc                   = one(module.network[*].glue)
  kms_key               = local.kms_key

  input_bucket      = local.buckets["input"]
  manifest_bucket   = local.buckets["manifest"]
  output_bucket     = local.buckets["output"]
  quarantine_bucket = local.buckets["quarantine"]
  scripts_bucket    = local.buckets["scripts"]
}

module "status_updater" {
  source = "../modules/status_updater"

  environment     = var.environment
  zip_path        = "${local.artifacts_dir}/lambda/status_updater.zip"
  compute         = local.compute["status_updater"]
  timeout_seconds = local.status_updater_timeout_seconds
  settings        = merge(local.function_settings, local.finishing_settings)
  manifest_bucket = local.buckets["manifest"]
  tracking_table  = local.tracking_table
  metrics_table   = local.metrics_table
}

# Who hears of it.

module "alerts" {
  source = "../modules/alerts"

  environment = var.environment
  region      = var.region
  account_id  = local.account_id
  email       = var.alert_email
  kms_key     = local.kms_key
}

module "alarms" {
  source = "../modules/alarms"
  count  = var.enable_alarms ? 1 : 0

  environment      = var.environment
  alerts_topic_arn = module.alerts.topic_arn
  alert_email      = var.alert_email
  runbook_base_url = var.runbook_base_url

  functions          = local.watched_functions
  dead_letter_queues = local.watched_dead_letters
  file_events_queue  = module.queue.queue_name
  tracking_table     = module.tracking.table_name
  state_machine_arn  = module.state_machine.arn

  manifest_builder_max_concurrency = var.manifest_builder_max_concurrency
  sweep_interval_minutes           = var.enable_schedule ? var.sweep_interval_minutes : null
  reconciler_overdue_hours         = var.enable_schedule && var.enable_reconciler ? var.reconciler_overdue_hours : null
  slow_function_percent            = var.slow_function_percent
  max_event_age_minutes            = var.max_event_age_minutes
  file_events_backlog              = var.file_events_backlog
  oldest_pending_minutes           = local.oldest_pending_minutes
  quarantine_spike_files           = var.quarantine_spike_files
  reject_spike_percent             = coalesce(var.reject_spike_percent, var.max_reject_percent / 2)
  freshness_target_percent         = var.freshness_target_percent
  daily_budget_usd                 = var.daily_budget_usd
  export                           = one([for export in module.export : { api_id = export.api_id, failed_jobs = var.export_failed_jobs }])
}

module "dashboard" {
  source = "../modules/dashboard"
  count  = var.enable_dashboard ? 1 : 0

  environment      = var.environment
  region           = var.region
  account_id       = local.account_id
  runbook_base_url = var.runbook_base_url
  alarms           = one(module.alarms[*].names)

  functions          = { for package, function in local.watched_functions : package => function.name }
  dead_letter_queues = local.watched_dead_letters
  file_events_queue  = module.queue.queue_name
  tracking_table     = module.tracking.table_name
  glue_job           = module.converter.job_name

  max_event_age_minutes    = var.max_event_age_minutes
  oldest_pending_minutes   = local.oldest_pending_minutes
  freshness_target_percent = var.freshness_target_percent
  daily_budget_usd         = var.daily_budget_usd
}

# What it stands on, when that is wanted.

module "encryption" {
  source = "../modules/encryption"
  count  = var.enable_customer_managed_key ? 1 : 0

  environment          = var.environment
  region               = var.region
  account_id           = local.account_id
  deletion_window_days = var.key_deletion_window_days
}

module "network" {
  source = "../modules/network"
  count  = var.enable_vpc ? 1 : 0

  environment = var.environment
  region      = var.region
  account_id  = local.account_id
  cidr        = var.vpc_cidr
  zone_count  = var.vpc_zone_count

  # The functions call states, sqs and events; Glue workers glue, logs and monitoring; both kms when it is theirs to use.
  interface_endpoints = setunion(
    ["glue", "logs", "monitoring", "sqs", "states"],
    var.enable_eventbridge_decoupling ? ["events"] : [],
    var.enable_customer_managed_key ? ["kms"] : [],
  )
}
