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

run "access_logs_come_from_our_buckets_alone" {
  command = plan

  module {
    source = "../modules/storage"
  }

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws" }
  }

  variables {
    own_input_bucket     = false
    input_retention_days = 7
    enable_access_logs   = true
  }

  assert {
    condition = [
      for statement in jsondecode(module.access_logs[0].policy).Statement : statement.Condition if statement.Effect == "Allow"
      ] == [{
        ArnEquals    = { "aws:SourceArn" = [for purpose in ["manifest", "output", "quarantine", "scripts"] : "arn:aws:s3:::ndjson-parquet-${purpose}-test-123456789012"] }
        StringEquals = { "aws:SourceAccount" = "123456789012" }
    }]
    error_message = "Other buckets than ours could fill the bucket of access logs."
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

run "an_existing_bucket_sends_events_through_eventbridge" {
  command = plan

  module {
    source = "../modules/queue"
  }

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws" }
  }

  variables {
    input_bucket               = { name = "landing", arn = "arn:aws:s3:::landing" }
    delivery                   = "eventbridge"
    landing_prefix             = "landing/ndjson/"
    visibility_timeout_seconds = 360
    message_retention_days     = 4
    max_receive_count          = 3
    kms_key                    = { arn = "arn:aws:kms:us-east-1:123456789012:key/1" }
  }

  assert {
    condition     = length(aws_s3_bucket_notification.landed) == 0
    error_message = "The notification configuration of a bucket that is not ours would be replaced."
  }

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.landed[0].event_pattern) == {
      source        = ["aws.s3"]
      "detail-type" = ["Object Created"]
      detail        = { bucket = { name = ["landing"] }, object = { key = [{ prefix = "landing/ndjson/" }] } }
    }
    error_message = "The rule takes other events than those of files that land."
  }

  assert {
    condition = alltrue([
      for policy in [aws_sqs_queue.file_events.policy, aws_sqs_queue.dead_letters.policy] : [
        for statement in jsondecode(policy).Statement : [statement.Principal.Service, statement.Condition]
        if statement.Effect == "Allow"
      ] == [["events.amazonaws.com", { ArnEquals = { "aws:SourceArn" = "arn:aws:events:us-east-1:123456789012:rule/ndjson-parquet-landed-test" } }]]
    ])
    error_message = "Somebody else than the rule may send, or the rule may not."
  }

  assert {
    condition = alltrue([
      for policy in [aws_sqs_queue.file_events.policy, aws_sqs_queue.dead_letters.policy] :
      contains(jsondecode(policy).Statement[*].Sid, "DenyPlainHttp")
    ])
    error_message = "A queue answers over plain HTTP."
  }

  assert {
    condition = alltrue([
      for queue in [aws_sqs_queue.file_events, aws_sqs_queue.dead_letters] : queue.kms_master_key_id == var.kms_key.arn
    ])
    error_message = "A queue is not encrypted with the key."
  }
}

run "tracking_table_keeps_the_contract" {
  command = plan

  module {
    source = "../modules/tracking"
  }

  variables {
    deletion_protection = true
    kms_key             = { arn = "arn:aws:kms:us-east-1:123456789012:key/1" }
  }

  assert {
    condition = alltrue([
      for table in [aws_dynamodb_table.tracking, aws_dynamodb_table.metrics] :
      table.deletion_protection_enabled && table.server_side_encryption[0].kms_key_arn == var.kms_key.arn
    ])
    error_message = "A table can be deleted although it is protected, or is not encrypted with the key."
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

run "alerts_go_to_the_address_and_come_from_this_account" {
  command = plan

  module {
    source = "../modules/alerts"
  }

  variables {
    email   = "data@example.com"
    kms_key = { arn = "arn:aws:kms:us-east-1:123456789012:key/1" }
  }

  assert {
    condition     = aws_sns_topic_subscription.email[0].endpoint == "data@example.com"
    error_message = "The alerts do not go to the address."
  }

  assert {
    condition = [
      for statement in jsondecode(aws_sns_topic_policy.this.policy).Statement : [statement.Principal, statement.Condition] if statement.Effect == "Allow"
    ] == [[{ Service = "cloudwatch.amazonaws.com" }, { StringEquals = { "aws:SourceAccount" = "123456789012" } }]]
    error_message = "Others than the alarms of this account may publish."
  }

  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == var.kms_key.arn
    error_message = "The topic is not encrypted with the key."
  }
}

run "file_events_wait_for_each_other" {
  command = plan

  module {
    source = "../modules/manifest_builder"
  }

  variables {
    queue_arn               = "arn:aws:sqs:us-east-1:123456789012:file-events"
    batch_size              = 10
    batching_window_seconds = 5
    max_concurrency         = 50
    landing_prefix          = "landing/ndjson/"
    input_bucket            = { name = "input", arn = "arn:aws:s3:::input" }
    quarantine_bucket       = { name = "quarantine", arn = "arn:aws:s3:::quarantine" }
  }

  assert {
    condition     = aws_lambda_event_source_mapping.file_events.maximum_batching_window_in_seconds == 5
    error_message = "An invocation does not wait for others' events."
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
      if statement.Effect == "Allow"
      ] == [[
        "events.amazonaws.com",
        "arn:aws:sqs:us-east-1:123456789012:ndjson-parquet-events-dlq-test",
        "arn:aws:events:us-east-1:123456789012:rule/ndjson-parquet-etl-test/ndjson-parquet-manifest-ready-test",
    ]]
    error_message = "Somebody else than the rule may send dead letters, or the rule may not."
  }

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition == {
      StringEquals = { "aws:SourceAccount" = "123456789012" }
      ArnEquals = {
        "aws:SourceArn" = "arn:aws:events:us-east-1:123456789012:rule/ndjson-parquet-etl-test/ndjson-parquet-manifest-ready-test"
      }
    }
    error_message = "Another rule, or another account's, could have the role taken for it."
  }

  assert {
    condition     = aws_sqs_queue.dead_letters.sqs_managed_sse_enabled && aws_sqs_queue.dead_letters.message_retention_seconds == 1209600
    error_message = "The queue has a wrong retention or is not encrypted."
  }
}

run "the_sweep_runs" {
  command = plan

  module {
    source = "../modules/state_manager"
  }

  variables {
    enable_schedule    = true
    interval_minutes   = 1
    enable_reconciler  = true
    reconcile_schedule = "cron(30 3 * * ? *)"
    events_dead_letter_queue = {
      url = "https://sqs.us-east-1.amazonaws.com/123456789012/events-dlq"
      arn = "arn:aws:sqs:us-east-1:123456789012:events-dlq"
    }
    landing_prefix    = "landing/ndjson/"
    input_bucket      = { name = "input", arn = "arn:aws:s3:::input" }
    quarantine_bucket = { name = "quarantine", arn = "arn:aws:s3:::quarantine" }
    file_events_queue = { url = "https://sqs.us-east-1.amazonaws.com/123456789012/file-events", arn = "arn:aws:sqs:us-east-1:123456789012:file-events" }
    metrics_table     = { name = "metrics", arn = "arn:aws:dynamodb:us-east-1:123456789012:table/metrics" }
    tracking_table    = { name = "tracking", arn = "arn:aws:dynamodb:us-east-1:123456789012:table/tracking" }
    manifest_bucket   = { name = "manifest", arn = "arn:aws:s3:::manifest" }
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

  assert {
    condition = (
      aws_cloudwatch_event_rule.reconcile.state == "ENABLED" && aws_cloudwatch_event_rule.reconcile.schedule_expression == "cron(30 3 * * ? *)" &&
      jsondecode(aws_cloudwatch_event_target.reconcile.input) == { action = "reconcile", by = "schedule" }
    )
    error_message = "Files whose event was lost would not be looked for, or in nobody's name."
  }

  assert {
    condition = (
      local.dead_letter_queues == [var.dead_letter_queue.arn, var.events_dead_letter_queue.arn] &&
      module.function.environment_variables["EVENTS_DEAD_LETTER_QUEUE_URL"] == var.events_dead_letter_queue.url &&
      module.function.environment_variables["STREAM_DEAD_LETTER_QUEUE_URL"] == ""
    )
    error_message = "Dead letters could not be taken off the queues that exist, or off others too."
  }
}

run "a_function_in_a_vpc_with_a_key" {
  command = plan

  module {
    source = "../modules/function"
  }

  variables {
    name                  = "function"
    description           = "A function."
    handler               = "function.handler"
    environment_variables = {}
    statements            = []
    compute = {
      architecture         = "x86_64"
      memory_mb            = 1024
      reserved_concurrency = 5
      log_retention_days   = 7
      kms_key              = { arn = "arn:aws:kms:us-east-1:123456789012:key/1" }
      vpc                  = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
    }
  }

  assert {
    condition = (
      aws_lambda_function.this.memory_size == 1024 && aws_lambda_function.this.reserved_concurrent_executions == 5 &&
      one(aws_lambda_function.this.architectures) == "x86_64" && aws_cloudwatch_log_group.this.retention_in_days == 7
    )
    error_message = "The function does not run as it was told to."
  }

  assert {
    condition = (
      aws_lambda_function.this.kms_key_arn == var.compute.kms_key.arn && aws_cloudwatch_log_group.this.kms_key_id == var.compute.kms_key.arn &&
      local.key_use[*].resources == [[var.compute.kms_key.arn]]
    )
    error_message = "Settings or logs are not encrypted with the key, or the role may not use it, or another as well."
  }

  assert {
    condition     = one(aws_lambda_function.this.vpc_config).subnet_ids == toset(["subnet-1", "subnet-2"]) && length(local.network_use) == 1
    error_message = "The function does not stand in the subnets, or may not place itself there."
  }
}

run "a_function_without" {
  command = plan

  module {
    source = "../modules/function"
  }

  variables {
    name                  = "function"
    description           = "A function."
    handler               = "function.handler"
    environment_variables = {}
    statements            = []
    compute               = {}
  }

  assert {
    condition     = length(aws_lambda_function.this.vpc_config) == 0 && length(local.key_use) == 0 && length(local.network_use) == 0
    error_message = "A right is given that nothing needs."
  }

  assert {
    condition     = one(aws_lambda_function.this.architectures) == "arm64" && aws_lambda_function.this.reserved_concurrent_executions == -1
    error_message = "The defaults differ from those that the README names."
  }
}

run "a_vpc_has_no_way_out" {
  command = plan

  module {
    source = "../modules/network"
  }

  override_data {
    target = data.aws_availability_zones.available
    values = { names = ["zone-a", "zone-b", "zone-c"] }
  }

  variables {
    cidr                = "10.80.0.0/20"
    zone_count          = 3
    interface_endpoints = ["sqs", "states"]
  }

  assert {
    condition     = aws_subnet.private[*].cidr_block == ["10.80.0.0/23", "10.80.2.0/23", "10.80.4.0/23"]
    error_message = "The subnets are ${join(", ", aws_subnet.private[*].cidr_block)}."
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.private : subnet.map_public_ip_on_launch != true])
    error_message = "What stands in a subnet could get a public address."
  }

  assert {
    condition     = keys(aws_vpc_endpoint.gateway) == ["dynamodb", "s3"] && keys(aws_vpc_endpoint.interface) == ["sqs", "states"]
    error_message = "What is called cannot be reached, or what is not called is paid for."
  }

  assert {
    condition = alltrue([
      for endpoint in concat(values(aws_vpc_endpoint.gateway), values(aws_vpc_endpoint.interface)) :
      jsondecode(endpoint.policy).Statement[*].Condition == [{ StringEquals = { "aws:PrincipalAccount" = "123456789012" } }]
    ])
    error_message = "An endpoint serves identities of other accounts."
  }

  assert {
    condition = alltrue(concat(
      [for rule in [aws_vpc_security_group_ingress_rule.workers, aws_vpc_security_group_ingress_rule.endpoints] : rule.cidr_ipv4 == null],
      [for rule in [aws_vpc_security_group_egress_rule.workers, aws_vpc_security_group_egress_rule.endpoints] : rule.cidr_ipv4 == null],
    ))
    error_message = "A rule lets an address in or out."
  }
}

run "the_key_is_for_this_account" {
  command = plan

  module {
    source = "../modules/encryption"
  }

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws" }
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "The key is never rotated, or is gone too soon."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_kms_key.this.policy).Statement : can(statement.Condition) if can(statement.Principal.Service)
    ])
    error_message = "A service may use the key for other accounts."
  }
}

run "alarms_that_everybody_hears" {
  command = plan

  module {
    source = "../modules/alarms"
  }

  variables {
    alerts_topic_arn                 = "arn:aws:sns:us-east-1:123456789012:alerts"
    dead_letter_queues               = { file-events = "dlq", stream = "stream-dlq" }
    file_events_queue                = "file-events"
    functions                        = { manifest_builder = { name = "manifest-builder", timeout_seconds = 60 } }
    manifest_builder_max_concurrency = 2
    tracking_table                   = "tracking"
    oldest_pending_minutes           = 60
    reject_spike_percent             = 5
  }

  assert {
    condition = alltrue([
      for alarm in merge(aws_cloudwatch_metric_alarm.metric, aws_cloudwatch_metric_alarm.math, { composite = aws_cloudwatch_composite_alarm.pipeline_unhealthy }) :
      alarm.alarm_actions == toset([var.alerts_topic_arn]) && alarm.ok_actions == toset([var.alerts_topic_arn])
    ])
    error_message = "An alarm, or its end, reaches nobody."
  }

  assert {
    condition = {
      for key, alarm in aws_cloudwatch_metric_alarm.metric : key => alarm.treat_missing_data if alarm.treat_missing_data != "notBreaching"
      } == {
      breaker-open   = "ignore", files-unaccounted = "ignore", manifests-at-risk = "ignore", manifests-exhausted = "ignore",
      oldest-pending = "ignore", sweep-not-running = "breaching"
    }
    error_message = "No data means something else than docs/alarms.md says."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.metric["manifest-builder-slow"].threshold == 48000
    error_message = "80 % of 60 seconds are 48000 milliseconds, not ${aws_cloudwatch_metric_alarm.metric["manifest-builder-slow"].threshold}."
  }

  assert {
    condition     = length(aws_budgets_budget.daily) == 0
    error_message = "There is a budget that nobody hears of."
  }

  assert {
    condition     = length(output.names) == length(aws_cloudwatch_metric_alarm.metric) + length(aws_cloudwatch_metric_alarm.math) + 1
    error_message = "An alarm is not among the names, or two have one key."
  }
}
