# Parquet back to JSON, for people who sign in: the only part that anything outside of the account can reach.

locals {
  # By name: who may log into the bucket of access logs is known before there is anything to log.
  export_buckets = [
    for name, is_wanted in {
      export         = var.enable_export_api
      export-console = var.enable_export_api && var.enable_export_console
    } : "ndjson-parquet-${name}-${var.environment}-${local.account_id}" if is_wanted
  ]

  console_origin = one(module.export_console[*].origin)
  export_origin  = var.export_allowed_origin != null ? var.export_allowed_origin : local.console_origin
}

module "export" {
  source = "../modules/export"
  count  = var.enable_export_api ? 1 : 0

  environment  = var.environment
  region       = var.region
  account_id   = local.account_id
  zip_path     = "${local.artifacts_dir}/lambda/export_api.zip"
  script_path  = "${local.artifacts_dir}/glue/export_parquet.py"
  library_path = "${local.artifacts_dir}/glue/ndjson_export.zip"
  compute      = local.compute["export_api"]
  settings     = local.function_settings

  oidc           = var.export_oidc
  pipeline_group = var.export_pipeline_group
  allowed_origin = local.export_origin

  max_upload_mb          = var.export_max_upload_mb
  max_running_jobs       = var.export_max_running_jobs
  max_concurrent_runs    = var.export_max_concurrent_runs
  timeout_minutes        = var.export_timeout_minutes
  retry_interval_seconds = var.export_retry_interval_seconds
  capacity_dpu           = var.export_capacity_dpu
  requests_per_second    = var.export_requests_per_second
  requests_burst         = var.export_requests_burst
  retention_days         = var.export_retention_days

  tracking_table    = local.tracking_table
  manifest_bucket   = local.buckets["manifest"]
  output_bucket     = local.buckets["output"]
  scripts_bucket    = local.buckets["scripts"]
  access_log_bucket = module.storage.access_log_bucket

  glue_connection        = module.converter.connection
  security_configuration = module.converter.security_configuration
  kms_key                = local.kms_key
  deletion_protection    = var.deletion_protection
  force_destroy          = var.force_destroy_buckets
}

module "export_console" {
  source = "../modules/export_console"
  count  = var.enable_export_api && var.enable_export_console ? 1 : 0

  environment       = var.environment
  region            = var.region
  account_id        = local.account_id
  site_dir          = "${local.artifacts_dir}/console"
  files_bucket      = "ndjson-parquet-export-${var.environment}-${local.account_id}"
  sign_in_origin    = one([for oidc in var.export_oidc[*] : regex("^https?://[^/]+", oidc.issuer)])
  connect_origins   = var.export_console_connect_origins
  access_log_bucket = module.storage.access_log_bucket
  force_destroy     = var.force_destroy_buckets
}

locals {
  # What the pages ask for first: where the API is, and who signs people in.
  console_config = [
    for export in module.export : {
      apiUrl      = export.api_url
      region      = var.region
      environment = var.environment

      pipelineGroup = var.export_pipeline_group
      maxUploadMb   = var.export_max_upload_mb
      retentionDays = var.export_retention_days

      auth = {
        for key, value in {
          type       = var.export_oidc == null ? "cognito" : "oidc"
          userPoolId = export.user_pool_id
          issuer     = try(var.export_oidc.issuer, null)
          clientId   = var.export_oidc == null ? export.user_pool_client_id : coalesce(var.export_oidc.client_id, var.export_oidc.audience)
          audience   = try(var.export_oidc.audience, null)

          groupsClaim = try(var.export_oidc.groups_claim, null)
        } : key => value if value != null
      }
    }
  ]
}

resource "aws_s3_object" "console_config" {
  count = length(module.export_console)

  bucket        = module.export_console[0].bucket
  key           = "config.json"
  content       = jsonencode(local.console_config[0])
  content_type  = "application/json"
  cache_control = "no-store"
}
