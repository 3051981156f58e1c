# One component at a time: what must hold in every environment.

mock_provider "aws" {}

variables {
  environment = "test"
  account_id  = "123456789012"
  region      = "us-east-1"

  # Any file: nothing here looks into a zip.
  zip_path           = "versions.tf"
  timeout_seconds    = 120
  settings           = {}
  publishing         = { settings = {}, statements = [] }
  dlq_retention_days = 14
  state_machine_arn  = "arn:aws:states:us-east-1:123456789012:stateMachine:processor"
}

run "buckets_are_private_and_encrypted" {
  command = plan

  module {
    source = "../modules/storage"
  }

  variables {
    input_retention_days = 7
    force_destroy        = false
  }

  assert {
    condition     = length(aws_s3_bucket.this) == 5
    error_message = "There are ${length(aws_s3_bucket.this)} buckets."
  }

  assert {
    condition = length(aws_s3_bucket_public_access_block.this) == 5 && alltrue(flatten([
      for block in aws_s3_bucket_public_access_block.this :
      [block.block_public_acls, block.block_public_policy, block.ignore_public_acls, block.restrict_public_buckets]
    ]))
    error_message = "A bucket could be made public."
  }

  assert {
    condition     = length(aws_s3_bucket_server_side_encryption_configuration.this) == 5
    error_message = "A bucket has no encryption of its own."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this["input"].versioning_configuration[0].status == "Enabled"
    error_message = "The input bucket is not versioned: a manifest could not pin the bytes."
  }

  assert {
    condition = alltrue([
      for lifecycle in aws_s3_bucket_lifecycle_configuration.this :
      lifecycle.rule[0].abort_incomplete_multipart_upload[0].days_after_initiation > 0
    ])
    error_message = "A bucket keeps unfinished uploads for ever."
  }

  assert {
    condition = [
      aws_s3_bucket_lifecycle_configuration.this["input"].rule[1].expiration[0].days,
      aws_s3_bucket_lifecycle_configuration.this["input"].rule[2].noncurrent_version_expiration[0].noncurrent_days,
    ] == [7, 7]
    error_message = "Landed files, or versions of them, do not stay for input_retention_days."
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this["output"].rule) == 1
    error_message = "Something else than unfinished uploads expires in the output bucket."
  }
}

run "only_the_input_bucket_may_send_events" {
  command = plan

  module {
    source = "../modules/queue"
  }

  variables {
    input_bucket               = { name = "landing", arn = "arn:aws:s3:::landing" }
    landing_prefix             = "landing/ndjson/"
    visibility_timeout_seconds = 360
    message_retention_days     = 4
    max_receive_count          = 3
  }

  assert {
    condition = jsondecode(aws_sqs_queue.file_events.policy).Statement[0].Condition == {
      ArnEquals    = { "aws:SourceArn" = var.input_bucket.arn }
      StringEquals = { "aws:SourceAccount" = var.account_id }
    }
    error_message = "The queue takes events from others."
  }

  assert {
    condition = alltrue([
      aws_sqs_queue.file_events.message_retention_seconds == 345600, aws_sqs_queue.dead_letters.message_retention_seconds == 1209600,
      aws_sqs_queue.file_events.sqs_managed_sse_enabled, aws_sqs_queue.dead_letters.sqs_managed_sse_enabled,
    ])
    error_message = "A queue has a wrong retention or is not encrypted."
  }

  assert {
    condition = (
      aws_s3_bucket_notification.landed[0].queue[0].filter_prefix == "landing/ndjson/" &&
      aws_s3_bucket_notification.landed[0].queue[0].filter_suffix == null
    )
    error_message = "Files with a wrong extension would be lost instead of quarantined."
  }
}

run "tracking_table_keeps_the_contract" {
  command = plan

  module {
    source = "../modules/tracking"
  }

  assert {
    condition = [
      aws_dynamodb_table.tracking.hash_key, aws_dynamodb_table.tracking.range_key, aws_dynamodb_table.tracking.billing_mode,
      aws_dynamodb_table.tracking.stream_view_type, aws_dynamodb_table.tracking.ttl[0].attribute_name,
    ] == ["date_prefix", "file_key", "PAY_PER_REQUEST", "NEW_AND_OLD_IMAGES", "ttl"]
    error_message = "Keys, billing, stream or TTL differ from docs/data-contracts.md."
  }

  assert {
    condition = [
      for index in aws_dynamodb_table.tracking.global_secondary_index : "${index.name} ${index.hash_key} ${index.range_key}"
    ] == ["status-index status date_prefix"]
    error_message = "The index differs from docs/data-contracts.md."
  }

  assert {
    condition     = aws_dynamodb_table.tracking.point_in_time_recovery[0].enabled && aws_dynamodb_table.metrics.point_in_time_recovery[0].enabled
    error_message = "A table cannot be restored to a point in time."
  }
}

run "no_subscription_without_an_address" {
  command = plan

  module {
    source = "../modules/alerts"
  }

  assert {
    condition     = length(aws_sns_topic_subscription.email) == 0
    error_message = "There is a subscription without an address."
  }
}

run "one_subscription_with_an_address" {
  command = plan

  module {
    source = "../modules/alerts"
  }

  variables {
    email = "data@example.com"
  }

  assert {
    condition     = aws_sns_topic_subscription.email[0].endpoint == "data@example.com"
    error_message = "The alerts do not go to the address."
  }
}

run "stream_records_are_tried_within_bounds" {
  command = plan

  module {
    source = "../modules/stream_manifest_creator"
  }

  variables {
    stream_arn             = "arn:aws:dynamodb:us-east-1:123456789012:table/tracking/stream/2026-11-20T00:00:00.000"
    max_retry_attempts     = 5
    max_record_age_seconds = 86400
  }

  assert {
    condition = [
      for filter in aws_lambda_event_source_mapping.manifests.filter_criteria[0].filter : jsondecode(filter.pattern)
      ] == [
      {
        eventName = ["INSERT"]
        dynamodb  = { Keys = { file_key = { S = [{ prefix = "MANIFEST#" }] } }, NewImage = { status = { S = ["pending"] } } }
      },
    ]
    error_message = "The function is called for other records than new manifests."
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.manifests.starting_position == "TRIM_HORIZON" &&
      aws_lambda_event_source_mapping.manifests.function_response_types == toset(["ReportBatchItemFailures"]) &&
      aws_lambda_event_source_mapping.manifests.bisect_batch_on_function_error &&
      aws_lambda_event_source_mapping.manifests.maximum_retry_attempts == 5 &&
      aws_lambda_event_source_mapping.manifests.maximum_record_age_in_seconds == 86400
    )
    error_message = "A record could be missed, stop those behind it, or be tried for ever."
  }

  assert {
    condition     = length(aws_lambda_event_source_mapping.manifests.destination_config[0].on_failure) == 1
    error_message = "A record that is given up leaves no trace."
  }

  assert {
    condition = (
      aws_sqs_queue.dead_letters.name == "ndjson-parquet-stream-dlq-test" &&
      aws_sqs_queue.dead_letters.sqs_managed_sse_enabled && aws_sqs_queue.dead_letters.message_retention_seconds == 1209600
    )
    error_message = "The queue's name or retention is wrong, or it is not encrypted."
  }
}

run "only_the_rule_may_start_and_send_dead_letters" {
  command = plan

  module {
    source = "../modules/event_bus"
  }

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws" }
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.manifest_ready.event_pattern) == {
      source = ["ndjson-parquet"], "detail-type" = ["ManifestReady"]
    }
    error_message = "The rule takes other events than those of a manifest that is ready."
  }

  assert {
    condition = (
      aws_cloudwatch_event_target.processor.arn == var.state_machine_arn &&
      aws_cloudwatch_event_target.processor.input_path == "$.detail" &&
      aws_cloudwatch_event_target.processor.retry_policy[0].maximum_event_age_in_seconds == 3600 &&
      length(aws_cloudwatch_event_target.processor.dead_letter_config) == 1
    )
    error_message = "An event does not become the processor's input, or is lost when that refuses it."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [
      { Sid = "StartConversions", Effect = "Allow", Action = ["states:StartExecution"], Resource = [var.state_machine_arn] },
    ]
    error_message = "The rule may do more, or less, than start the processor."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_sqs_queue.dead_letters.policy).Statement :
      [statement.Principal.Service, statement.Resource, statement.Condition.ArnEquals["aws:SourceArn"]]
      ] == [[
        "events.amazonaws.com",
        "arn:aws:sqs:us-east-1:123456789012:ndjson-parquet-events-dlq-test",
        "arn:aws:events:us-east-1:123456789012:rule/ndjson-parquet-etl-test/ndjson-parquet-manifest-ready-test",
    ]]
    error_message = "Somebody else than the rule may send dead letters, or the rule may not."
  }

  assert {
    condition     = aws_sqs_queue.dead_letters.sqs_managed_sse_enabled && aws_sqs_queue.dead_letters.message_retention_seconds == 1209600
    error_message = "The queue has a wrong retention or is not encrypted."
  }
}

run "the_sweep_can_be_stopped" {
  command = plan

  module {
    source = "../modules/state_manager"
  }

  variables {
    enable_schedule  = false
    interval_minutes = 5
    tracking_table   = { name = "tracking", arn = "arn:aws:dynamodb:us-east-1:123456789012:table/tracking" }
    manifest_bucket  = { name = "manifest", arn = "arn:aws:s3:::manifest" }
    dead_letter_queue = {
      url = "https://sqs.us-east-1.amazonaws.com/123456789012/dlq"
      arn = "arn:aws:sqs:us-east-1:123456789012:dlq"
    }
  }

  assert {
    condition     = aws_cloudwatch_event_rule.sweep.state == "DISABLED" && aws_cloudwatch_event_rule.sweep.schedule_expression == "rate(5 minutes)"
    error_message = "The rule runs, or forgot its schedule."
  }
}

run "the_sweep_runs" {
  command = plan

  module {
    source = "../modules/state_manager"
  }

  variables {
    enable_schedule  = true
    interval_minutes = 1
    tracking_table   = { name = "tracking", arn = "arn:aws:dynamodb:us-east-1:123456789012:table/tracking" }
    manifest_bucket  = { name = "manifest", arn = "arn:aws:s3:::manifest" }
    dead_letter_queue = {
      url = "https://sqs.us-east-1.amazonaws.com/123456789012/dlq"
      arn = "arn:aws:sqs:us-east-1:123456789012:dlq"
    }
  }

  assert {
    condition     = aws_cloudwatch_event_rule.sweep.state == "ENABLED" && aws_cloudwatch_event_rule.sweep.schedule_expression == "rate(1 minute)"
    error_message = "Nothing would move on by itself."
  }

  assert {
    condition     = module.function.environment_variables["DEAD_LETTER_QUEUE_URL"] == var.dead_letter_queue.url
    error_message = "The depth of the dead-letter queue would not be reported."
  }
}
