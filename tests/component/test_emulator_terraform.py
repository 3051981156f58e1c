"""What Terraform deploys onto the embedded AWS plans to nothing the second time; the provider comes from a mirror."""

import os
import subprocess
from pathlib import Path

from local.embedded_aws import ROOT, EmbeddedAws

WRAPPER = ROOT / "scripts" / "terraform"
CONFIGURATION = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

provider "aws" {
  s3_use_path_style = true
}

resource "aws_iam_role" "job" {
  name               = "planned-job"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "glue.amazonaws.com" } }]
  })
}

resource "aws_glue_job" "job" {
  name                    = "planned-job"
  role_arn                = aws_iam_role.job.arn
  glue_version            = "5.1"
  worker_type             = "G.1X"
  number_of_workers       = 2
  timeout                 = 60
  max_retries             = 0
  execution_class         = "STANDARD"
  job_run_queuing_enabled = false
  default_arguments       = { "--max_columns" = "1000" }

  command {
    name            = "glueetl"
    script_location = "s3://scripts/job.py"
    python_version  = "3"
  }

  execution_property {
    max_concurrent_runs = 3
  }
}
"""


def terraform(folder: Path, environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(WRAPPER), f"-chdir={folder}", *arguments], env=environment, capture_output=True, text=True, check=False
    )


def test_a_glue_job_plans_to_nothing_the_second_time(emulator: EmbeddedAws, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(CONFIGURATION)
    # A configuration file that is named and absent makes plain Terraform warn on every call.
    environment = {**os.environ, **emulator.environment(), "TF_CLI_CONFIG_FILE": str(tmp_path / "absent")}
    made = terraform(tmp_path, environment, "init", "-input=false", "-no-color")
    assert made.returncode == 0, made.stdout + made.stderr
    assert "CLI configuration" not in made.stdout + made.stderr
    applied = terraform(tmp_path, environment, "apply", "-auto-approve", "-input=false", "-no-color")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    planned = terraform(tmp_path, environment, "plan", "-detailed-exitcode", "-input=false", "-no-color")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert "No changes" in planned.stdout
