/** Calls one operation of an AWS service that speaks JSON: members in, members out. */
export type AwsCall = (
  operation: string,
  input: Readonly<Record<string, unknown>>,
) => Promise<Readonly<Record<string, unknown>>>

/** What the two functions work with. */
export interface ClientSecretOptions {
  /** The pool of the app clients. */
  userPoolId: string
  /** `https://<domain>/oauth2/token`, where a new secret is tried out. */
  tokenUrl: string
  secretsManager: AwsCall
  cognitoIdp: AwsCall
  /** For the token endpoint and for the address to which CloudFormation wants its response. */
  fetch: typeof globalThis.fetch
}

/**
 * What Secrets Manager sends to a rotation function.
 *
 * @see [AWS: rotation by Lambda function](https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html)
 */
export interface RotationEvent {
  Step: 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret'
  SecretId: string
  /** The ID of the new version. */
  ClientRequestToken: string
}

/**
 * What CloudFormation sends to the function of a custom resource.
 *
 * @see [AWS: custom resource requests](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html)
 */
export interface InitializeEvent {
  RequestType: 'Create' | 'Update' | 'Delete'
  ResponseURL: string
  StackId: string
  RequestId: string
  LogicalResourceId: string
  PhysicalResourceId?: string
  ResourceProperties: { SecretId: string; ClientId: string }
}

/** The value of a secret. Services read `clientId` and `clientSecret`. */
interface ClientSecret {
  clientId: string
  clientSecret: string
  /** Cognito's ID of this secret, by which a rotation distinguishes it from another secret of the same app client. */
  clientSecretId: string
}

/**
 * Creates the functions that put an app client's secret into Secrets Manager and rotate it.
 *
 * No value passes through CloudFormation: `initialize` reads it from Cognito and writes it, once. An update of the
 * stack never writes an old value over a rotated one.
 *
 * `rotate` uses that an app client may have two secrets: the previous one keeps working until the next rotation, so
 * that a service that still holds it is not refused. A secret that leaked is invalid after two rotations.
 */
export function createClientSecretFunctions(options: ClientSecretOptions): {
  initialize: (event: InitializeEvent) => Promise<void>
  rotate: (event: RotationEvent) => Promise<void>
} {
  return {
    initialize: (event) => initialize(options, event),
    rotate: (event) => rotate(options, event),
  }
}

async function initialize(options: ClientSecretOptions, event: InitializeEvent): Promise<void> {
  let reason: string | undefined
  try {
    if (event.RequestType !== 'Delete') await writeFirstValue(options, event.ResourceProperties)
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error)
  }
  const { StackId, RequestId, LogicalResourceId, PhysicalResourceId = LogicalResourceId } = event
  const response = await options.fetch(event.ResponseURL, {
    method: 'PUT',
    body: JSON.stringify({
      Status: reason === undefined ? 'SUCCESS' : 'FAILED',
      ...(reason !== undefined && { Reason: reason }),
      StackId,
      RequestId,
      LogicalResourceId,
      PhysicalResourceId,
    }),
  })
  if (!response.ok)
    throw new Error(
      `CloudFormation refused the result of the resource with the status ${response.status}.`,
    )
}

/** Writes the secret of a new app client. One that was written before, and perhaps rotated since, stays. */
async function writeFirstValue(
  options: ClientSecretOptions,
  { SecretId, ClientId }: InitializeEvent['ResourceProperties'],
): Promise<void> {
  const current = await valueOf(options, { SecretId, VersionStage: 'AWSCURRENT' })
  if (current?.clientId === ClientId) return
  const { userPoolId: UserPoolId, cognitoIdp, secretsManager } = options
  const { UserPoolClient } = await cognitoIdp('DescribeUserPoolClient', { UserPoolId, ClientId })
  const clientSecret = textOf(UserPoolClient, 'ClientSecret')
  const ids = await secretIdsOf(options, ClientId)
  const [clientSecretId] = ids
  if (clientSecretId === undefined || ids.length > 1) {
    throw new Error(`The app client ${ClientId} must have one secret; it has ${ids.length}.`)
  }
  const value: ClientSecret = { clientId: ClientId, clientSecret, clientSecretId }
  await secretsManager('PutSecretValue', {
    SecretId,
    SecretString: JSON.stringify(value),
    ClientRequestToken: crypto.randomUUID(),
  })
}

async function rotate(options: ClientSecretOptions, event: RotationEvent): Promise<void> {
  const { Step, SecretId, ClientRequestToken: token } = event
  const described = await options.secretsManager('DescribeSecret', { SecretId })
  if (described['RotationEnabled'] !== true) {
    throw new Error(`Rotation is not turned on for the secret ${SecretId}.`)
  }
  const versions = labelsOf(described['VersionIdsToStages'])
  const stages = versions.get(token)
  if (stages?.includes('AWSCURRENT')) return
  if (!stages?.includes('AWSPENDING')) {
    throw new Error(`The version ${token} of the secret ${SecretId} is not labeled AWSPENDING.`)
  }
  switch (Step) {
    case 'createSecret':
      return createSecret(options, SecretId, token)
    case 'setSecret':
      // Cognito created the secret in the first step, and it works from then on.
      return undefined
    case 'testSecret':
      return testSecret(options, SecretId, token)
    case 'finishSecret': {
      const current = [...versions].find(([, labels]) => labels.includes('AWSCURRENT'))?.[0]
      await options.secretsManager('UpdateSecretVersionStage', {
        SecretId,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: token,
        ...(current !== undefined && { RemoveFromVersionId: current }),
      })
      return undefined
    }
    default:
      throw new Error(`The step ${String(Step)} is not a step of a rotation.`)
  }
}

/** The labels of each version, by its ID. */
function labelsOf(listed: unknown): ReadonlyMap<string, readonly string[]> {
  if (typeof listed !== 'object' || listed === null) return new Map()
  return new Map(
    Object.entries(listed).map(([id, labels]: [string, unknown]) => [
      id,
      [labels].flat().map((label) => String(label)),
    ]),
  )
}

async function createSecret(
  options: ClientSecretOptions,
  SecretId: string,
  token: string,
): Promise<void> {
  if (await pendingValue(options, SecretId, token)) return
  const current = await valueOf(options, { SecretId, VersionStage: 'AWSCURRENT' })
  if (!current) throw new Error(`The secret ${SecretId} has no value that could be rotated.`)
  const { clientId, clientSecretId } = current
  const { userPoolId: UserPoolId, cognitoIdp } = options
  const ids = await secretIdsOf(options, clientId)
  if (!ids.includes(clientSecretId)) {
    throw new Error(`The app client ${clientId} does not have the secret that ${SecretId} names.`)
  }
  // An app client has two secrets at most. The other one is the previous one, or the remainder of a rotation that
  // was interrupted before its value was stored.
  for (const ClientSecretId of ids.filter((id) => id !== clientSecretId)) {
    await cognitoIdp('DeleteUserPoolClientSecret', {
      UserPoolId,
      ClientId: clientId,
      ClientSecretId,
    })
  }
  const added = await cognitoIdp('AddUserPoolClientSecret', { UserPoolId, ClientId: clientId })
  const descriptor = added['ClientSecretDescriptor']
  const value: ClientSecret = {
    clientId,
    clientSecret: textOf(descriptor, 'ClientSecretValue'),
    clientSecretId: textOf(descriptor, 'ClientSecretId'),
  }
  await options.secretsManager('PutSecretValue', {
    SecretId,
    SecretString: JSON.stringify(value),
    ClientRequestToken: token,
    VersionStages: ['AWSPENDING'],
  })
}

/** Gets a token with the new secret. Cognito charges for it as for every token. */
async function testSecret(
  options: ClientSecretOptions,
  SecretId: string,
  token: string,
): Promise<void> {
  const pending = await pendingValue(options, SecretId, token)
  if (!pending) throw new Error(`The secret ${SecretId} has no new value to be tested.`)
  const { clientId, clientSecret } = pending
  const response = await options.fetch(options.tokenUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
    },
    body: 'grant_type=client_credentials',
  })
  await response.body?.cancel()
  if (response.ok) return
  throw new Error(
    `The token endpoint responded to the new secret with the status ${response.status}.`,
  )
}

const pendingValue = (
  options: ClientSecretOptions,
  SecretId: string,
  VersionId: string,
): Promise<ClientSecret | undefined> =>
  valueOf(options, { SecretId, VersionId, VersionStage: 'AWSPENDING' })

/** @returns `undefined` if there is no such version. */
async function valueOf(
  { secretsManager }: ClientSecretOptions,
  version: { SecretId: string; VersionId?: string; VersionStage: string },
): Promise<ClientSecret | undefined> {
  let text: unknown
  try {
    ;({ SecretString: text } = await secretsManager('GetSecretValue', version))
  } catch (error) {
    if (error instanceof AwsError && error.type === 'ResourceNotFoundException') return undefined
    throw error
  }
  const value = parsed(text)
  // The message of the parser would quote the value.
  if (value === undefined) throw new Error(`The secret ${version.SecretId} is not JSON.`)
  return {
    clientId: textOf(value, 'clientId'),
    clientSecret: textOf(value, 'clientSecret'),
    clientSecretId: textOf(value, 'clientSecretId'),
  }
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

async function secretIdsOf(
  { userPoolId: UserPoolId, cognitoIdp }: ClientSecretOptions,
  ClientId: string,
): Promise<string[]> {
  const { ClientSecrets } = await cognitoIdp('ListUserPoolClientSecrets', { UserPoolId, ClientId })
  const listed: unknown[] = Array.isArray(ClientSecrets) ? ClientSecrets : []
  return listed.map((secret) => textOf(secret, 'ClientSecretId'))
}

/** A service refused a call. */
export class AwsError extends Error {
  /** The name of the exception, such as `ResourceNotFoundException`. */
  readonly type: string

  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}

function textOf(value: unknown, name: string): string {
  const text: unknown =
    typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  if (typeof text === 'string' && text !== '') return text
  throw new Error(`A response or a secret has no "${name}".`)
}
