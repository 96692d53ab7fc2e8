import {
  CALLER,
  ISSUES,
  OWNER,
  USER,
  capital,
  message,
  query,
  rowsOf,
  s3,
  type,
  typed,
  type Added,
  type RefusalRow,
} from './row.ts'

const FUNCTION = `arn:aws:sts::${CALLER}:assumed-role/function-role/function`
const GUEST = `arn:aws:sts::${CALLER}:assumed-role/Cognito_Unauth_Role/CognitoIdentityCredentials`

/** "User: … is not authorized to perform: … on resource: …", and what AWS adds. */
const no = (principal: string, action: string, resource = '', reason = ''): string =>
  `User: ${principal} is not authorized to perform: ${action}${resource && ` on resource: ${resource}`}${reason}`
const noIdentity = (action: string): string =>
  ` because no identity-based policy allows the ${action} action`
const noResource = (action: string): string =>
  ` because no resource-based policy allows the ${action} action`

const denied = { code: 'ACCESS_DENIED', responsible: 'policy' } as const

/** A denial whose remedy has to name the very action. */
const naming = (
  action: string,
  source: string,
  body: string,
  more: Partial<Added> = {},
): Added => ({
  ...denied,
  body,
  source: `${ISSUES}/${source}`,
  remedy: new RegExp(`"Action":"${action}"`),
  never: /execute-api/,
  ...more,
})

const table = `arn:aws:dynamodb:us-east-1:${CALLER}:table/Items`
const DYNAMODB = rowsOf({ service: 'DynamoDB', status: 400 }, [
  naming(
    'dynamodb:Query',
    'AntonShuvaev/intellij-dynamodb/issues/29',
    typed(
      'com.amazon.coral.service#AccessDeniedException',
      no(FUNCTION, 'dynamodb:Query', table, noIdentity('dynamodb:Query')),
      'Message',
    ),
  ),
  naming(
    'dynamodb:UpdateItem',
    'aws/aws-sdk-js/issues/832',
    typed(
      'com.amazon.coral.service#AccessDeniedException',
      no(FUNCTION, 'dynamodb:UpdateItem', table),
      'Message',
    ),
  ),
  naming(
    'dynamodb:PutItem',
    'anomalyco/sst/issues/4469',
    typed(
      'com.amazon.coral.service#AccessDeniedException',
      no(FUNCTION, 'dynamodb:PutItem', table, noIdentity('dynamodb:PutItem')),
      'Message',
    ),
  ),
  naming(
    'dynamodb:PutItem',
    'aws-samples/aws-serverless-workshops/issues/41',
    typed(
      'com.amazon.coral.service#AccessDeniedException',
      no(FUNCTION, 'dynamodb:PutItem', table),
      'Message',
    ),
  ),
  naming(
    'dynamodb:Query',
    'ionic-team/ionic2-starter-aws/issues/7',
    typed(
      'com.amazon.coral.service#AccessDeniedException',
      no(GUEST, 'dynamodb:Query', `${table}/index/DateSorted`),
      'Message',
    ),
  ),
  naming(
    'dynamodb:ListTables',
    'sebdah/dynamic-dynamodb/issues/321',
    typed(
      'com.amazon.coral.service#AccessDeniedException',
      no(USER, 'dynamodb:ListTables', '*'),
      'Message',
    ),
    {
      remedy:
        /policy of the user JohnDoe allow it: .*"Action":"dynamodb:ListTables","Resource":"\*"/,
    },
  ),
  {
    body: typed(
      'com.amazon.coral.service#UnrecognizedClientException',
      'The security token included in the request is invalid.',
    ),
    source: `${ISSUES}/danilop/LambdAuth/issues/3`,
    code: 'TOKEN_INVALID',
    responsible: 'session',
    remedy: /session token/,
  },
])

const S3 = rowsOf({ service: 'S3', url: 'https://bucket.s3.amazonaws.com/key' }, [
  {
    body: s3(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      '<RequestTime>20150604T232559Z</RequestTime><ServerTime>2015-06-04T22:26:16Z</ServerTime><MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>',
    ),
    source: `${ISSUES}/aws/aws-sdk-php/issues/612`,
    code: 'CLOCK_SKEW',
    responsible: 'device',
    remedy: /ServerTime/,
  },
  {
    body: s3(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      '<RequestTime>20160524T120229Z</RequestTime>',
    ),
    source: `${ISSUES}/ex-aws/ex_aws/issues/159`,
    code: 'CLOCK_SKEW',
    responsible: 'device',
    remedy: /Set the clock/,
  },
  {
    body: s3(
      'AccessDenied',
      'Request has expired',
      '<X-Amz-Expires>900</X-Amz-Expires><Expires>2021-07-07T10:28:15Z</Expires>',
    ),
    source: `${ISSUES}/aws/aws-sdk-js/issues/3820`,
    code: 'URL_EXPIRED',
    responsible: 'caller',
    remedy: /Presign the URL just before/,
  },
  {
    status: 400,
    body: s3(
      'AuthorizationQueryParametersError',
      "Error parsing the X-Amz-Credential parameter; the region 'us-east-2' is wrong; expecting 'ap-south-1'",
      '<Region>ap-south-1</Region>',
    ),
    source: `${ISSUES}/aws/aws-cli/issues/4338`,
    code: 'WRONG_SCOPE',
    responsible: 'caller',
    remedy: /region that the message expects/,
  },
  {
    status: 400,
    body: s3(
      'AuthorizationHeaderMalformed',
      "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'",
    ),
    source: `${ISSUES}/TTLabs/EvaporateJS/issues/364`,
    code: 'WRONG_SCOPE',
    responsible: 'caller',
    remedy: /regional host/,
  },
  {
    body: s3(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
    ),
    source: `${ISSUES}/jasonsims/aws-cloudfront-sign/issues/15`,
    code: 'TOKEN_INVALID',
    responsible: 'session',
    remedy: /session token/,
  },
  {
    body: s3(
      'AccessDenied',
      'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters',
    ),
    source: `${ISSUES}/jasonsims/aws-cloudfront-sign/issues/8`,
    code: 'AUTH_MALFORMED',
    responsible: 'caller',
    remedy: /signature/,
  },
  {
    body: s3(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    ),
    source: `${ISSUES}/amazon-connect/amazon-connect-salesforce-scv/issues/163`,
    code: 'SIGNATURE_MISMATCH',
    responsible: 'unknown',
    remedy: /without proxy and CDN/,
  },
  naming(
    's3:CreateBucket',
    'apache/pekko-connectors/issues/655',
    s3(
      'AccessDenied',
      no(USER, 's3:CreateBucket', '"arn:aws:s3:::bucket"', noIdentity('s3:CreateBucket')),
    ),
    { remedy: /"Action":"s3:CreateBucket","Resource":"arn:aws:s3:::bucket"/ },
  ),
  {
    ...denied,
    body: s3(
      'AccessDenied',
      no(
        USER,
        's3:ListBucket',
        '"arn:aws:s3:::bucket"',
        ' with an explicit deny in a resource-based policy',
      ),
    ),
    source: `${ISSUES}/noobaa/noobaa-core/issues/10060`,
    remedy: /Deny statement in the resource-based policy/,
  },
  naming(
    'kms:Decrypt',
    'ministryofjustice/modernisation-platform/pull/11726',
    s3(
      'AccessDenied',
      no(
        FUNCTION,
        'kms:Decrypt',
        `arn:aws:kms:eu-west-2:${CALLER}:key/x`,
        noIdentity('kms:Decrypt'),
      ),
    ),
  ),
])

const KMS = rowsOf({ service: 'KMS', status: 400 }, [
  naming(
    'kms:DescribeKey',
    'jbrt/ec2cryptomatic/issues/26',
    typed(
      'AccessDeniedException',
      no(
        USER,
        'kms:DescribeKey',
        `arn:aws:kms:us-west-2:${CALLER}:key/x`,
        noResource('kms:DescribeKey'),
      ),
      'Message',
    ),
    { remedy: /resource-based policy of what was called allow the caller: .*user\/JohnDoe/ },
  ),
  naming(
    'kms:Decrypt',
    '4dn-dcic/tibanna/issues/402',
    typed(
      'AccessDeniedException',
      no(
        FUNCTION,
        'kms:Decrypt',
        `arn:aws:kms:us-east-1:${CALLER}:key/x`,
        noResource('kms:Decrypt'),
      ),
      'Message',
    ),
    { remedy: /"AWS":"arn:aws:iam::111122223333:role\/function-role"/ },
  ),
  naming(
    'kms:Decrypt',
    'trussworks/terraform-aws-s3-anti-virus/pull/48',
    typed(
      'AccessDeniedException',
      no(
        FUNCTION,
        'kms:Decrypt',
        `arn:aws:kms:us-east-1:${CALLER}:key/x`,
        `${noIdentity('kms:Decrypt')} (Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException; Request ID: x; Proxy: null)`,
      ),
      'Message',
    ),
  ),
])

const SECRETS = rowsOf({ service: 'Secrets Manager', status: 400 }, [
  naming(
    'secretsmanager:GetSecretValue',
    'aws-samples/cdk-assume-role-credential-plugin/issues/49',
    typed(
      'AccessDeniedException',
      no(
        `arn:aws-us-gov:sts::${CALLER}:assumed-role/cdk-exec-role/AWSCloudFormation`,
        'secretsmanager:GetSecretValue',
        `arn:aws-us-gov:secretsmanager:us-gov-west-1:${OWNER}:secret:x-AbCdEf`,
      ),
      'Message',
    ),
    { remedy: /both accounts must allow the call/ },
  ),
  naming(
    'secretsmanager:GetSecretValue',
    'external-secrets/external-secrets/issues/2685',
    typed(
      'AccessDeniedException',
      no(
        FUNCTION,
        'secretsmanager:GetSecretValue',
        'appsecret/test/new-test',
        noIdentity('secretsmanager:GetSecretValue'),
      ),
      'Message',
    ),
    { remedy: /"Resource":"<ARN of appsecret\/test\/new-test>".*Write the whole ARN/s },
  ),
  {
    ...denied,
    body: typed('AccessDeniedException', 'Access to KMS is not allowed', 'Message'),
    source: `${ISSUES}/aws/aws-cdk/issues/14043`,
    remedy: /key policy/,
  },
])

const MESSAGING = [
  ...rowsOf({ service: 'SES' }, [
    naming(
      'ses:SendEmail',
      'danielireson/formplug/pull/11',
      query(
        'AccessDenied',
        `User \`arn:aws:sts::${CALLER}:assumed-role/formplug-prod-lambdaRole/receive' is not authorized to perform \`ses:SendEmail' on resource \`arn:aws:ses:us-east-1:${CALLER}:identity/x@example.com'`,
      ),
    ),
  ]),
  ...rowsOf({ service: 'SQS' }, [
    {
      ...denied,
      body: query(
        'AccessDenied',
        'Access to the resource https://sqs.us-east-2.amazonaws.com/apigateway-queue is denied.',
      ),
      source: `${ISSUES}/DanielDaCosta/apiGateway-sqs-lambda/issues/1`,
      remedy: /Allow the action/,
    },
    {
      ...denied,
      body: '{"message":"Access to the resource https://sqs.eu-west-1.amazonaws.com/ is denied.","code":"AccessDenied","time":"2019-07-17T16:44:08.059Z","requestId":"x","statusCode":403,"retryable":false}',
      source: `${ISSUES}/jeremydaly/serverless-cloudside-plugin/issues/5`,
      remedy: /CloudTrail/,
    },
    {
      ...denied,
      body: query(
        'AccessDenied',
        'Access to the resource https://sqs.eu-west-1.amazonaws.com/ is denied.',
      ),
      source: `${ISSUES}/bbc/sqs-consumer/issues/225`,
      remedy: /another account/,
    },
  ]),
  ...rowsOf({ service: 'SNS' }, [
    naming(
      'SNS:Publish',
      'aws-ia/terraform-aws-control_tower_account_factory/issues/151',
      query(
        'AuthorizationError',
        no(
          FUNCTION,
          'SNS:Publish',
          `arn:aws:sns:us-east-1:${CALLER}:notifications`,
          noIdentity('SNS:Publish'),
        ),
      ),
    ),
    naming(
      'SNS:Publish',
      'awslabs/aws-service-catalog-puppet/issues/19',
      query(
        'AuthorizationError',
        no(FUNCTION, 'SNS:Publish', `arn:aws:sns:eu-west-1:${OWNER}:events`),
      ),
      { remedy: /in account 444455556666 allow .*both accounts/ },
    ),
    naming(
      'SNS:CreateTopic',
      'obie/saws/issues/4',
      query(
        'AuthorizationError',
        no(FUNCTION, 'SNS:CreateTopic', `arn:aws:sns:us-east-1:${CALLER}:NewOrders`),
      ),
    ),
    {
      ...denied,
      body: typed(
        'AccessDeniedException',
        no(
          'sns.amazonaws.com',
          'lambda:InvokeFunction',
          `arn:aws:lambda:us-east-1:${CALLER}:function:x`,
          noResource('lambda:InvokeFunction'),
        ),
      ),
      source: `${ISSUES}/awslabs/aws-automated-incident-response-and-forensics/issues/13`,
      remedy: /"Principal":\{"Service":"sns\.amazonaws\.com"\}/,
    },
  ]),
]

const COMPUTE = [
  ...rowsOf({ service: 'Lambda' }, [
    {
      ...denied,
      ...type('AccessDeniedException'),
      body: capital(
        no(
          USER,
          'lambda:GetFunction',
          `arn:aws:lambda:us-east-1:${CALLER}:function:x`,
          ' with an explicit deny',
        ),
      ),
      source: `${ISSUES}/cloud-custodian/cloud-custodian/issues/4736`,
      remedy: /Narrow the Deny statement/,
      never: /"Effect":"Allow"/,
    },
  ]),
  ...rowsOf({ service: 'EC2' }, [
    {
      ...denied,
      body: '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation. Encoded authorization failure message: abc</Message></Error></Errors><RequestID>x</RequestID></Response>',
      source: `${ISSUES}/aws/karpenter-provider-aws/issues/1536`,
      remedy: /decode-authorization-message/,
    },
  ]),
  ...rowsOf({ service: 'AWS WAF', status: 400 }, [
    {
      ...denied,
      body: typed(
        'AccessDeniedException',
        no(
          FUNCTION,
          'waf-regional:GetWebACLForResource',
          `arn:aws:waf-regional:us-east-1:${CALLER}:*/*`,
          ' with an explicit deny in a service control policy',
        ),
      ),
      source: `${ISSUES}/kubernetes-sigs/aws-load-balancer-controller/issues/2322`,
      remedy: /administrators of the organization/,
    },
  ]),
  ...rowsOf({ service: 'Step Functions', status: 400 }, [
    {
      ...denied,
      body: typed(
        'AccessDeniedException',
        no(
          GUEST,
          'states:ListExecutions',
          `arn:aws:states:us-east-1:${CALLER}:stateMachine:x`,
          ' because no session policy allows the states:ListExecutions action',
        ),
      ),
      source: `${ISSUES}/aws/aws-sdk-js-v3/issues/3262`,
      remedy: /Cognito limits guests/,
    },
    naming(
      'states:StartExecution',
      'FormidableLabs/aws-lambda-serverless-reference/issues/31',
      typed(
        'AccessDeniedException',
        no(FUNCTION, 'states:StartExecution', `arn:aws:states:us-east-1:${CALLER}:stateMachine:x`),
      ),
    ),
  ]),
  ...rowsOf({ service: 'Systems Manager', status: 400 }, [
    {
      ...denied,
      body: typed(
        'AccessDeniedException',
        no(
          GUEST,
          'ssm:GetParameter',
          `arn:aws:ssm:us-east-1:${CALLER}:parameter/x`,
          ' because no session policy allows the ssm:GetParameter action',
        ),
      ),
      source: `${ISSUES}/aws/aws-sdk-js/issues/4303`,
      remedy: /Sign the user in/,
    },
  ]),
  ...rowsOf({ service: 'Firehose', status: 400 }, [
    naming(
      'firehose:PutRecord',
      'aws/aws-sdk-js/issues/763',
      typed(
        'AccessDeniedException',
        no(
          GUEST,
          'firehose:PutRecord',
          `arn:aws:firehose:us-east-1:${CALLER}:deliverystream/heartbeat`,
        ),
      ),
    ),
  ]),
  ...rowsOf({ service: 'Kinesis Video Streams' }, [
    naming(
      'kinesisvideo:DescribeStream',
      'awslabs/aws-sdk-android-samples/issues/243',
      capital(no(GUEST, 'kinesisvideo:DescribeStream')),
      { remedy: /"Resource":"\*".*AWS does not tell it here/s },
    ),
  ]),
]

const AI = [
  ...rowsOf({ service: 'Rekognition', status: 400 }, [
    naming(
      'rekognition:DetectLabels',
      'nmwalsh/aws-ai-services-site/issues/49',
      typed(
        'AccessDeniedException',
        no(GUEST, 'rekognition:DetectLabels', '', noIdentity('rekognition:DetectLabels')),
        'Message',
      ),
    ),
  ]),
  ...rowsOf({ service: 'Bedrock', ...type('AccessDeniedException') }, [
    {
      ...denied,
      body: message("You don't have access to the model with the specified model ID."),
      source: `${ISSUES}/anthropics/claude-code/issues/536`,
      remedy: /Enable the model/,
    },
    {
      ...denied,
      body: message("You don't have access to the model with the specified model ID."),
      source: `${ISSUES}/dirkpetersen/our-chat/issues/3`,
      remedy: /bedrock:InvokeModel/,
    },
    {
      ...denied,
      body: message(
        'Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model. Refer to the Amazon Bedrock documentation for further details. Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 5 minutes.',
      ),
      source: `${ISSUES}/ministryofjustice/modernisation-platform-environments/pull/18323`,
      remedy: /AWS Marketplace/,
    },
  ]),
  ...rowsOf({ service: 'Bedrock AgentCore' }, [
    {
      body: message(
        "Authorization method mismatch. The agent is configured for a different authorization method than what was used in your request. Check the agent's authorization configuration and ensure your request uses the matching method (OAuth or SigV4)",
      ),
      source: `${ISSUES}/aws/agentcore-cli/issues/714`,
      code: 'AUTH_MALFORMED',
      responsible: 'caller',
      remedy: /createTokenFetch/,
    },
    {
      status: 401,
      body: message('Missing Authentication Token'),
      source: `${ISSUES}/CopilotKit/CopilotKit/pull/6920`,
      code: 'AUTH_MISSING',
      responsible: 'caller',
      remedy: /createIamFetch/,
    },
  ]),
]

const SEARCH = rowsOf({ service: 'OpenSearch' }, [
  {
    body: capital('User: anonymous is not authorized to perform: es:ESHttpGet'),
    source: `${ISSUES}/aws-amplify/amplify-cli/issues/664`,
    code: 'ACCESS_DENIED',
    responsible: 'caller',
    remedy: /Sign the call/,
  },
  {
    body: capital('User: anonymous is not authorized to perform: es:ESHttpGet'),
    source: `${ISSUES}/aws-quickstart/quickstart-datalake-47lining/issues/18`,
    code: 'ACCESS_DENIED',
    responsible: 'caller',
    remedy: /condition by address/,
  },
  {
    ...denied,
    body: '{"error":{"root_cause":[{"type":"security_exception","reason":"no permissions for [cluster:monitor/health] and User [name=x, roles=[y], requestedTenant=null]"}],"type":"security_exception","reason":"no permissions for [cluster:monitor/health] and User [name=x, roles=[y], requestedTenant=null]"},"status":403}',
    source: `${ISSUES}/opensearch-project/security/issues/16`,
    remedy: /backend role/,
  },
  {
    ...denied,
    body: '{"error":{"root_cause":[{"type":"security_exception","reason":"no permissions for [indices:admin/get] and User [name=x, backend_roles=[y], requestedTenant=null]"}],"type":"security_exception","reason":"no permissions for [indices:admin/get] and User [name=x, backend_roles=[y], requestedTenant=null]"},"status":403}',
    source: `${ISSUES}/jaegertracing/jaeger/issues/3727`,
    remedy: /backend role/,
  },
  {
    ...denied,
    body: '{"statusCode":403,"error":"Forbidden","message":"no permissions for [indices:data/read/search] and User [name=x, backend_roles=[], requestedTenant=]: security_exception"}',
    source: `${ISSUES}/opensearch-project/OpenSearch/issues/3878`,
    remedy: /An IAM policy alone does not give it/,
  },
])

const EDGE = [
  ...rowsOf({ service: 'IoT' }, [
    {
      ...type('ForbiddenException'),
      body: '{"message":"Forbidden","traceId":"3a3ed9d1-ab7e-7871-df31-9353dbe3ae6e"}',
      source: `${ISSUES}/aws/aws-sdk-js-v3/issues/5562`,
      code: 'FORBIDDEN',
      responsible: 'policy',
      remedy: /attach-policy/,
    },
    {
      ...type('ForbiddenException'),
      url: 'https://abc-ats.iot.us-east-1.amazonaws.com/things/x/shadow',
      body: message('Forbidden'),
      source: `${ISSUES}/awslabs/aws-sdk-android-samples/issues/88`,
      code: 'FORBIDDEN',
      responsible: 'policy',
      remedy: /iot:GetThingShadow/,
    },
    {
      ...type('ForbiddenException'),
      url: 'https://abc-ats.iot.us-east-1.amazonaws.com/things/x/shadow',
      body: '{"message":null,"traceId":"3a3ed9d1-ab7e-7871-df31-9353dbe3ae6e"}',
      source: `${ISSUES}/aws/aws-iot-device-sdk-js/issues/221`,
      code: 'FORBIDDEN',
      responsible: 'policy',
      remedy: /attach an AWS IoT policy to the identity/,
    },
  ]),
  ...rowsOf({ service: 'CloudFront' }, [
    {
      headers: { server: 'CloudFront', 'x-amz-cf-id': 'x' },
      body: '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">\n<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=iso-8859-1">\n<TITLE>ERROR: The request could not be satisfied</TITLE>\n</HEAD><BODY>\n<H1>403 ERROR</H1>\n<H2>The request could not be satisfied.</H2>\n<HR noshade size="1px">\nRequest blocked.\nWe can\'t connect to the server for this app or website at this time.\n</BODY></HTML>',
      source: `${ISSUES}/lysine-dev/okhttp/issues/8001`,
      code: 'BLOCKED',
      responsible: 'proxy',
      remedy: /web ACL/,
    },
    {
      body: s3('MissingKey', 'Missing Key-Pair-Id query parameter or cookie value'),
      source: `${ISSUES}/jasonsims/aws-cloudfront-sign/issues/74`,
      code: 'AUTH_MISSING',
      responsible: 'caller',
      remedy: /signed URL/,
    },
  ]),
  ...rowsOf({ service: 'VPC Lattice' }, [
    {
      ...denied,
      body: `AccessDeniedException: ${no(`arn:aws:sts::${CALLER}:assumed-role/vpc-lattice-sigv4-client/eks-x`, 'vpc-lattice-svcs:Invoke', `arn:aws:vpc-lattice:eu-west-1:${CALLER}:service/svc-002349360ddc5a463/`, ' because no service-based policy allows the vpc-lattice-svcs:Invoke action')}`,
      source:
        'https://aws-ia.github.io/terraform-aws-eks-blueprints/patterns/network/cross-cluster-pod-communication',
      remedy: /auth policy of the VPC Lattice service\. /,
    },
  ]),
  ...rowsOf({ service: 'AWS JSON service', status: 400 }, [
    {
      body: typed(
        'IncompleteSignatureException',
        "'x/20181128/eu-central-1/cloud9/aws4_request' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential= x/20181128/eu-central-1/cloud9/aws4_request, SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-target, Signature=x'.",
      ),
      source: `${ISSUES}/iann0036/cloud9-sync/issues/10`,
      code: 'AUTH_MALFORMED',
      responsible: 'caller',
      remedy: /signature/,
    },
  ]),
]

export const SERVICES: readonly RefusalRow[] = [
  ...DYNAMODB,
  ...S3,
  ...KMS,
  ...SECRETS,
  ...MESSAGING,
  ...COMPUTE,
  ...AI,
  ...SEARCH,
  ...EDGE,
]
