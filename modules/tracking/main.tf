resource "aws_dynamodb_table" "tracking" {
  #checkov:skip=CKV_AWS_119:the customer-managed key is a flag; without it DynamoDB's own encryption applies
  name         = "ndjson-parquet-sqs-file-tracking-${var.environment}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "date_prefix"
  range_key    = "file_key"

  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "date_prefix"
    type = "S"
  }

  attribute {
    name = "file_key"
    type = "S"
  }

  attribute {
    name = "status"
    type = "S"
  }

  # An item is below 1 KB: projecting all of it costs no more write units than its keys alone.
  global_secondary_index {
    name            = "status-index"
    hash_key        = "status"
    range_key       = "date_prefix"
    projection_type = "ALL"
  }

  ttl {
    attribute_name = "ttl"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  deletion_protection_enabled = var.deletion_protection

  dynamic "server_side_encryption" {
    for_each = var.kms_key[*]

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value.arn
    }
  }
}

resource "aws_dynamodb_table" "metrics" {
  #checkov:skip=CKV_AWS_119:the customer-managed key is a flag; without it DynamoDB's own encryption applies
  name         = "ndjson-parquet-sqs-metrics-${var.environment}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "metric_date"
  range_key    = "metric_key"

  attribute {
    name = "metric_date"
    type = "S"
  }

  attribute {
    name = "metric_key"
    type = "S"
  }

  ttl {
    attribute_name = "ttl"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  deletion_protection_enabled = var.deletion_protection

  dynamic "server_side_encryption" {
    for_each = var.kms_key[*]

    content {
      enabled     = true
      kms_key_arn = server_side_encryption.value.arn
    }
  }
}
