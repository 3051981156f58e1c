# The lake stands beside the pipeline: it shares the scripts bucket, the key and the address of the alerts.

module "lake" {
  source = "../modules/lake"
  count  = var.enable_lake ? 1 : 0

  environment   = var.environment
  region        = var.region
  account_id    = local.account_id
  artifacts_dir = local.artifacts_dir
  compute       = local.lake_compute
  settings = {
    for name in ["ENVIRONMENT", "RELEASE", "POWERTOOLS_LOG_LEVEL", "POWERTOOLS_METRICS_NAMESPACE"] : name => local.function_settings[name]
  }
  scripts_bucket = local.buckets["scripts"]
  glue = {
    version           = var.glue_version
    worker_type       = var.lake_glue_worker_type
    number_of_workers = var.lake_glue_number_of_workers
    timeout_minutes   = var.lake_glue_timeout_minutes
    execution_class   = var.lake_glue_execution_class
    auto_scaling      = var.enable_glue_auto_scaling
    dpu_hour_usd      = coalesce(var.glue_dpu_hour_usd, var.lake_glue_execution_class == "FLEX" ? 0.29 : 0.44)
  }

  projection_start_date = var.projection_start_date
  enable_crawlers       = var.enable_lake_crawlers
  athena_scan_limit_gb  = var.lake_athena_scan_limit_gb

  retention_days            = var.lake_retention_days
  cheaper_storage           = var.lake_cheaper_storage
  noncurrent_version_days   = var.lake_noncurrent_version_days
  eraser_role_arns          = var.lake_eraser_role_arns
  enable_access_logs        = var.enable_access_logs
  enable_data_events        = var.enable_lake_data_events
  access_log_retention_days = var.access_log_retention_days

  enable_schedule        = var.enable_lake_schedule
  schedule               = var.lake_schedule
  enable_on_upload       = var.enable_lake_on_upload
  job_retries            = var.lake_job_retries
  retry_interval_seconds = var.lake_retry_interval_seconds
  wait_seconds           = var.lake_wait_seconds
  timeout_hours          = var.lake_timeout_hours

  alert_email           = var.alert_email
  runbook_base_url      = var.runbook_base_url
  enable_alarms         = var.enable_alarms
  enable_dashboard      = var.enable_dashboard
  enable_cost_anomalies = var.enable_lake_cost_anomalies
  daily_budget_usd      = var.lake_daily_budget_usd
  quarantined_files     = var.lake_quarantined_files

  deletion_protection = var.deletion_protection
  force_destroy       = var.force_destroy_buckets
  kms_key             = local.kms_key
}

locals {
  # No VPC: the functions talk to Athena, Glue and Secrets Manager, for which the network has no endpoints.
  lake_compute = {
    architecture       = var.lambda_architecture
    memory_mb          = 1024
    log_retention_days = var.log_retention_days
    kms_key            = local.kms_key
  }
}
