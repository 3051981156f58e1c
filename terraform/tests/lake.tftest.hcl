# The lake: nothing without its flag, and with it what was promised.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
}

variables {
  environment = "test"
}

run "off" {
  command = plan

  assert {
    condition     = length(module.lake) == 0 && output.lake == null
    error_message = "Without enable_lake there is something of the lake."
  }
}

run "on" {
  command = plan

  variables {
    enable_lake = true
  }

  assert {
    condition     = output.lake.bucket == "ndjson-parquet-lake-test-123456789012" && output.lake.files_table == "ndjson-parquet-lake-files-test"
    error_message = "Bucket or table are called ${output.lake.bucket} and ${output.lake.files_table}."
  }

  assert {
    condition     = output.lake.databases == { raw = "raw_test", processed = "processed_test", curated = "curated_test" }
    error_message = "The databases are ${jsonencode(output.lake.databases)}."
  }

  assert {
    condition = output.lake.jobs == {
      transaction_etl         = "ndjson-parquet-lake-transaction-etl-test"
      product_enrichment      = "ndjson-parquet-lake-product-enrichment-test"
      clickstream_aggregation = "ndjson-parquet-lake-clickstream-aggregation-test"
      master_data_merge       = "ndjson-parquet-lake-master-data-merge-test"
    }
    error_message = "The jobs are ${jsonencode(output.lake.jobs)}."
  }

  assert {
    condition = toset(keys(output.lake.named_queries)) == toset([
      "conversion_funnel", "customer_value", "daily_revenue", "quality_of_days", "review_summary", "top_products",
    ])
    error_message = "The named queries are ${join(", ", keys(output.lake.named_queries))}."
  }

  assert {
    condition     = output.lake.log_bucket == null && toset(keys(output.lake.dashboards)) == toset(["cost", "health", "quality"])
    error_message = "There are logs that nobody asked for, or a dashboard is absent."
  }
}

run "everything" {
  command = plan

  variables {
    enable_lake                 = true
    enable_lake_crawlers        = true
    enable_lake_data_events     = true
    enable_access_logs          = true
    enable_customer_managed_key = true
    alert_email                 = "data@example.com"
    lake_eraser_role_arns       = ["arn:aws:iam::123456789012:role/privacy"]
    lake_glue_execution_class   = "FLEX"
  }

  assert {
    condition     = output.lake.log_bucket == "ndjson-parquet-lake-logs-test-123456789012"
    error_message = "Nobody keeps the logs."
  }
}

run "storage_lets_nobody_remove_what_landed" {
  command = plan

  module {
    source = "../modules/lake_storage"
  }

  variables {
    region                  = "us-east-1"
    account_id              = "123456789012"
    retention_days          = { raw = 730, staging = 1 }
    cheaper_storage         = { raw = { infrequent_days = 30, archive_days = 90 } }
    noncurrent_version_days = 30
    eraser_role_arns        = []
    enable_access_logs      = false
    enable_data_events      = false
    log_retention_days      = 365
    deletion_protection     = true
    force_destroy           = false
  }

  assert {
    condition = anytrue([
      for statement in jsondecode(module.bucket.policy).Statement :
      statement.Effect == "Deny" && statement.Principal == "*" && endswith(try(tostring(statement.Resource), ""), "/raw/*") &&
      try(statement.Condition.ArnNotEquals["aws:PrincipalArn"], []) == ["arn:aws:iam::123456789012:role/nobody"]
    ])
    error_message = "Somebody may delete raw files."
  }

  assert {
    condition     = aws_dynamodb_table.files.deletion_protection_enabled
    error_message = "The table can be deleted."
  }
}
