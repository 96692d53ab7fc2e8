# Users of a Cognito group call an HTTP API with the role of their group.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws     = { source = "hashicorp/aws", version = "~> 6.0" }
    archive = { source = "hashicorp/archive", version = "~> 2.4" }
  }
}

variable "region" {
  type = string
}

variable "origin" {
  type        = string
  description = "The origin of the page."
  default     = "http://localhost:5173"
}

provider "aws" {
  region = var.region
}

locals {
  provider_name = aws_cognito_user_pool.users.endpoint
  # The lowest precedence wins when a user is in several groups.
  groups = {
    FullAccess     = { precedence = 1, methods = ["GET", "POST"] }
    ReadOnlyAccess = { precedence = 2, methods = ["GET"] }
  }
}

resource "aws_cognito_user_pool" "users" {
  name = "notes"
  admin_create_user_config {
    allow_admin_create_user_only = true
  }
}

# An app client without a secret: a browser cannot keep one.
resource "aws_cognito_user_pool_client" "web" {
  name                          = "web"
  user_pool_id                  = aws_cognito_user_pool.users.id
  explicit_auth_flows           = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  prevent_user_existence_errors = "ENABLED"
}

resource "aws_cognito_identity_pool" "users" {
  identity_pool_name               = "notes"
  allow_unauthenticated_identities = false
  cognito_identity_providers {
    provider_name = local.provider_name
    client_id     = aws_cognito_user_pool_client.web.id
  }
}

# The role that the ID token names. A user in no group gets no credentials.
resource "aws_cognito_identity_pool_roles_attachment" "users" {
  identity_pool_id = aws_cognito_identity_pool.users.id
  roles            = {}
  role_mapping {
    identity_provider         = "${local.provider_name}:${aws_cognito_user_pool_client.web.id}"
    type                      = "Token"
    ambiguous_role_resolution = "Deny"
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = ["cognito-identity.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "cognito-identity.amazonaws.com:aud"
      values   = [aws_cognito_identity_pool.users.id]
    }
    condition {
      test     = "ForAnyValue:StringLike"
      variable = "cognito-identity.amazonaws.com:amr"
      values   = ["authenticated"]
    }
  }
}

resource "aws_iam_role" "group" {
  for_each           = local.groups
  name_prefix        = each.key
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "group" {
  for_each = local.groups
  name     = "call-the-api"
  role     = aws_iam_role.group[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "execute-api:Invoke"
      Resource = [for method in each.value.methods : "${aws_apigatewayv2_api.notes.execution_arn}/*/${method}/notes"]
    }]
  })
}

resource "aws_cognito_user_group" "group" {
  for_each     = local.groups
  name         = each.key
  user_pool_id = aws_cognito_user_pool.users.id
  precedence   = each.value.precedence
  role_arn     = aws_iam_role.group[each.key].arn
}

data "archive_file" "function" {
  type        = "zip"
  output_path = "${path.module}/function.zip"
  source {
    filename = "index.mjs"
    content  = <<-JS
      export const handler = async (event) => ({
        statusCode: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ route: event.routeKey, caller: event.requestContext.authorizer?.iam?.userArn }),
      })
    JS
  }
}

resource "aws_iam_role" "function" {
  name_prefix = "notes-function"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "function" {
  role       = aws_iam_role.function.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_lambda_function" "notes" {
  function_name    = "notes"
  runtime          = "nodejs22.x"
  handler          = "index.handler"
  role             = aws_iam_role.function.arn
  filename         = data.archive_file.function.output_path
  source_code_hash = data.archive_file.function.output_base64sha256
}

resource "aws_apigatewayv2_api" "notes" {
  name          = "notes"
  protocol_type = "HTTP"
  cors_configuration {
    allow_origins  = [var.origin]
    allow_methods  = ["GET", "POST"]
    allow_headers  = ["authorization", "content-type", "x-amz-date", "x-amz-security-token"]
    expose_headers = ["date", "x-amzn-errortype", "x-amzn-requestid", "apigw-requestid"]
  }
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.notes.id
  name        = "$default"
  auto_deploy = true
}

resource "aws_apigatewayv2_integration" "notes" {
  api_id                 = aws_apigatewayv2_api.notes.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.notes.invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "notes" {
  for_each           = toset(["GET /notes", "POST /notes"])
  api_id             = aws_apigatewayv2_api.notes.id
  route_key          = each.key
  authorization_type = "AWS_IAM"
  target             = "integrations/${aws_apigatewayv2_integration.notes.id}"
}

resource "aws_lambda_permission" "notes" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.notes.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.notes.execution_arn}/*/*/notes"
}

# Write it next to the page: terraform output -raw config > config.json
output "config" {
  value = jsonencode({
    region           = var.region
    userPoolId       = aws_cognito_user_pool.users.id
    userPoolClientId = aws_cognito_user_pool_client.web.id
    identityPoolId   = aws_cognito_identity_pool.users.id
    apis             = { notes = { url = aws_apigatewayv2_api.notes.api_endpoint } }
  })
}
