data "aws_partition" "current" {}

locals {
  name = "ndjson-parquet-lake"
  # The bill tells the lake from the pipeline by it.
  tags       = { service = "ndjson-parquet-lake-${var.environment}" }
  arn_prefix = "arn:${data.aws_partition.current.partition}"
  # Built from the names, for the functions' rights name the bucket before it exists.
  bucket_name   = "${local.name}-${var.environment}-${var.account_id}"
  bucket_arn    = "${local.arn_prefix}:s3:::${local.bucket_name}"
  catalog_arn   = "${local.arn_prefix}:glue:${var.region}:${var.account_id}"
  declared      = jsondecode(file("${path.module}/tables.json"))
  databases     = { for zone in ["raw", "processed", "curated"] : zone => "${zone}_${var.environment}" }
  workgroup_arn = "${local.arn_prefix}:athena:${var.region}:${var.account_id}:workgroup/${local.workgroup}"
  workgroup     = "${local.name}-${var.environment}"

  # Between two steps of a run nobody needs what it staged, and an answer of Athena is reused for minutes.
  retention_days = merge({ staging = 1, athena-results = 7 }, var.retention_days)
}

module "storage" {
  source = "../lake_storage"

  environment             = var.environment
  region                  = var.region
  account_id              = var.account_id
  retention_days          = local.retention_days
  cheaper_storage         = var.cheaper_storage
  noncurrent_version_days = var.noncurrent_version_days
  eraser_role_arns        = var.eraser_role_arns
  enable_access_logs      = var.enable_access_logs
  enable_data_events      = var.enable_data_events
  log_retention_days      = var.access_log_retention_days
  deletion_protection     = var.deletion_protection
  force_destroy           = var.force_destroy
  kms_key                 = var.kms_key
  tags                    = local.tags
}

module "catalog" {
  source = "../lake_catalog"

  environment           = var.environment
  region                = var.region
  account_id            = var.account_id
  bucket_name           = local.bucket_name
  tables                = local.declared.tables
  datasets              = local.declared.datasets
  projection_start_date = var.projection_start_date
  enable_crawlers       = var.enable_crawlers
  kms_key               = var.kms_key
  tags                  = local.tags
}

module "jobs" {
  source = "../lake_jobs"

  environment         = var.environment
  region              = var.region
  account_id          = var.account_id
  artifacts_dir       = var.artifacts_dir
  libraries           = ["ndjson_lake", "ndjson_parquet_lake"]
  glue_version        = var.glue.version
  worker_type         = var.glue.worker_type
  number_of_workers   = var.glue.number_of_workers
  timeout_minutes     = var.glue.timeout_minutes
  execution_class     = var.glue.execution_class
  enable_auto_scaling = var.glue.auto_scaling
  bucket_name         = local.bucket_name
  scripts_bucket      = var.scripts_bucket
  tokens_secret_arn   = aws_secretsmanager_secret.tokens.arn
  kms_key             = var.kms_key
  tags                = local.tags
}

module "workflow" {
  source = "../lake_workflow"

  environment               = var.environment
  region                    = var.region
  account_id                = var.account_id
  bucket_name               = local.bucket_name
  files_table               = module.storage.files_table
  validator                 = { arn = module.validator.function_arn, timeout_seconds = local.function_timeout_seconds }
  quality                   = { arn = module.quality.function_arn, timeout_seconds = local.function_timeout_seconds }
  jobs                      = module.jobs.jobs
  crawlers                  = module.catalog.crawlers
  pipeline_alerts_topic_arn = module.watch.topic_arns["pipeline-alerts"]
  quality_alerts_topic_arn  = module.watch.topic_arns["data-quality-alerts"]
  runbook_base_url          = var.runbook_base_url
  enable_schedule           = var.enable_schedule
  schedule                  = var.schedule
  enable_on_upload          = var.enable_on_upload
  job_timeout_minutes       = var.glue.timeout_minutes
  job_retries               = var.job_retries
  retry_interval_seconds    = var.retry_interval_seconds
  wait_seconds              = var.wait_seconds
  timeout_hours             = var.timeout_hours
  log_retention_days        = var.compute.log_retention_days
  kms_key                   = var.kms_key
  tags                      = local.tags
}

module "watch" {
  source = "../lake_watch"

  environment           = var.environment
  region                = var.region
  account_id            = var.account_id
  email                 = var.alert_email
  runbook_base_url      = var.runbook_base_url
  enable_alarms         = var.enable_alarms
  enable_dashboard      = var.enable_dashboard
  enable_cost_anomalies = var.enable_cost_anomalies
  daily_budget_usd      = var.daily_budget_usd
  is_scheduled          = var.enable_schedule || var.enable_on_upload
  quarantined_files     = var.quarantined_files
  # By name: the machine needs the topics.
  state_machine_arn = "${local.arn_prefix}:states:${var.region}:${var.account_id}:stateMachine:${local.name}-daily-${var.environment}"
  functions = {
    validator = "${local.name}-validator-${var.environment}"
    quality   = "${local.name}-quality-${var.environment}"
  }
  workgroup = local.workgroup
  kms_key   = var.kms_key
  tags      = local.tags
}

# The key of the tokens that replace personal data. The first run makes its value: so it is in no state and in nobody's settings.
resource "aws_secretsmanager_secret" "tokens" {
  #checkov:skip=CKV_AWS_149:the customer-managed key is a flag; without it AWS's own key for secrets applies
  #checkov:skip=CKV2_AWS_57:a new key would give the same person another token: rotating it is a decision, docs/lake.md
  name        = "${local.name}-tokens-${var.environment}"
  description = "Key of the tokens that replace personal data in processed and curated tables."
  kms_key_id  = try(var.kms_key.arn, null)

  recovery_window_in_days = var.force_destroy ? 0 : 30

  tags = local.tags
}
