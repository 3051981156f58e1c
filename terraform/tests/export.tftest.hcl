# The export service: nothing of it without its flag, and nothing open with it.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_availability_zones" {
    defaults = { names = ["zone-a", "zone-b", "zone-c"] }
  }
}

variables {
  environment = "test"
}

run "without_the_flag_there_is_nothing" {
  command = plan

  assert {
    condition     = length(module.export) == 0 && length(module.export_console) == 0 && length(aws_s3_object.console_config) == 0
    error_message = "Something of the export service is planned that nobody asked for."
  }

  assert {
    condition = alltrue([
      for output in [output.export_api_url, output.export_user_pool_id, output.export_bucket, output.export_console_url] : output == null
    ])
    error_message = "An output names what there is not."
  }
}

run "every_route_asks_for_a_token" {
  command = plan

  variables {
    enable_export_api = true
  }

  assert {
    condition     = length(module.export[0].routes) == 9 && alltrue([for kind in values(module.export[0].routes) : kind == "JWT"])
    error_message = "A route is open: ${jsonencode(module.export[0].routes)}."
  }

  assert {
    condition     = output.export_bucket == "ndjson-parquet-export-test-123456789012" && output.export_jobs_table == "ndjson-parquet-export-jobs-test"
    error_message = "The bucket is ${output.export_bucket}, the table ${output.export_jobs_table}."
  }

  assert {
    condition = (
      module.export[0].environment_variables["EXPORT_PIPELINE_GROUP"] == "operators" &&
      module.export[0].environment_variables["EXPORT_GROUPS_CLAIM"] == "cognito:groups" &&
      module.export[0].environment_variables["EXPORT_LONGEST_MINUTES"] == "395"
    )
    error_message = "The function is told ${jsonencode(module.export[0].environment_variables)}."
  }

  assert {
    condition     = contains(keys(local.watched_functions), "export_api")
    error_message = "Nobody watches the function of the export API."
  }
}

run "somebody_elses_issuer" {
  command = plan

  variables {
    enable_export_api     = true
    export_pipeline_group = null
    export_allowed_origin = "https://console.example.com"
    export_oidc           = { issuer = "https://issuer.example.com", audience = "export" }
  }

  assert {
    condition     = output.export_issuer == "https://issuer.example.com" && output.export_user_pool_id == null
    error_message = "Tokens of ${output.export_issuer} are accepted."
  }

  assert {
    condition = (
      module.export[0].environment_variables["EXPORT_GROUPS_CLAIM"] == "groups" &&
      module.export[0].environment_variables["EXPORT_PIPELINE_GROUP"] == ""
    )
    error_message = "Groups are looked for in ${module.export[0].environment_variables["EXPORT_GROUPS_CLAIM"]}."
  }
}

run "the_console_and_every_other_flag" {
  command = plan

  variables {
    enable_export_api           = true
    enable_export_console       = true
    enable_customer_managed_key = true
    enable_vpc                  = true
    enable_access_logs          = true
    deletion_protection         = true
  }

  assert {
    condition     = length(module.export_console) == 1 && length(aws_s3_object.console_config) == 1
    error_message = "The console is absent, or is not told where the API is."
  }

  assert {
    condition     = local.compute["export_api"].kms_key != null && local.compute["export_api"].vpc != null
    error_message = "The function stands outside of the VPC, or writes without the key."
  }
}
