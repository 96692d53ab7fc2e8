import type { HostedUiDefinition, StackDefinition } from '@iamfetch/local'
import { Duration, Fn, RemovalPolicy, SecretValue, type Stack } from 'aws-cdk-lib'
import {
  AccountRecovery,
  CfnUserPoolClient,
  CfnUserPoolResourceServer,
  FeaturePlan,
  OAuthScope,
  UserPool,
} from 'aws-cdk-lib/aws-cognito'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { acknowledge } from './acknowledge.ts'

/** A user pool and its clients. */
export interface BuiltUserPool {
  userPoolId: string
  /** `cognito-idp.<region>.amazonaws.com/<pool>` */
  providerName: string
  /** The app client that people sign in with. Undefined where nobody does. */
  pageClientId: string | undefined
  /** The app clients of machines, by their names in the definition. */
  appClientIds: Readonly<Record<string, string>>
  /** `https://<domain>`. Undefined where nobody asks for a token there. */
  domainUrl: string | undefined
  /** `<domainUrl>/oauth2/token`. */
  tokenUrl: string | undefined
}

/**
 * Builds the user pool: its resource servers, an app client for the page, one for each machine.
 *
 * A machine's client id and secret lie in Secrets Manager under the client's name, as in the local stack. The
 * secret's value passes through CloudFormation, which neither shows nor keeps it in the template.
 */
export function buildUserPool(
  stack: Stack,
  definition: StackDefinition,
  { withPage }: { withPage: boolean },
): BuiltUserPool {
  const pool = new UserPool(stack, 'UserPool', {
    selfSignUpEnabled: false,
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
    removalPolicy: RemovalPolicy.DESTROY,
  })
  acknowledge(pool, {
    'AwsSolutions-COG2':
      'The example page has no second step for a code. An application that has one sets mfa: REQUIRED.',
    'AwsSolutions-COG8':
      'Threat protection needs the Plus plan, which is billed for each user. Nothing here depends on it.',
  })
  const page = withPage
    ? pool.addClient('Page', {
        authFlows: { userSrp: true },
        ...(definition.hostedUi ? signInByRedirect(definition.hostedUi) : { disableOAuth: true }),
        generateSecret: false,
        preventUserExistenceErrors: true,
        enableTokenRevocation: true,
        refreshTokenValidity: Duration.days(1),
      })
    : undefined
  const servers = Object.entries(definition.resourceServers ?? {}).map(
    ([identifier, scopes]) =>
      new CfnUserPoolResourceServer(stack, `ResourceServer-${identifier}`, {
        userPoolId: pool.userPoolId,
        identifier,
        name: identifier,
        scopes: scopes.map((scopeName) => ({ scopeName, scopeDescription: scopeName })),
      }),
  )
  // The page's client may be granted their scopes, so they come first.
  if (definition.hostedUi) page?.node.addDependency(...servers)
  const machines = Object.entries(definition.appClients ?? {}).map(([name, client]) => {
    const { scopes, accessTokenSeconds = 3_600 } = client
    const appClient = new CfnUserPoolClient(stack, `AppClient-${name}`, {
      userPoolId: pool.userPoolId,
      clientName: name,
      generateSecret: true,
      allowedOAuthFlowsUserPoolClient: true,
      allowedOAuthFlows: ['client_credentials'],
      allowedOAuthScopes: [...scopes],
      // Nobody signs in with it: it may refresh tokens, and gets none that it could refresh.
      explicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      accessTokenValidity: accessTokenSeconds,
      tokenValidityUnits: { accessToken: 'seconds' },
    })
    for (const server of servers) appClient.addResourceDependency(server)
    const secret = new Secret(stack, `Secret-${name}`, {
      secretName: name,
      description: `App client ${name}: clientId and clientSecret`,
      secretObjectValue: {
        // An ID, not a secret: it stands in every token.
        clientId: SecretValue.unsafePlainText(appClient.ref),
        clientSecret: SecretValue.resourceAttribute(appClient.attrClientSecret),
      },
      removalPolicy: RemovalPolicy.DESTROY,
    })
    acknowledge(secret, {
      'AwsSolutions-SMG4':
        'Cognito makes the value. It is rotated by its operations (AddUserPoolClientSecret, PutSecretValue, DeleteUserPoolClientSecret), not by a function of Secrets Manager.',
    })
    return [name, appClient.ref] as const
  })
  // Domains are unique in a region over all accounts, so the prefix has a part of the stack's own ID.
  const stackUuid = Fn.select(2, Fn.split('/', stack.stackId))
  const domain =
    machines.length + servers.length > 0 || definition.hostedUi
      ? pool.addDomain('Domain', {
          cognitoDomain: { domainPrefix: `machines-${Fn.select(4, Fn.split('-', stackUuid))}` },
        })
      : undefined
  return {
    userPoolId: pool.userPoolId,
    providerName: pool.userPoolProviderName,
    pageClientId: page?.userPoolClientId,
    appClientIds: Object.fromEntries(machines),
    domainUrl: domain?.baseUrl(),
    tokenUrl: domain && `${domain.baseUrl()}/oauth2/token`,
  }
}

/** What the hosted pages of the local stack serve: a code, with PKCE or without. */
const signInByRedirect = ({
  callbackUrls,
  logoutUrls = [],
  scopes = ['openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin'],
}: HostedUiDefinition) => ({
  oAuth: {
    flows: { authorizationCodeGrant: true },
    callbackUrls: [...callbackUrls],
    logoutUrls: [...logoutUrls],
    scopes: scopes.map((scope) => OAuthScope.custom(scope)),
  },
})
