import type { HostedUiDefinition, StackDefinition } from '@iamfetch/local'
import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib'
import {
  AccountRecovery,
  CfnUserPoolResourceServer,
  FeaturePlan,
  OAuthScope,
  UserPool,
} from 'aws-cdk-lib/aws-cognito'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import { acknowledge } from './acknowledge.ts'
import { buildMachineClients } from './machine-clients.ts'
import { compactStackUuid } from './per-stack.ts'

/** A user pool and its clients. */
export interface BuiltUserPool {
  userPoolId: string
  /** `cognito-idp.<region>.amazonaws.com/<pool>` */
  providerName: string
  /** The app client that users sign in with. `undefined` if there are no users. */
  pageClientId: string | undefined
  /** The app clients of machines, by their names in the definition. */
  appClientIds: Readonly<Record<string, string>>
  /** The secrets of these app clients. */
  secrets: Readonly<Record<string, ISecret>>
  /** `https://<domain>`. `undefined` if the definition has neither machines nor sign-in by redirect. */
  domainUrl: string | undefined
  /** `<domainUrl>/oauth2/token`. */
  tokenUrl: string | undefined
}

/** Builds the user pool: its resource servers, its domain, an app client for the page, one for each machine. */
export function buildUserPool(
  stack: Stack,
  definition: StackDefinition,
  { withPage, rotateAfter }: { withPage: boolean; rotateAfter?: Duration | undefined },
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
  // A prefix is taken for all accounts of a region, so it holds the UUID of the stack.
  const appClients = definition.appClients ?? {}
  const domain =
    Object.keys(appClients).length + servers.length > 0 || definition.hostedUi
      ? pool.addDomain('Domain', {
          cognitoDomain: { domainPrefix: `machines-${compactStackUuid(stack)}` },
        })
      : undefined
  const domainUrl = domain?.baseUrl()
  const machines = buildMachineClients(stack, appClients, {
    userPoolId: pool.userPoolId,
    userPoolArn: pool.userPoolArn,
    tokenUrl: `${domainUrl}/oauth2/token`,
    resourceServers: servers,
    rotateAfter,
  })
  return {
    userPoolId: pool.userPoolId,
    providerName: pool.userPoolProviderName,
    pageClientId: page?.userPoolClientId,
    appClientIds: machines.clientIds,
    secrets: machines.secrets,
    domainUrl,
    tokenUrl: domainUrl && `${domainUrl}/oauth2/token`,
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
