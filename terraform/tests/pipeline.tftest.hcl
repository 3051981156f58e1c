# What the whole is made of: names, addresses and settings, as the contracts say.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  environment              = "test"
  min_file_size_mb         = 0.1
  max_file_size_mb         = 20
  allowed_extensions       = [".ndjson", ".jsonl"]
  max_files_per_manifest   = 20
  glue_max_concurrent_runs = 3
}

run "names_and_settings" {
  command = plan

  assert {
    condition = [
      output.input_bucket, output.manifest_bucket, output.output_bucket, output.quarantine_bucket, output.scripts_bucket,
      ] == [
      for purpose in ["input", "manifest", "output", "quarantine", "scripts"] : "ndjson-parquet-${purpose}-test-123456789012"
    ]
    error_message = "A bucket is not named ndjson-parquet-{purpose}-{environment}-{account}."
  }

  assert {
    condition = [
      output.tracking_table, output.metrics_table, output.manifest_builder_function, output.status_updater_function, output.glue_job,
      ] == [
      "ndjson-parquet-sqs-file-tracking-test", "ndjson-parquet-sqs-metrics-test", "ndjson-parquet-manifest-builder-test",
      "ndjson-parquet-batch-status-updater-test", "ndjson-parquet-batch-job-test",
    ]
    error_message = "A table, function or job is not named as the design says."
  }

  assert {
    condition     = "${output.catalog_database}.${output.catalog_table}" == "ndjson_parquet_test.records"
    error_message = "The catalog table is ${output.catalog_database}.${output.catalog_table}."
  }

  assert {
    condition     = toset([for uri in module.converter.wheel_uris : basename(uri)]) == fileset("${var.artifacts_dir}/glue/wheels", "*.whl")
    error_message = "Of the wheels that were built, Glue installs ${join(", ", module.converter.wheel_uris)}."
  }

  assert {
    condition = toset(keys(module.manifest_builder.environment_variables)) == toset([
      "ALLOWED_EXTENSIONS", "ENABLE_EVENTBRIDGE_DECOUPLING", "ENABLE_STREAM_MANIFEST_CREATION", "ENVIRONMENT",
      "EVENT_BUS_NAME", "LANDING_PREFIX", "MANIFEST_BUCKET", "MAX_BATCH_BYTES", "MAX_FILES_PER_MANIFEST",
      "MAX_FILE_SIZE_MB", "MIN_FILE_SIZE_MB", "NUM_STATUS_SHARDS", "ON_OVERWRITE", "POWERTOOLS_LOG_LEVEL",
      "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME", "RELEASE", "QUARANTINE_BUCKET", "STATE_MACHINE_ARN",
      "TARGET_PART_BYTES", "TRACKING_TABLE", "TTL_DAYS",
    ])
    error_message = "Its settings are ${join(", ", keys(module.manifest_builder.environment_variables))}."
  }

  assert {
    condition = (
      module.manifest_builder.environment_variables["ALLOWED_EXTENSIONS"] == ".ndjson,.jsonl" &&
      module.manifest_builder.environment_variables["MAX_BATCH_BYTES"] == "734003200" &&
      module.manifest_builder.environment_variables["MIN_FILE_SIZE_MB"] == "0.1" &&
      module.manifest_builder.environment_variables["LANDING_PREFIX"] == "landing/ndjson/"
    )
    error_message = "A setting does not arrive as the function reads it."
  }

  assert {
    condition = toset(keys(module.status_updater.environment_variables)) == toset([
      "ENVIRONMENT", "FRESHNESS_TARGET_MINUTES", "GLUE_DPU_HOUR_USD", "LANDING_PREFIX", "MANIFEST_BUCKET", "METRICS_TABLE",
      "NUM_STATUS_SHARDS", "POWERTOOLS_LOG_LEVEL", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME", "RELEASE",
      "TRACKING_TABLE", "TTL_DAYS",
    ])
    error_message = "Its settings are ${join(", ", keys(module.status_updater.environment_variables))}."
  }

  assert {
    condition = toset(keys(module.state_manager.environment_variables)) == toset([
      "DEAD_LETTER_QUEUE_URL", "ENABLE_EVENTBRIDGE_DECOUPLING", "ENVIRONMENT", "EVENTS_DEAD_LETTER_QUEUE_URL", "EVENT_BUS_NAME",
      "FILE_EVENTS_QUEUE_URL", "FRESHNESS_TARGET_MINUTES", "GLUE_DPU_HOUR_USD", "INPUT_BUCKET", "INPUT_RETENTION_DAYS",
      "LANDING_PREFIX", "MANIFEST_BUCKET", "MAX_MANIFEST_ATTEMPTS", "MAX_WAIT_MINUTES", "METRICS_TABLE", "MIN_FILES_FOR_PARTIAL_BATCH",
      "NUM_STATUS_SHARDS", "POWERTOOLS_LOG_LEVEL", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME", "RELEASE",
      "QUARANTINE_BUCKET", "RETRY_BACKOFF_MINUTES", "STATE_MACHINE_ARN", "STREAM_DEAD_LETTER_QUEUE_URL", "TARGET_PART_BYTES", "TRACKING_TABLE", "TTL_DAYS",
    ])
    error_message = "Its settings are ${join(", ", keys(module.state_manager.environment_variables))}."
  }
}
