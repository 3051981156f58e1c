# Who is who: a user pool of our own, or somebody's issuer.

locals {
  identity = var.oidc != null ? {
    issuer       = var.oidc.issuer
    audience     = var.oidc.audience
    groups_claim = var.oidc.groups_claim
    } : {
    issuer       = "https://cognito-idp.${var.region}.amazonaws.com/${aws_cognito_user_pool.this[0].id}"
    audience     = aws_cognito_user_pool_client.console[0].id
    groups_claim = "cognito:groups"
  }
}

resource "aws_cognito_user_pool" "this" {
  count = var.oidc == null ? 1 : 0

  name                     = local.name
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  deletion_protection      = var.deletion_protection ? "ACTIVE" : "INACTIVE"
  mfa_configuration        = "OPTIONAL"

  # Nobody signs themselves up: an operator makes each user.
  admin_create_user_config {
    allow_admin_create_user_only = true
  }

  password_policy {
    minimum_length                   = 12
    require_lowercase                = true
    require_uppercase                = true
    require_numbers                  = true
    require_symbols                  = false
    temporary_password_validity_days = 7
  }

  software_token_mfa_configuration {
    enabled = true
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }
}

resource "aws_cognito_user_pool_client" "console" {
  count = var.oidc == null ? 1 : 0

  name         = "console"
  user_pool_id = aws_cognito_user_pool.this[0].id

  # A page keeps no secret. It signs in with SRP, or with the password itself over TLS.
  generate_secret     = false
  explicit_auth_flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

  prevent_user_existence_errors = "ENABLED"
  enable_token_revocation       = true

  access_token_validity  = 60
  id_token_validity      = 60
  refresh_token_validity = 12

  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "hours"
  }
}

resource "aws_cognito_user_group" "operators" {
  count = var.oidc == null && var.pipeline_group != null ? 1 : 0

  name         = var.pipeline_group
  description  = "May see the pipeline and export its files."
  user_pool_id = aws_cognito_user_pool.this[0].id
}
