# One component at a time: what must hold in every environment.

mock_provider "aws" {}

variables {
  environment = "test"
  account_id  = "123456789012"
  region      = "us-east-1"
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
      aws_s3_bucket_lifecycle_configuration.this["input"].rule[1].noncurrent_version_expiration[0].noncurrent_days,
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
    input_bucket               = "ndjson-parquet-input-test-123456789012"
    input_bucket_arn           = "arn:aws:s3:::ndjson-parquet-input-test-123456789012"
    landing_prefix             = "landing/ndjson/"
    visibility_timeout_seconds = 360
    message_retention_days     = 4
    max_receive_count          = 3
    dlq_retention_days         = 14
  }

  assert {
    condition = jsondecode(aws_sqs_queue.file_events.policy).Statement[0].Condition == {
      ArnEquals    = { "aws:SourceArn" = var.input_bucket_arn }
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
      aws_s3_bucket_notification.landed.queue[0].filter_prefix == "landing/ndjson/" &&
      aws_s3_bucket_notification.landed.queue[0].filter_suffix == null
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
