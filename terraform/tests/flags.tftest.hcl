# What each flag adds, leaves out and tells the functions, alone and together.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_availability_zones" {
    defaults = { names = ["zone-a", "zone-b", "zone-c"] }
  }
}

variables {
  environment = "test"
}

run "no_flag" {
  command = plan

  assert {
    condition     = length(module.stream_manifest_creator) == 0 && length(module.event_bus) == 0
    error_message = "Without flags there are resources of the stream path or a bus."
  }

  assert {
    condition = (
      output.stream_manifest_creator_function == null && output.stream_dead_letter_queue_url == null &&
      output.event_bus_name == null && output.events_dead_letter_queue_url == null
    )
    error_message = "An output names what there is not."
  }

  assert {
    condition = alltrue([
      for settings in [module.manifest_builder.environment_variables, module.state_manager.environment_variables] :
      settings["ENABLE_EVENTBRIDGE_DECOUPLING"] == "false" && settings["EVENT_BUS_NAME"] == ""
    ])
    error_message = "A function is told of a bus."
  }

  assert {
    condition     = module.manifest_builder.environment_variables["ENABLE_STREAM_MANIFEST_CREATION"] == "false"
    error_message = "Nobody would publish what manifest_builder seals."
  }

  assert {
    condition = (
      contains(flatten(module.publishing.statements[*].actions), "states:StartExecution") &&
      !contains(flatten(module.publishing.statements[*].actions), "events:PutEvents")
    )
    error_message = "Who publishes may not start conversions, or may put events that it never puts."
  }

  assert {
    condition = (
      length(module.encryption) == 0 && length(module.network) == 0 && output.access_log_bucket == null && output.key_arn == null &&
      length(module.alarms) == 1 && output.dashboard == "ndjson-parquet-pipeline-test"
    )
    error_message = "Something stands there that nobody asked for, or the alarms or the dashboard do not."
  }
}

run "stream" {
  command = plan

  variables {
    enable_stream_manifest_creation = true
  }

  assert {
    condition     = length(module.stream_manifest_creator) == 1 && length(module.event_bus) == 0
    error_message = "The stream path is absent, or brings a bus."
  }

  assert {
    condition     = output.stream_manifest_creator_function == "ndjson-parquet-stream-manifest-creator-test"
    error_message = "The function is named ${coalesce(output.stream_manifest_creator_function, "null")}."
  }

  assert {
    condition     = module.manifest_builder.environment_variables["ENABLE_STREAM_MANIFEST_CREATION"] == "true"
    error_message = "manifest_builder would publish as well."
  }

  assert {
    condition = toset(keys(module.stream_manifest_creator[0].environment_variables)) == toset([
      "ENABLE_EVENTBRIDGE_DECOUPLING", "ENVIRONMENT", "EVENT_BUS_NAME", "LANDING_PREFIX", "MANIFEST_BUCKET",
      "NUM_STATUS_SHARDS", "POWERTOOLS_LOG_LEVEL", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME", "RELEASE",
      "STATE_MACHINE_ARN", "TARGET_PART_BYTES", "TRACKING_TABLE", "TTL_DAYS",
    ])
    error_message = "Its settings are ${join(", ", keys(module.stream_manifest_creator[0].environment_variables))}."
  }
}

run "events" {
  command = plan

  variables {
    enable_eventbridge_decoupling = true
  }

  assert {
    condition     = length(module.stream_manifest_creator) == 0 && length(module.event_bus) == 1
    error_message = "The bus is absent, or brings the stream path."
  }

  assert {
    condition     = output.event_bus_name == "ndjson-parquet-etl-test"
    error_message = "The bus is named ${coalesce(output.event_bus_name, "null")}."
  }

  assert {
    condition = alltrue([
      for settings in [module.manifest_builder.environment_variables, module.state_manager.environment_variables] :
      settings["ENABLE_EVENTBRIDGE_DECOUPLING"] == "true" && settings["EVENT_BUS_NAME"] == "ndjson-parquet-etl-test"
    ])
    error_message = "A function is not told of the bus."
  }

  assert {
    condition = (
      contains(flatten(module.publishing.statements[*].actions), "events:PutEvents") &&
      !contains(flatten(module.publishing.statements[*].actions), "states:StartExecution")
    )
    error_message = "Who publishes may not put events, or may start what it never starts."
  }
}

run "stream_and_events" {
  command = plan

  variables {
    enable_stream_manifest_creation = true
    enable_eventbridge_decoupling   = true
  }

  assert {
    condition     = length(module.stream_manifest_creator) == 1 && length(module.event_bus) == 1
    error_message = "One flag takes away what the other brings."
  }

  assert {
    condition = alltrue([
      for settings in [
        module.manifest_builder.environment_variables, module.state_manager.environment_variables,
        module.stream_manifest_creator[0].environment_variables,
      ] : settings["EVENT_BUS_NAME"] == "ndjson-parquet-etl-test"
    ])
    error_message = "A function is not told of the bus."
  }
}

run "every_other_flag" {
  command = plan

  variables {
    existing_landing_bucket     = "somebodys-bucket"
    enable_customer_managed_key = true
    enable_vpc                  = true
    enable_access_logs          = true
    enable_glue_auto_scaling    = true
    glue_execution_class        = "FLEX"
    deletion_protection         = true
    lambda_memory_mb            = { state_manager = 1024 }
    lambda_reserved_concurrency = { manifest_builder = 4 }
  }

  override_data {
    target = data.aws_s3_bucket.existing
    values = { id = "somebodys-bucket", arn = "arn:aws:s3:::somebodys-bucket", region = "us-east-1" }
  }

  assert {
    condition     = output.input_bucket == "somebodys-bucket"
    error_message = "Files are expected in ${output.input_bucket}."
  }

  assert {
    condition     = length(module.encryption) == 1 && length(module.network) == 1 && output.access_log_bucket != null
    error_message = "A flag brings nothing."
  }

  assert {
    condition = (
      local.compute["manifest_builder"].memory_mb == 512 && local.compute["manifest_builder"].reserved_concurrency == 4 &&
      local.compute["state_manager"].memory_mb == 1024 && local.compute["state_manager"].reserved_concurrency == null
    )
    error_message = "A function does not get the memory or the concurrency that is set for it."
  }

  assert {
    condition     = alltrue([for name in local.functions : local.compute[name].kms_key != null && local.compute[name].vpc != null])
    error_message = "A function stands outside of the VPC, or writes without the key."
  }
}

run "nobody_watches" {
  command = plan

  variables {
    enable_alarms    = false
    enable_dashboard = false
    alert_email      = "data@example.com"
  }

  assert {
    condition     = length(module.alarms) == 0 && output.dashboard == null
    error_message = "Alarms, a budget or a dashboard stand there although they are switched off."
  }
}

run "what_does_not_run_is_not_overdue" {
  command = plan

  variables {
    enable_reconciler = false
  }

  assert {
    condition     = length(setintersection(keys(module.alarms[0].names), ["reconciler-not-running", "sweep-not-running"])) == 1
    error_message = "The reconciler is switched off: its alarm would ring for ever. The sweep runs: it needs its alarm."
  }
}

run "the_bound_of_waiting_follows_from_what_a_file_goes_through" {
  command = plan

  variables {
    max_wait_minutes       = 20
    glue_timeout_minutes   = 45
    sweep_interval_minutes = 10
  }

  assert {
    condition     = local.oldest_pending_minutes == 95
    error_message = "20 minutes for others, 45 for the run and three sweeps of 10 are 95 minutes, not ${local.oldest_pending_minutes}."
  }
}
