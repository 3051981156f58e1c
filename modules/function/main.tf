locals {
  logs_and_traces = [
    {
      sid       = "WriteLogs"
      actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      resources = ["${aws_cloudwatch_log_group.this.arn}:*"]
    },
    {
      # X-Ray has no resource to name.
      sid       = "SendTraces"
      actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
      resources = ["*"]
    },
  ]

  # Encrypted queues, tables, buckets and streams are read and written with the caller's right to the key.
  key_use = [
    for key in var.compute.kms_key[*] : {
      sid       = "UseKey"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [key.arn]
    }
  ]

  # Lambda places its network interfaces with the function's role, before any of them has a name.
  network_use = [
    for vpc in var.compute.vpc[*] : {
      sid = "PlaceNetworkInterfaces"
      actions = [
        "ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface", "ec2:DescribeSubnets",
        "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
      ]
      resources = ["*"]
    }
  ]
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:the customer-managed key is a flag; without it CloudWatch's own encryption applies
  #checkov:skip=CKV_AWS_338:how long logs are kept is a setting; a year of debug logs is not everybody's
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.compute.log_retention_days
  kms_key_id        = try(var.compute.kms_key.arn, null)

  tags = var.tags
}

# No source condition: Lambda documents none for execution roles, and a role can be passed to it only inside this account.
resource "aws_iam_role" "this" {
  name        = var.name
  description = "What the function ${var.name} may do."

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "least-privilege"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for statement in concat(local.logs_and_traces, local.key_use, local.network_use, var.statements) : {
        Sid      = statement.sid
        Effect   = "Allow"
        Action   = statement.actions
        Resource = statement.resources
      }
    ]
  })
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_115:reserved concurrency is a setting; taken from the account's pool by default it would starve others
  #checkov:skip=CKV_AWS_116:what fails is kept by the queue, the stream, the state machine or the next sweep, each of which repeats it
  #checkov:skip=CKV_AWS_117:a VPC is a flag
  #checkov:skip=CKV_AWS_173:the variables hold names and limits, no secret; with the key's flag they are encrypted by it
  #checkov:skip=CKV_AWS_272:the zip is built from this tree and named by its hash; who may change the code is decided by IAM
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.this.arn

  filename         = var.zip_path
  source_code_hash = filebase64sha256(var.zip_path)
  handler          = var.handler
  runtime          = var.runtime
  architectures    = [var.compute.architecture]

  timeout                        = var.timeout_seconds
  memory_size                    = var.compute.memory_mb
  reserved_concurrent_executions = coalesce(var.compute.reserved_concurrency, -1)
  kms_key_arn                    = try(var.compute.kms_key.arn, null)

  environment {
    variables = var.environment_variables
  }

  tracing_config {
    mode = "Active"
  }

  dynamic "vpc_config" {
    for_each = var.compute.vpc[*]

    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  tags = var.tags

  # The log group exists before Lambda would make one without retention; the rights exist before the first event arrives.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}
