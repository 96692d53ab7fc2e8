import { ACCESS_DENIED_PAGE, CALLER, USER, rowsOf, s3, type RefusalRow } from './row.ts'

const S3_PAGE = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html'
const S3_ERRORS = 'https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html'

const body = (text: string): string =>
  JSON.stringify({ __type: 'AccessDeniedException', Message: text })
const user = `User: ${USER} is not authorized to perform:`
const DEPLOYMENTS =
  'codedeploy:ListDeployments on resource: arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:*'
const denied = {
  source: ACCESS_DENIED_PAGE,
  code: 'ACCESS_DENIED',
  responsible: 'policy',
} as const

/** The examples of AWS's page, with its line breaks. */
export const DOCUMENTED: readonly RefusalRow[] = [
  ...rowsOf({ service: 'CodeCommit', status: 400 }, [
    {
      ...denied,
      body: body(
        `${user}\ncodecommit:ListRepositories with an explicit deny in a service control policy`,
      ),
      remedy: /administrators of the organization/,
      never: /"Effect"/,
    },
    {
      ...denied,
      body: body(
        `${user}\ncodecommit:ListRepositories because no service control policy allows the codecommit:ListRepositories action`,
      ),
      remedy: /does not let this account do codecommit:ListRepositories/,
    },
    {
      ...denied,
      body: body(
        `${user}\ncodecommit:ListRepositories because no VPC endpoint policy allows the codecommit:ListRepositories action`,
      ),
      remedy: /policy of the VPC endpoint .* no signature changes that/,
    },
    {
      ...denied,
      body: body(
        `${user}\ncodecommit:ListRepositories because no session policy allows the codecommit:ListRepositories action`,
      ),
      remedy: /session policy that was passed/,
    },
    {
      ...denied,
      body: body(
        `${user}\ncodecommit:ListRepositories because no identity-based policy allows the codecommit:ListRepositories action`,
      ),
      remedy: /policy of the user JohnDoe .*"Action":"codecommit:ListRepositories","Resource":"\*"/,
    },
  ]),
  ...rowsOf({ service: 'CodeDeploy', status: 400 }, [
    {
      ...denied,
      body: body(`${user}\n${DEPLOYMENTS} with an explicit deny in a VPC endpoint policy`),
      remedy: /narrow its Deny/,
    },
    {
      ...denied,
      body: body(
        `${user}\n${DEPLOYMENTS} because no permissions boundary allows the codedeploy:ListDeployments action`,
      ),
      remedy: /permissions boundary of the user JohnDoe/,
    },
    {
      ...denied,
      body: body(`${user}\n${DEPLOYMENTS} with an explicit deny in a sessions policy`),
      remedy: /Deny statement in the session policy/,
    },
    {
      ...denied,
      body: body(`${user}\n${DEPLOYMENTS} with an explicit deny in an identity-based policy`),
      remedy: /Deny statement in an identity-based policy of the user JohnDoe/,
    },
  ]),
  ...rowsOf({ service: 'SageMaker', status: 400 }, [
    {
      ...denied,
      body: body(`${user}\nsagemaker:ListModels with an explicit deny in a permissions boundary`),
      remedy: /Narrow the Deny statement in the permissions boundary/,
    },
  ]),
  ...rowsOf({ service: 'Secrets Manager', status: 400 }, [
    {
      ...denied,
      body: body(
        `${user}\nsecretsmanager:GetSecretValue because no resource-based policy allows the secretsmanager:GetSecretValue action`,
      ),
      remedy: /"Principal":\{"AWS":"arn:aws:iam::111122223333:user\/JohnDoe"\}/,
    },
    {
      ...denied,
      body: body(
        `${user}\nsecretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:us-east-1:123456789012:secret:* with an explicit deny in a resource-based policy`,
      ),
      remedy: /Deny statement in the resource-based policy/,
    },
  ]),
  ...rowsOf({ service: 'STS' }, [
    {
      ...denied,
      body: body(
        `${user}\nsts:AssumeRole because no role trust policy allows the sts:AssumeRole action`,
      ),
      remedy: /trust policy of the role allow sts:AssumeRole for arn:aws:iam::111122223333:user/,
    },
    {
      ...denied,
      body: body(
        `${user}\nsts:AssumeRole because the role trust policy allows the sts:AssumeRole action`,
      ),
      remedy: /trust policy of the role allow/,
    },
    {
      ...denied,
      body: body(`${user}\nsts:AssumeRole with an explicit deny in the role trust policy`),
      remedy: /stop denying sts:AssumeRole/,
    },
  ]),
  ...rowsOf({ service: 'SNS' }, [
    {
      ...denied,
      body: body(
        `User: arn:aws:sts::${CALLER}:assumed-role/role-name/role-session-name is not authorized to perform:\nSNS:Publish on resource: arn:aws:sns:us-east-1:444455556666:role-name-2\nwith an explicit deny in a VPC endpoint policy transitively through a service control policy`,
      ),
      remedy: /administrators of the organization/,
    },
  ]),
  ...rowsOf({ service: 'S3' }, [
    {
      ...denied,
      source: S3_PAGE,
      body: s3(
        'AccessDenied',
        `${user} s3:GetObject on resource: &quot;arn:aws:s3:::amzn-s3-demo-bucket1/object-name&quot; with an explicit deny in a resource control policy`,
      ),
      remedy: /organization that owns the resource/,
    },
    {
      ...denied,
      source: S3_PAGE,
      body: s3(
        'AccessDenied',
        `${user} s3:GetObject on resource: "arn:aws:s3:::amzn-s3-demo-bucket1/object-name" with an explicit deny in a resource control policy, with policy ARN: arn:aws:organizations::${CALLER}:policy/o-exampleorgid/resource_control_policy/p-examplepolicyid`,
      ),
      remedy: /resource_control_policy\/p-examplepolicyid refuses this caller/,
    },
    {
      ...denied,
      source: S3_PAGE,
      body: s3(
        'AccessDenied',
        `${user} s3:GetObject because no VPC endpoint policy allows the s3:GetObject action`,
      ),
      remedy: /through another endpoint/,
    },
    {
      source: S3_ERRORS,
      body: s3('AccessDenied', 'Access Denied'),
      code: 'ACCESS_DENIED',
      responsible: 'policy',
      remedy: /CloudTrail/,
    },
    {
      source: S3_ERRORS,
      status: 400,
      body: s3('ExpiredToken', 'The provided token has expired.'),
      code: 'TOKEN_EXPIRED',
      responsible: 'session',
      remedy: /function that renews/,
    },
    {
      source: S3_ERRORS,
      status: 400,
      body: s3('InvalidToken', 'The provided token is malformed or otherwise not valid.'),
      code: 'TOKEN_INVALID',
      responsible: 'session',
      remedy: /session token/,
    },
  ]),
]
