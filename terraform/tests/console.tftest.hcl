# The console: a private bucket that only its distribution reads, and pages that talk to nobody but the service.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_resource "aws_cloudfront_distribution" {
    defaults = { arn = "arn:aws:cloudfront::123456789012:distribution/EXAMPLE", domain_name = "example.cloudfront.net" }
  }
}

variables {
  environment  = "test"
  account_id   = "123456789012"
  region       = "eu-west-1"
  files_bucket = "files"
  site_dir     = "tests/site"
}

run "the_site" {
  # Mocked: what the provider computes has to be known to be looked at.
  command = apply

  module {
    source = "../modules/export_console"
  }

  assert {
    condition = [
      for statement in jsondecode(module.bucket.policy).Statement : [statement.Effect, statement.Action, statement.Condition]
      ] == [
      ["Deny", "s3:*", { Bool = { "aws:SecureTransport" = "false" } }],
      ["Allow", "s3:GetObject", { StringEquals = { "aws:SourceArn" = "arn:aws:cloudfront::123456789012:distribution/EXAMPLE" } }],
    ]
    error_message = "Others than our distribution may read the bucket: ${module.bucket.policy}"
  }

  assert {
    condition = (
      one(aws_cloudfront_distribution.this.origin).origin_access_control_id == aws_cloudfront_origin_access_control.this.id &&
      one(aws_cloudfront_distribution.this.origin).domain_name == "ndjson-parquet-export-console-test-123456789012.s3.eu-west-1.amazonaws.com" &&
      one(aws_cloudfront_distribution.this.default_cache_behavior).viewer_protocol_policy == "redirect-to-https" &&
      one(aws_cloudfront_distribution.this.default_cache_behavior).response_headers_policy_id == aws_cloudfront_response_headers_policy.this.id
    )
    error_message = "The distribution reads another origin, without its own identity, over plain HTTP, or sends no security headers."
  }

  assert {
    condition = output.files == {
      "assets/index-1a2b3c4d.js" = "public, max-age=31536000, immutable"
      "index.html"               = "no-cache"
    }
    error_message = "Kept too long, not long enough, or not the console's: ${jsonencode(output.files)}"
  }

  assert {
    condition     = aws_s3_object.page["index.html"].content_type == "text/html; charset=utf-8" && aws_s3_object.asset["assets/index-1a2b3c4d.js"].content_type == "text/javascript; charset=utf-8"
    error_message = "A browser would not know what a file is."
  }

  assert {
    condition = output.content_security_policy == join(" ", [
      "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'",
      "https://*.execute-api.eu-west-1.amazonaws.com https://files.s3.amazonaws.com https://files.s3.eu-west-1.amazonaws.com https://cognito-idp.eu-west-1.amazonaws.com;",
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    ])
    error_message = "The pages may do: ${output.content_security_policy}"
  }
}

run "somebody_elses_sign_in" {
  command = apply

  module {
    source = "../modules/export_console"
  }

  variables {
    sign_in_origin  = "https://login.example.com"
    connect_origins = ["https://oauth2.example.com"]
  }

  assert {
    condition = (
      strcontains(output.content_security_policy, " https://login.example.com https://oauth2.example.com;") &&
      !strcontains(output.content_security_policy, "cognito")
    )
    error_message = "The pages may do: ${output.content_security_policy}"
  }
}
