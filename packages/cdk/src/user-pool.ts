import type {
  HostedUiDefinition,
  RefreshTokenRotationDefinition,
  SignInClientDefinition,
  StackDefinition,
} from '@iamfetch/local'
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import {
  AccountRecovery,
  CfnUserPoolResourceServer,
  FeaturePlan,
  OAuthScope,
  UserPool,
  type IUserPool,
  type IUserPoolClient,
  type UserPoolClientOptions,
} from 'aws-cdk-lib/aws-cognito'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { acknowledge } from './acknowledge.ts'
import { constructId } from './construct-id.ts'
import { MachineClients } from './machine-clients.ts'
import { compactStackUuid } from './per-stack.ts'
import { customAttributesOf, writableAttributesOf } from './user-attributes.ts'

/** The props of {@link GuardedUserPool}. */
export interface GuardedUserPoolProps {
  /** Read are `groups`, `users`, `resourceServers`, `appClients`, `signInClients`, `userPool` and `hostedUi`. */
  readonly definition: StackDefinition
  /** Your own user pool, for example `UserPool.fromUserPoolId(…)`. Defaults to a new one. */
  readonly userPool?: IUserPool
  /** The app client that users sign in with, of `userPool`. Defaults to a new one, if there are users or groups. */
  readonly userPoolClient?: IUserPoolClient
  /** `https://<domain>` of `userPool`, if it has a domain. A user pool has one. Defaults to a new domain, if it is needed. */
  readonly domainUrl?: string
  /** How often the secrets of app clients are rotated. Defaults to never. */
  readonly rotateAfter?: Duration
  /** What happens to the user pool when the stack is deleted. Defaults to `RETAIN`. */
  readonly removalPolicy?: RemovalPolicy
}

/**
 * A user pool with what a definition needs of it: resource servers, a domain, an app client for users, and an app client
 * with a secret for each machine.
 *
 * Users are not created: a template is not a place for passwords.
 */
export class GuardedUserPool extends Construct {
  readonly userPool: IUserPool
  /** `cognito-idp.<region>.amazonaws.com/<pool>` */
  readonly providerName: string
  /** The app client that users sign in with. `undefined` if there are no users. */
  readonly pageClientId: string | undefined
  /** The app clients of `signInClients`, by their names in the definition. Their secrets are in the user pool. */
  readonly signInClientIds: Readonly<Record<string, string>>
  /** The app clients of machines, by their names in the definition. */
  readonly appClientIds: Readonly<Record<string, string>>
  /** The secrets of these app clients. */
  readonly secrets: Readonly<Record<string, ISecret>>
  /** `https://<domain>`. `undefined` if the definition has neither machines nor sign-in by redirect. */
  readonly domainUrl: string | undefined
  /** `<domainUrl>/oauth2/token` */
  readonly tokenUrl: string | undefined

  constructor(scope: Construct, id: string, props: GuardedUserPoolProps) {
    super(scope, id)
    const { definition } = props
    const { groups = {}, users = {}, appClients = {}, hostedUi } = definition
    const { removalPolicy = RemovalPolicy.RETAIN } = props
    this.userPool = props.userPool ?? buildPool(this, removalPolicy, definition)
    const pool = this.userPool
    const rotation = definition.userPool?.refreshTokenRotation
    const writeAttributes = writableAttributesOf(definition)
    const writable = writeAttributes && { writeAttributes }
    const servers = buildResourceServers(this, pool, definition)
    const hasUsers = [groups, users].some((record) => Object.keys(record).length > 0)
    const page =
      props.userPoolClient ??
      (hasUsers
        ? pool.addClient('Page', { ...pageClient(hostedUi, rotation), ...writable })
        : undefined)
    // The app client for users may be granted the scopes of resource servers.
    if (hostedUi && page && !props.userPoolClient) page.node.addDependency(...servers)
    const needsDomain =
      Object.keys(appClients).length + servers.length > 0 ||
      [hostedUi, ...Object.values(definition.signInClients ?? {})].some(
        (client) => client?.callbackUrls,
      )
    const newDomainUrl = (): string =>
      // A prefix is taken for all accounts of a region, so it contains the UUID of the stack.
      pool
        .addDomain('Domain', {
          cognitoDomain: {
            domainPrefix: `m${this.node.addr.slice(-8)}-${compactStackUuid(Stack.of(this))}`,
          },
        })
        .baseUrl()
    const signInClients = Object.entries(definition.signInClients ?? {}).map(([name, client]) => {
      const built = pool.addClient(`SignIn-${constructId(name)}`, {
        ...signInClient(client),
        ...writable,
      })
      if (client.scopes) built.node.addDependency(...servers)
      return [name, built.userPoolClientId] as const
    })
    this.signInClientIds = Object.fromEntries(signInClients)
    this.domainUrl = props.domainUrl ?? (needsDomain ? newDomainUrl() : undefined)
    this.tokenUrl = this.domainUrl && `${this.domainUrl}/oauth2/token`
    const machines = new MachineClients(this, 'Machines', {
      userPool: pool,
      appClients,
      tokenUrl: this.tokenUrl ?? '',
      resourceServers: servers,
      ...(props.rotateAfter && { rotateAfter: props.rotateAfter }),
    })
    this.providerName = pool.userPoolProviderName
    this.pageClientId = page?.userPoolClientId
    this.appClientIds = machines.clientIds
    this.secrets = machines.secrets
  }
}

function buildPool(
  scope: Construct,
  removalPolicy: RemovalPolicy,
  definition: StackDefinition,
): UserPool {
  const { selfSignUp = false, signInAliases = [] } = definition.userPool ?? {}
  const pool = new UserPool(scope, 'Pool', {
    selfSignUpEnabled: selfSignUp,
    customAttributes: customAttributesOf(definition),
    ...(signInAliases.includes('email') && { signInAliases: { username: true, email: true } }),
    accountRecovery: AccountRecovery.EMAIL_ONLY,
    featurePlan: FeaturePlan.ESSENTIALS,
    passwordPolicy: {
      minLength: 12,
      requireDigits: true,
      requireLowercase: true,
      requireUppercase: true,
      requireSymbols: true,
      tempPasswordValidity: Duration.days(1),
    },
    removalPolicy,
  })
  acknowledge(pool, {
    'AwsSolutions-COG2':
      'A second factor needs a page that asks for the code. Bring a user pool of your own that requires it.',
    'AwsSolutions-COG8':
      'Threat protection needs the Plus plan, which is billed for each user. Nothing here depends on it.',
  })
  return pool
}

const buildResourceServers = (
  scope: Construct,
  pool: IUserPool,
  { resourceServers = {} }: StackDefinition,
): CfnUserPoolResourceServer[] =>
  Object.entries(resourceServers).map(
    ([identifier, scopes]) =>
      new CfnUserPoolResourceServer(scope, `ResourceServer-${constructId(identifier)}`, {
        userPoolId: pool.userPoolId,
        identifier,
        name: identifier,
        scopes: scopes.map((scopeName) => ({ scopeName, scopeDescription: scopeName })),
      }),
  )

const pageClient = (
  hostedUi: HostedUiDefinition | undefined,
  rotation: RefreshTokenRotationDefinition | undefined,
): UserPoolClientOptions => ({
  authFlows: { userSrp: true },
  ...rotationOf(rotation),
  ...(hostedUi ? signInByRedirect(hostedUi) : { disableOAuth: true }),
  generateSecret: false,
  preventUserExistenceErrors: true,
  enableTokenRevocation: true,
  refreshTokenValidity: Duration.days(1),
})

/** `undefined` leaves it off, as the local stack does. */
const rotationOf = (rotation: RefreshTokenRotationDefinition | undefined): UserPoolClientOptions =>
  rotation ? { refreshTokenRotationGracePeriod: Duration.seconds(rotation.graceSeconds ?? 0) } : {}

/** An app client of `signInClients`, by default with a secret, which AWS draws. */
const signInClient = ({
  secret = true,
  callbackUrls = [],
  refreshTokenRotation,
  ...more
}: SignInClientDefinition): UserPoolClientOptions => ({
  ...pageClient(
    callbackUrls.length > 0 ? { callbackUrls, ...more } : undefined,
    refreshTokenRotation,
  ),
  generateSecret: secret,
})

/** What the hosted pages of the local stack serve: a code, with PKCE or without. */
const signInByRedirect = ({
  callbackUrls,
  logoutUrls = [],
  scopes = ['openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin'],
}: HostedUiDefinition): UserPoolClientOptions => ({
  oAuth: {
    flows: { authorizationCodeGrant: true },
    callbackUrls: [...callbackUrls],
    logoutUrls: [...logoutUrls],
    scopes: scopes.map((scope) => OAuthScope.custom(scope)),
  },
})
