# What the Glue job brings along: the wheels that are not in Glue, if there are any.

mock_provider "aws" {}

variables {
  environment = "test"
  account_id  = "123456789012"
  region      = "us-east-1"

  # Any file: nothing here looks into code or wheels.
  script_path  = "versions.tf"
  library_path = "versions.tf"

  glue_version          = "5.1"
  worker_type           = "G.1X"
  number_of_workers     = 2
  max_concurrent_runs   = 1
  timeout_minutes       = 60
  max_reject_percent    = 10
  max_columns           = 1000
  on_duplicate_key      = "reject"
  projection_start_date = "2026-01-01"

  input_bucket      = { name = "input", arn = "arn:aws:s3:::input" }
  manifest_bucket   = { name = "manifest", arn = "arn:aws:s3:::manifest" }
  output_bucket     = { name = "output", arn = "arn:aws:s3:::output" }
  quarantine_bucket = { name = "quarantine", arn = "arn:aws:s3:::quarantine" }
  scripts_bucket    = { name = "scripts", arn = "arn:aws:s3:::scripts" }
}

run "wheels_are_installed_from_s3_alone" {
  command = plan

  module {
    source = "../modules/converter"
  }

  variables {
    wheel_paths = ["variables.tf", "outputs.tf"]
  }

  assert {
    condition = [
      aws_glue_job.this.default_arguments["--additional-python-modules"],
      aws_glue_job.this.default_arguments["--python-modules-installer-option"],
    ] == ["s3://scripts/glue/wheels/outputs.tf,s3://scripts/glue/wheels/variables.tf", "--no-index"]
    error_message = "The job does not install its wheels, or pip may ask an index."
  }

  assert {
    condition = { for name, wheel in aws_s3_object.wheel : wheel.key => wheel.source } == {
      "glue/wheels/outputs.tf" = "outputs.tf", "glue/wheels/variables.tf" = "variables.tf"
    }
    error_message = "A wheel is not uploaded, or not under its own name."
  }

  assert {
    condition     = local.statements.ReadCode.resources == ["arn:aws:s3:::scripts/glue/*"]
    error_message = "The job may not read its wheels, or more than its code."
  }
}

run "nothing_is_installed_without_wheels" {
  command = plan

  module {
    source = "../modules/converter"
  }

  variables {
    wheel_paths = []
  }

  assert {
    condition = length(setintersection(
      keys(aws_glue_job.this.default_arguments), ["--additional-python-modules", "--python-modules-installer-option"]
    )) == 0
    error_message = "The job names wheels that it does not have."
  }
}
