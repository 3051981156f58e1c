locals {
  # The first line of a file says what it answers.
  queries = {
    for name in fileset("${path.module}/queries", "*.sql") :
    trimsuffix(name, ".sql") => templatefile("${path.module}/queries/${name}", local.databases)
  }
}

# The limit is of a single query. Answers are encrypted, and deleted after a week; who asks the same again within the time that he
# allows for it gets the answer of before, and pays nothing: that is a setting of the query, docs/lake.md.
resource "aws_athena_workgroup" "this" {
  name          = local.workgroup
  description   = "Queries on the lake."
  force_destroy = var.force_destroy

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = var.athena_scan_limit_gb * 1000 * 1000 * 1000

    engine_version {
      selected_engine_version = "Athena engine version 3"
    }

    result_configuration {
      output_location       = "s3://${local.bucket_name}/athena-results/"
      expected_bucket_owner = var.account_id

      encryption_configuration {
        encryption_option = var.kms_key == null ? "SSE_S3" : "SSE_KMS"
        kms_key_arn       = try(var.kms_key.arn, null)
      }
    }
  }

  tags = local.tags
}

resource "aws_athena_named_query" "this" {
  for_each = local.queries

  name        = each.key
  description = trimprefix(split("\n", each.value)[0], "-- ")
  workgroup   = aws_athena_workgroup.this.name
  database    = module.catalog.databases["curated"]
  query       = each.value
}
