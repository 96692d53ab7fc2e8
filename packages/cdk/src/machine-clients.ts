import type { AppClientDefinition, PolicyStatement } from '@iamfetch/local'
import { CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import {
  CfnUserPoolClient,
  type CfnUserPoolResourceServer,
  type IUserPool,
} from 'aws-cdk-lib/aws-cognito'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  CfnRotationSchedule,
  CfnSecret,
  Secret,
  type ISecret,
} from 'aws-cdk-lib/aws-secretsmanager'
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs'
import { Construct } from 'constructs'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { acknowledge } from './acknowledge.ts'
import { constructId } from './construct-id.ts'
import type { ClientSecretVariable } from './functions/client-secret-lambda.ts'
import { buildFunction } from './route-function.ts'

/** The props of {@link MachineClients}. */
export interface MachineClientsProps {
  /** The user pool that they belong to: a new one, or `UserPool.fromUserPoolId(…)`. */
  readonly userPool: IUserPool
  /** By name, as in a definition. */
  readonly appClients: Readonly<Record<string, AppClientDefinition>>
  /** `https://<domain>/oauth2/token`, where a rotation tests a new secret. */
  readonly tokenUrl: string
  /** The resource servers whose scopes the app clients get, if the same stack creates them. Defaults to none. */
  readonly resourceServers?: readonly CfnUserPoolResourceServer[]
  /** How often each secret is rotated, in whole days. Defaults to never. */
  readonly rotateAfter?: Duration
}

/**
 * An app client for each machine, and a secret in Secrets Manager for each: JSON with `clientId` and `clientSecret`, as in
 * the local stack.
 *
 * The value is written by a function, once, and does not pass through CloudFormation: an update of the stack cannot
 * write an old value over a rotated one. A secret has a name that CloudFormation generates, so that a second stack, and
 * one that is deployed again while Secrets Manager still keeps the deleted secret, can be deployed.
 *
 * @example
 * ```ts
 * const userPool = UserPool.fromUserPoolId(this, 'Pool', 'eu-central-1_AbCdEfGhI')
 * const machines = new MachineClients(this, 'Machines', {
 *   userPool,
 *   appClients: { billing: { scopes: ['invoices/read'] } },
 *   tokenUrl: 'https://auth.example.com/oauth2/token',
 *   rotateAfter: Duration.days(90),
 * })
 * machines.secrets['billing']?.grantRead(billingService)
 * ```
 */
export class MachineClients extends Construct {
  /** By the names of the app clients. */
  readonly clientIds: Readonly<Record<string, string>>
  /** By the names of the app clients. */
  readonly secrets: Readonly<Record<string, ISecret>>

  constructor(scope: Construct, id: string, props: MachineClientsProps) {
    super(scope, id)
    const clients = Object.entries(props.appClients).map(([name, definition]) => {
      const client = buildAppClient(this, name, definition, props)
      return { name, client, secret: buildSecret(this, name) }
    })
    this.clientIds = Object.fromEntries(clients.map(({ name, client }) => [name, client.ref]))
    this.secrets = Object.fromEntries(clients.map(({ name, secret }) => [name, secret]))
    if (clients.length === 0) return
    writeValues(this, clients, props)
    if (props.rotateAfter) rotateSecrets(this, clients, props, props.rotateAfter)
    else for (const { secret } of clients) acknowledge(secret, NOT_ROTATED)
  }
}

interface MachineClient {
  name: string
  client: CfnUserPoolClient
  secret: Secret
}

function buildSecret(scope: Construct, name: string): Secret {
  const secret = new Secret(scope, `Secret-${constructId(name)}`, {
    description: `App client ${name}: clientId and clientSecret`,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  // The construct would generate a password. This secret has no value until the function writes it.
  const resource = secret.node.defaultChild
  if (resource instanceof CfnSecret) resource.generateSecretString = undefined
  return secret
}

function writeValues(
  scope: Construct,
  clients: readonly MachineClient[],
  props: MachineClientsProps,
): void {
  const arns = clients.map(({ secret }) => secret.secretArn)
  const initialize = buildSecretFunction(scope, 'initialize', props, [
    { Effect: 'Allow', Action: INITIALIZE_SECRET, Resource: arns },
    { Effect: 'Allow', Action: READ_CLIENT, Resource: props.userPool.userPoolArn },
  ])
  for (const { name, client, secret } of clients) {
    const written = new CustomResource(scope, `SecretValue-${constructId(name)}`, {
      serviceToken: initialize.functionArn,
      resourceType: 'Custom::AppClientSecret',
      serviceTimeout: Duration.minutes(5),
      properties: { SecretId: secret.secretArn, ClientId: client.ref },
    })
    written.node.addDependency(initialize)
  }
}

function buildAppClient(
  scope: Construct,
  name: string,
  { scopes, accessTokenSeconds = 3_600 }: AppClientDefinition,
  { userPool, resourceServers = [] }: MachineClientsProps,
): CfnUserPoolClient {
  const client = new CfnUserPoolClient(scope, `AppClient-${constructId(name)}`, {
    userPoolId: userPool.userPoolId,
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
  for (const server of resourceServers) client.addResourceDependency(server)
  return client
}

/** Secrets Manager calls one function for all secrets, and only for those of this account. */
function rotateSecrets(
  scope: Construct,
  clients: readonly MachineClient[],
  props: MachineClientsProps,
  after: Duration,
): void {
  const rotate = buildSecretFunction(scope, 'rotate', props, [
    {
      Effect: 'Allow',
      Action: ROTATE_SECRET,
      Resource: clients.map(({ secret }) => secret.secretArn),
    },
    { Effect: 'Allow', Action: ROTATE_CLIENT, Resource: props.userPool.userPoolArn },
  ])
  rotate.addPermission('SecretsManager', {
    principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
    sourceAccount: Stack.of(scope).account,
  })
  for (const { name, secret } of clients) {
    const schedule = new CfnRotationSchedule(scope, `Rotation-${constructId(name)}`, {
      secretId: secret.secretArn,
      rotationLambdaArn: rotate.functionArn,
      rotationRules: { automaticallyAfterDays: after.toDays() },
      // A deployment is not a reason for a rotation.
      rotateImmediatelyOnUpdate: false,
    })
    schedule.node.addDependency(rotate, scope.node.findChild(`SecretValue-${constructId(name)}`))
  }
}

function buildSecretFunction(
  scope: Construct,
  name: 'initialize' | 'rotate',
  { userPool: { userPoolId }, tokenUrl }: MachineClientsProps,
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
