import type { AppClientDefinition, PolicyStatement } from '@iamfetch/local'
import { CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { CfnUserPoolClient, type CfnUserPoolResourceServer } from 'aws-cdk-lib/aws-cognito'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnRotationSchedule, Secret, type ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import type { Construct } from 'constructs'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { acknowledge } from './acknowledge.ts'
import type { ClientSecretVariable } from './functions/client-secret-lambda.ts'
import { buildFunction } from './route-function.ts'

/** The app clients of machines, by their names in the definition. */
export interface BuiltMachineClients {
  clientIds: Readonly<Record<string, string>>
  /** JSON with `clientId` and `clientSecret`, as in the local stack. */
  secrets: Readonly<Record<string, ISecret>>
}

/** What the app clients belong to. */
export interface MachineClientsPool {
  userPoolId: string
  userPoolArn: string
  /** `https://<domain>/oauth2/token` */
  tokenUrl: string
  /** The scopes of the app clients are theirs. */
  resourceServers: readonly CfnUserPoolResourceServer[]
  /** How often each secret is rotated. Defaults to never. */
  rotateAfter: Duration | undefined
}

/**
 * Builds an app client for each machine, and a secret in Secrets Manager for each.
 *
 * The value is written by a function, once, and does not pass through CloudFormation: an update of the stack cannot
 * write an old value over a rotated one. A secret has a name that CloudFormation generates, so that a second stack, and
 * one that is deployed again while Secrets Manager still keeps the deleted secret, can be deployed.
 */
export function buildMachineClients(
  scope: Construct,
  appClients: Readonly<Record<string, AppClientDefinition>>,
  pool: MachineClientsPool,
): BuiltMachineClients {
  const names = Object.keys(appClients)
  if (names.length === 0) return { clientIds: {}, secrets: {} }
  const clients = Object.entries(appClients).map(([name, definition]) => {
    const client = buildAppClient(scope, name, definition, pool)
    const secret = new Secret(scope, `Secret-${name}`, {
      description: `App client ${name}: clientId and clientSecret`,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    // The construct would generate a password. This secret has no value until the function writes it.
    const resource = secret.node.defaultChild as { generateSecretString?: unknown }
    resource.generateSecretString = undefined
    return { name, client, secret }
  })
  const arns = clients.map(({ secret }) => secret.secretArn)
  const initialize = buildSecretFunction(scope, 'initialize', pool, [
    { Effect: 'Allow', Action: INITIALIZE_SECRET, Resource: arns },
    { Effect: 'Allow', Action: READ_CLIENT, Resource: pool.userPoolArn },
  ])
  for (const { name, client, secret } of clients) {
    const written = new CustomResource(scope, `SecretValue-${name}`, {
      serviceToken: initialize.functionArn,
      resourceType: 'Custom::AppClientSecret',
      serviceTimeout: Duration.minutes(5),
      properties: { SecretId: secret.secretArn, ClientId: client.ref },
    })
    written.node.addDependency(initialize)
  }
  if (pool.rotateAfter) rotateSecrets(scope, clients, pool, pool.rotateAfter)
  else for (const { secret } of clients) acknowledge(secret, NOT_ROTATED)
  return {
    clientIds: Object.fromEntries(clients.map(({ name, client }) => [name, client.ref])),
    secrets: Object.fromEntries(clients.map(({ name, secret }) => [name, secret])),
  }
}

function buildAppClient(
  scope: Construct,
  name: string,
  { scopes, accessTokenSeconds = 3_600 }: AppClientDefinition,
  pool: MachineClientsPool,
): CfnUserPoolClient {
  const client = new CfnUserPoolClient(scope, `AppClient-${name}`, {
    userPoolId: pool.userPoolId,
    clientName: name,
    generateSecret: true,
    allowedOAuthFlowsUserPoolClient: true,
    allowedOAuthFlows: ['client_credentials'],
    allowedOAuthScopes: [...scopes],
    // No user signs in with it. It may refresh tokens, and gets no token that could be refreshed.
    explicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
    accessTokenValidity: accessTokenSeconds,
    tokenValidityUnits: { accessToken: 'seconds' },
  })
  for (const server of pool.resourceServers) client.addResourceDependency(server)
  return client
}

/** Secrets Manager calls one function for all secrets, and only for those of this account. */
function rotateSecrets(
  scope: Construct,
  clients: readonly { name: string; secret: ISecret }[],
  pool: MachineClientsPool,
  after: Duration,
): void {
  const rotate = buildSecretFunction(scope, 'rotate', pool, [
    {
      Effect: 'Allow',
      Action: ROTATE_SECRET,
      Resource: clients.map(({ secret }) => secret.secretArn),
    },
    { Effect: 'Allow', Action: ROTATE_CLIENT, Resource: pool.userPoolArn },
  ])
  rotate.addPermission('SecretsManager', {
    principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
    sourceAccount: Stack.of(scope).account,
  })
  for (const { name, secret } of clients) {
    const schedule = new CfnRotationSchedule(scope, `Rotation-${name}`, {
      secretId: secret.secretArn,
      rotationLambdaArn: rotate.functionArn,
      rotationRules: { automaticallyAfterDays: after.toDays() },
      // A deployment is not a reason for a rotation.
      rotateImmediatelyOnUpdate: false,
    })
    schedule.node.addDependency(rotate, scope.node.findChild(`SecretValue-${name}`))
  }
}

function buildSecretFunction(
  scope: Construct,
  name: 'initialize' | 'rotate',
  { userPoolId, tokenUrl }: MachineClientsPool,
  Statement: PolicyStatement[],
): NodejsFunction {
  return buildFunction(scope, `AppClientSecrets-${name}`, {
    file: FILE,
    name,
    environment: { USER_POOL_ID: userPoolId, TOKEN_URL: tokenUrl } satisfies Record<
      ClientSecretVariable,
      string
    >,
    policy: { Version: '2012-10-17', Statement },
    userPoolId,
    timeout: Duration.seconds(60),
  })
}

/** The source in this repository, and the built file in the package. */
const FILE = ['ts', 'js']
  .map((extension) =>
    fileURLToPath(new URL(`./functions/client-secret-lambda.${extension}`, import.meta.url)),
  )
  .find((file) => existsSync(file))!

const actions = (service: string, names: string): string[] =>
  names.split(' ').map((name) => `${service}:${name}`)
const INITIALIZE_SECRET = actions('secretsmanager', 'GetSecretValue PutSecretValue')
const READ_CLIENT = actions('cognito-idp', 'DescribeUserPoolClient ListUserPoolClientSecrets')
const ROTATE_SECRET = actions(
  'secretsmanager',
  'DescribeSecret GetSecretValue PutSecretValue UpdateSecretVersionStage',
)
const ROTATE_CLIENT = actions(
  'cognito-idp',
  'ListUserPoolClientSecrets AddUserPoolClientSecret DeleteUserPoolClientSecret',
)
const NOT_ROTATED = {
  'AwsSolutions-SMG4': 'The stack was built without a rotation schedule: see "rotateAfter".',
}
