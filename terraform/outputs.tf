output "input_bucket" {
  description = "Bucket that producers drop files into, below landing/ndjson/YYYY-MM-DD/."
  value       = local.buckets["input"].name
}

output "manifest_bucket" {
  description = "Bucket of manifests, commit records and run reports."
  value       = module.storage.buckets["manifest"].name
}

output "output_bucket" {
  description = "Bucket of the Parquet."
  value       = module.storage.buckets["output"].name
}

output "quarantine_bucket" {
  description = "Bucket of files that were set aside and of rejected lines."
  value       = module.storage.buckets["quarantine"].name
}

output "scripts_bucket" {
  description = "Bucket of the Glue job's code."
  value       = module.storage.buckets["scripts"].name
}

output "file_events_queue_url" {
  description = "URL of the queue of landed files."
  value       = module.queue.queue_url
}

output "dead_letter_queue_url" {
  description = "URL of the queue of events that could not be processed."
  value       = module.queue.dead_letter_queue_url
}

output "stream_dead_letter_queue_url" {
  description = "URL of the queue of stream records that were given up; null without enable_stream_manifest_creation."
  value       = one(module.stream_manifest_creator[*].dead_letter_queue_url)
}

output "events_dead_letter_queue_url" {
  description = "URL of the queue of events that could not start a conversion; null without enable_eventbridge_decoupling."
  value       = one(module.event_bus[*].dead_letter_queue_url)
}

output "event_bus_name" {
  description = "Name of the bus that announces manifests; null without enable_eventbridge_decoupling."
  value       = one(module.event_bus[*].name)
}

output "tracking_table" {
  description = "Name of the tracking table."
  value       = module.tracking.table_name
}

output "metrics_table" {
  description = "Name of the metrics table."
  value       = module.tracking.metrics_table_name
}

output "manifest_builder_function" {
  description = "Name of the function that turns events into manifests."
  value       = module.manifest_builder.function_name
}

output "stream_manifest_creator_function" {
  description = "Name of the function that publishes manifests from the stream; null without enable_stream_manifest_creation."
  value       = one(module.stream_manifest_creator[*].function_name)
}

output "status_updater_function" {
  description = "Name of the function that updates the files of a manifest."
  value       = module.status_updater.function_name
}

output "state_manager_function" {
  description = "Name of the function that moves on what would otherwise wait."
  value       = module.state_manager.function_name
}

output "state_machine_arn" {
  description = "ARN of the processor."
  value       = module.state_machine.arn
}

output "glue_job" {
  description = "Name of the Glue job."
  value       = module.converter.job_name
}

output "alerts_topic_arn" {
  description = "ARN of the alerts topic."
  value       = module.alerts.topic_arn
}

output "catalog_database" {
  description = "Glue catalog database."
  value       = module.converter.catalog_database
}

output "catalog_table" {
  description = "Glue catalog table of the records."
  value       = module.converter.catalog_table
}

output "access_log_bucket" {
  description = "Bucket of access logs; null without enable_access_logs."
  value       = module.storage.access_log_bucket
}

output "key_arn" {
  description = "ARN of the key; null without enable_customer_managed_key."
  value       = try(local.kms_key.arn, null)
}

output "dashboard" {
  description = "Name of the CloudWatch dashboard; null without enable_dashboard."
  value       = one(module.dashboard[*].name)
}

output "release" {
  description = "What is deployed, as git describes it."
  value       = var.release
}

output "lake" {
  description = "What the lake is called: buckets, tables, state machine, workgroup, queries, topics; null without enable_lake."
  value = one([
    for lake in module.lake : {
      bucket            = lake.bucket.name
      files_table       = lake.files_table
      log_bucket        = lake.log_bucket
      state_machine_arn = lake.state_machine_arn
      workgroup         = lake.workgroup
      named_queries     = lake.named_queries
      databases         = lake.databases
      jobs              = lake.jobs
      functions         = lake.functions
      topic_arns        = lake.topic_arns
      dashboards        = lake.dashboards
      tokens_secret_arn = lake.tokens_secret_arn
    }
  ])
}

output "export_api_id" {
  description = "Id of the export API; null without enable_export_api."
  value       = one(module.export[*].api_id)
}

output "export_api_url" {
  description = "Address of the export API; null without enable_export_api."
  value       = one(module.export[*].api_url)
}

output "export_issuer" {
  description = "Issuer of the tokens that the export API accepts; null without enable_export_api."
  value       = one(module.export[*].issuer)
}

output "export_user_pool_id" {
  description = "Id of the export API's user pool; null without one."
  value       = one(module.export[*].user_pool_id)
}

output "export_user_pool_client_id" {
  description = "Id of the user pool's client that the console is; null without one."
  value       = one(module.export[*].user_pool_client_id)
}

output "export_bucket" {
  description = "Bucket of uploads and results; null without enable_export_api."
  value       = one(module.export[*].bucket)
}

output "export_jobs_table" {
  description = "Name of the export jobs table; null without enable_export_api."
  value       = one(module.export[*].jobs_table)
}

output "export_state_machine_arn" {
  description = "ARN of the state machine that runs export jobs; null without enable_export_api."
  value       = one(module.export[*].state_machine_arn)
}

output "export_glue_job" {
  description = "Name of the export's Glue job; null without enable_export_api."
  value       = one(module.export[*].glue_job)
}

output "export_console_config" {
  description = "What the console is told first, in its config.json; null without enable_export_api."
  value       = one(local.console_config)
}

output "export_console_url" {
  description = "Address of the web console; null without enable_export_console."
  value       = local.console_origin
}
