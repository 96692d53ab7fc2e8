#!/usr/bin/env bash
# Sets up everything that a signed call needs, with the AWS CLI: a user pool with two groups and a role for each, an identity
# pool that gives users the role of their group, and an HTTP API whose routes IAM authorizes.
#
# Read it before you run it: each step says what it is for. It creates new resources and changes none that exist.
# At the end it writes config.json for the page and prints how to remove everything.
#
#   NAME=notes ORIGIN=http://localhost:5173 ./set-up.sh
#
# It needs the AWS CLI 2 with credentials that may create these resources, and zip.
set -euo pipefail

NAME=${NAME:-iamfetch-notes}
ORIGIN=${ORIGIN:-http://localhost:5173}
REGION=${AWS_REGION:-$(aws configure get region || true)}
if [ -z "$REGION" ]; then
  echo 'Set AWS_REGION to the region for the resources, for example: export AWS_REGION=eu-central-1' >&2
  exit 1
fi
export AWS_REGION=$REGION AWS_DEFAULT_REGION=$REGION AWS_PAGER=''
ACCOUNT=$(aws sts get-caller-identity --query Account --output text)
PARTITION=$(aws sts get-caller-identity --query Arn --output text | cut -d: -f2)
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

step() { echo "== $1" >&2; }

step '1 of 8: the user pool, where users sign in'
USER_POOL=$(aws cognito-idp create-user-pool --pool-name "$NAME" \
  --admin-create-user-config AllowAdminCreateUserOnly=true \
  --query UserPool.Id --output text)
# An app client without a secret: a browser cannot keep one.
CLIENT=$(aws cognito-idp create-user-pool-client --user-pool-id "$USER_POOL" --client-name web \
  --explicit-auth-flows ALLOW_USER_SRP_AUTH ALLOW_REFRESH_TOKEN_AUTH \
  --prevent-user-existence-errors ENABLED \
  --query UserPoolClient.ClientId --output text)

step '2 of 8: the identity pool, which exchanges an ID token for AWS credentials'
PROVIDER="cognito-idp.$REGION.amazonaws.com/$USER_POOL"
IDENTITY_POOL=$(aws cognito-identity create-identity-pool --identity-pool-name "$NAME" \
  --no-allow-unauthenticated-identities \
  --cognito-identity-providers "ProviderName=$PROVIDER,ClientId=$CLIENT" \
  --query IdentityPoolId --output text)

step '3 of 8: the function behind the API'
# Replace it with your own. It only says who called.
cat > "$WORK/index.mjs" <<'JS'
export const handler = async (event) => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ route: event.routeKey, caller: event.requestContext.authorizer?.iam?.userArn }),
})
JS
(cd "$WORK" && zip -q function.zip index.mjs)
FUNCTION_ROLE=$(aws iam create-role --role-name "$NAME-function" \
  --assume-role-policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}' \
  --query Role.Arn --output text)
aws iam attach-role-policy --role-name "$NAME-function" \
  --policy-arn "arn:$PARTITION:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
# A new role is known to Lambda after some seconds; until then create-function is refused.
for attempt in 1 2 3 4 5 6; do
  if FUNCTION=$(aws lambda create-function --function-name "$NAME" --runtime nodejs22.x \
    --handler index.handler --role "$FUNCTION_ROLE" --zip-file "fileb://$WORK/function.zip" \
    --query FunctionArn --output text 2>"$WORK/error"); then break; fi
  if [ "$attempt" = 6 ] || ! grep -q 'cannot be assumed' "$WORK/error"; then cat "$WORK/error" >&2; exit 1; fi
  sleep 5
done

step '4 of 8: the HTTP API, with CORS for the headers of a signed request'
API=$(aws apigatewayv2 create-api --name "$NAME" --protocol-type HTTP \
  --cors-configuration "AllowOrigins=$ORIGIN,AllowMethods=GET,POST,AllowHeaders=authorization,content-type,x-amz-date,x-amz-security-token,ExposeHeaders=date,x-amzn-errortype,x-amzn-requestid,apigw-requestid" \
  --query ApiId --output text)
# shellcheck disable=SC2016
aws apigatewayv2 create-stage --api-id "$API" --stage-name '$default' --auto-deploy > /dev/null
INTEGRATION=$(aws apigatewayv2 create-integration --api-id "$API" --integration-type AWS_PROXY \
  --integration-uri "$FUNCTION" --payload-format-version 2.0 --query IntegrationId --output text)

step '5 of 8: the routes, which IAM authorizes'
for route in 'GET /notes' 'POST /notes'; do
  aws apigatewayv2 create-route --api-id "$API" --route-key "$route" --authorization-type AWS_IAM \
    --target "integrations/$INTEGRATION" > /dev/null
done
aws lambda add-permission --function-name "$NAME" --statement-id api --action lambda:InvokeFunction \
  --principal apigateway.amazonaws.com \
  --source-arn "arn:$PARTITION:execute-api:$REGION:$ACCOUNT:$API/*/*/notes" > /dev/null

step '6 of 8: a role for each group: who may assume it, and what it may call'
cat > "$WORK/trust.json" <<JSON
{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow",
    "Principal": { "Federated": "cognito-identity.amazonaws.com" },
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {
      "StringEquals": { "cognito-identity.amazonaws.com:aud": "$IDENTITY_POOL" },
      "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" }
    }
  }]
}
JSON
# group ROLE PRECEDENCE METHOD...: the lowest precedence wins when a user is in several groups.
group() {
  local group=$1 precedence=$2 role resources=()
  shift 2
  for method in "$@"; do
    resources+=("\"arn:$PARTITION:execute-api:$REGION:$ACCOUNT:$API/*/$method/notes\"")
  done
  role=$(aws iam create-role --role-name "$NAME-$group" \
    --assume-role-policy-document "file://$WORK/trust.json" --query Role.Arn --output text)
  aws iam put-role-policy --role-name "$NAME-$group" --policy-name call-the-api --policy-document \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"execute-api:Invoke\",\"Resource\":[$(IFS=,; echo "${resources[*]}")]}]}"
  aws cognito-idp create-group --user-pool-id "$USER_POOL" --group-name "$group" \
    --precedence "$precedence" --role-arn "$role" > /dev/null
}
group FullAccess 1 GET POST
group ReadOnlyAccess 2 GET

step '7 of 8: the identity pool gives a user the role that the ID token names'
# AmbiguousRoleResolution Deny: a user in no group gets no credentials at all.
cat > "$WORK/mappings.json" <<JSON
{ "$PROVIDER:$CLIENT": { "Type": "Token", "AmbiguousRoleResolution": "Deny" } }
JSON
aws cognito-identity set-identity-pool-roles --identity-pool-id "$IDENTITY_POOL" \
  --roles '{}' --role-mappings "file://$WORK/mappings.json"

step '8 of 8: two users'
for pair in alice:FullAccess bob:ReadOnlyAccess; do
  user=${pair%%:*}
  # The shell's history and this script hold no password: it is generated, and printed once.
  password="$(LC_ALL=C tr -dc 'A-Za-z0-9' < /dev/urandom | head -c 20 || true)aA1!"
  aws cognito-idp admin-create-user --user-pool-id "$USER_POOL" --username "$user" \
    --message-action SUPPRESS > /dev/null
  aws cognito-idp admin-set-user-password --user-pool-id "$USER_POOL" --username "$user" \
    --password "$password" --permanent
  aws cognito-idp admin-add-user-to-group --user-pool-id "$USER_POOL" --username "$user" \
    --group-name "${pair##*:}"
  echo "$user, in ${pair##*:}: password $password"
done

cat > config.json <<JSON
{
  "region": "$REGION",
  "userPoolId": "$USER_POOL",
  "userPoolClientId": "$CLIENT",
  "identityPoolId": "$IDENTITY_POOL",
  "apis": { "notes": { "url": "https://$API.execute-api.$REGION.amazonaws.com" } }
}
JSON
echo 'config.json is written. To remove everything:'
cat <<TEXT
  aws apigatewayv2 delete-api --api-id $API
  aws lambda delete-function --function-name $NAME
  aws cognito-identity delete-identity-pool --identity-pool-id $IDENTITY_POOL
  aws cognito-idp delete-user-pool --user-pool-id $USER_POOL
  for role in FullAccess ReadOnlyAccess; do
    aws iam delete-role-policy --role-name $NAME-\$role --policy-name call-the-api
    aws iam delete-role --role-name $NAME-\$role
  done
  aws iam detach-role-policy --role-name $NAME-function --policy-arn arn:$PARTITION:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole
  aws iam delete-role --role-name $NAME-function
TEXT
