# The one public thing: an HTTP API, each of whose routes asks for a token.

locals {
  routes = toset([
    "POST /upload", "POST /trigger-job", "GET /job-status/{job_id}", "GET /jobs", "GET /preview/{job_id}",
    "GET /download/{job_id}", "GET /pipeline", "GET /pipeline/outputs", "GET /openapi.json",
  ])
}

resource "aws_apigatewayv2_api" "this" {
  name          = local.name
  description   = "Parquet back to JSON."
  protocol_type = "HTTP"

  dynamic "cors_configuration" {
    for_each = var.allowed_origin[*]

    content {
      allow_origins = [cors_configuration.value]
      allow_methods = ["GET", "POST"]
      allow_headers = ["authorization", "content-type"]
      max_age       = 600
    }
  }
}

resource "aws_apigatewayv2_authorizer" "this" {
  api_id           = aws_apigatewayv2_api.this.id
  name             = local.name
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = local.identity.issuer
    audience = [local.identity.audience]
  }
}

resource "aws_apigatewayv2_integration" "this" {
  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = module.function.function_arn
  payload_format_version = "2.0"
  timeout_milliseconds   = local.function_seconds * 1000
}

resource "aws_apigatewayv2_route" "this" {
  for_each = local.routes

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.this.id}"
  authorization_type = "JWT"
  authorizer_id      = aws_apigatewayv2_authorizer.this.id
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_burst_limit = var.requests_burst
    throttling_rate_limit  = var.requests_per_second
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    # Neither tokens nor file names: who asked for which route, and how it ended.
    format = jsonencode({
      requestId = "$context.requestId"
      at        = "$context.requestTime"
      address   = "$context.identity.sourceIp"
      route     = "$context.routeKey"
      status    = "$context.status"
      subject   = "$context.authorizer.claims.sub"
      refused   = "$context.authorizer.error"
      failed    = "$context.integrationErrorMessage"
      latencyMs = "$context.responseLatency"
    })
  }
}

resource "aws_cloudwatch_log_group" "api" {
  #checkov:skip=CKV_AWS_158:the customer-managed key is a flag; without it CloudWatch's own encryption applies
  #checkov:skip=CKV_AWS_338:how long logs are kept is a setting
  name              = "/aws/vendedlogs/apigateway/${local.name}"
  retention_in_days = var.compute.log_retention_days
  kms_key_id        = try(var.kms_key.arn, null)
}

resource "aws_lambda_permission" "api" {
  statement_id  = "ExportApi"
  action        = "lambda:InvokeFunction"
  function_name = module.function.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/*/*"
}
