import { invalidOption } from '@iamfetch/core'
import { checkDefinition, type StackDefinition } from '@iamfetch/local'
import { Stack, type Duration, type RemovalPolicy } from 'aws-cdk-lib'
import type { IApiKey } from 'aws-cdk-lib/aws-apigateway'
import type { IUserPool, IUserPoolClient } from 'aws-cdk-lib/aws-cognito'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import { RegionInfo } from 'aws-cdk-lib/region-info'
import { Construct } from 'constructs'
import { checkStackMembers } from './deployable.ts'
import type { GuardedApi, Throttle } from './guarded-api.ts'
import type { HandlerFile } from './handler-file.ts'
import { GuardedHttpApi } from './http-api.ts'
import { GroupIdentityPool } from './identity-pool.ts'
import { GuardedRestApi } from './rest-api.ts'
import type { SiteConfig } from './static-site.ts'
import { buildUsagePlans } from './usage-plans.ts'
import { GuardedUserPool } from './user-pool.ts'

/** The props of {@link IamGuardedApi}. */
export interface IamGuardedApiProps<Definition extends StackDefinition = StackDefinition> {
  /** The definition that the local stack runs, created with `defineStack`. */
  readonly definition: Definition
  /** The modules that the routes' handlers come from; each handler must be an export of one of them. */
  readonly handlers: HandlerFile | readonly HandlerFile[]
  /** Your own functions, by API and route. They replace the handlers of the definition. */
  readonly functions?: Readonly<Record<string, Readonly<Record<string, IFunction>>>>
  /** Which of the definition's `roles` a route's function runs with, in addition to writing its log. Defaults to none. */
  readonly runsAs?: (api: string, route: string) => string | undefined
  /** Environment variables of the functions, or a function that returns them when the user pool is known. */
  readonly environment?:
    | Readonly<Record<string, string>>
    | ((users: GuardedUserPool | undefined) => Readonly<Record<string, string>>)
  /**
   * The ARNs of secrets that the definition's `roles` name as the local stack does (`secret:acme-??????`) and that
   * another stack created. Those of the definition's own `appClients` are known.
   */
  readonly secretArns?: Readonly<Record<string, string>>
  /** How often the secrets of `appClients` are rotated. Defaults to never. */
  readonly rotateAfter?: Duration
  /** Defaults to 20 calls in a second and bursts of 40, for each API. */
  readonly throttle?: Throttle
  /** Your own user pool, for example `UserPool.fromUserPoolId(…)`. Defaults to a new one, if one is needed. */
  readonly userPool?: IUserPool
  /** The app client of `userPool` that users sign in with. Defaults to a new one, if there are users or groups. */
  readonly userPoolClient?: IUserPoolClient
  /** `https://<domain>` of `userPool`, if it has a domain. Defaults to a new domain, if one is needed. */
  readonly domainUrl?: string
  /**
   * The ID of your own identity pool, which must have the user pool and the app client as a provider. Its roles and its
   * role mapping are replaced. Defaults to a new one, if there are users.
   */
  readonly identityPoolId?: string
  /** What happens to the user pool when the stack is deleted. Defaults to `RETAIN`. */
  readonly removalPolicy?: RemovalPolicy
}

/** The APIs of a definition, with the names and routes that it has: a misspelt one does not compile. */
export type GuardedApis<Definition extends StackDefinition> = {
  readonly [Name in keyof NonNullable<Definition['apis']>]: GuardedApi<
    RouteOf<NonNullable<Definition['apis']>[Name]>
  >
}

type RouteOf<Api> = Api extends { readonly routes: infer Routes } ? keyof Routes & string : never

/**
 * Deploys what the local stack runs: the same definition, the same policies, the same handlers.
 *
 * Users are not created: a template is not a place for passwords. A role of `roles` becomes permissions of the functions
 * that `runsAs` names. Only regions of the partition `aws` are accepted.
 *
 * @throws `TypeError` with the code `INVALID_OPTION` for a definition that is wrong, or that has something that cannot be
 * deployed.
 * @example
 * ```ts
 * const api = new IamGuardedApi(this, 'Api', {
 *   definition,
 *   handlers: { file: fileURLToPath(new URL('../api.ts', import.meta.url)), exports: handlers },
 * })
 * new CfnOutput(this, 'url', { value: api.apis.notes.url })
 * ```
 */
export class IamGuardedApi<
  const Definition extends StackDefinition = StackDefinition,
> extends Construct {
  /** The user pool. `undefined` if the definition has neither users nor machines. */
  readonly users: GuardedUserPool | undefined
  /** `undefined` if the definition has no users. */
  readonly identityPool: GroupIdentityPool | undefined
  /** By their names in the definition. */
  readonly apis: GuardedApis<Definition>
  /** The API keys, by their names in the definition. AWS draws their values. */
  readonly apiKeys: Readonly<Record<string, IApiKey>>

  constructor(scope: Construct, id: string, props: IamGuardedApiProps<Definition>) {
    super(scope, id)
    const { definition } = props
    checkDefinition(definition)
    checkTarget(Stack.of(this), definition)
    this.users = buildUsers(this, props)
    const { users } = this
    const apis: Record<string, GuardedApi> = Object.fromEntries(
      Object.keys(definition.apis ?? {}).map((name) => [name, buildApi(this, name, users, props)]),
    )
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys are those of the definition
    this.apis = apis as GuardedApis<Definition>
    const restApis = Object.entries(apis).flatMap(([name, api]) =>
      api instanceof GuardedRestApi ? [[name, api.stage] as const] : [],
    )
    this.apiKeys = buildUsagePlans(this, definition, new Map(restApis))
    this.identityPool =
      users?.pageClientId === undefined
        ? undefined
        : new GroupIdentityPool(this, 'IdentityPool', {
            definition,
            userPool: users.userPool,
            userPoolClientId: users.pageClientId,
            signInClientIds: Object.values(users.signInClientIds),
            apiIds: Object.fromEntries(
              Object.entries(apis).map(([name, { apiId }]) => [name, apiId]),
            ),
            ...(props.identityPoolId !== undefined && { identityPoolId: props.identityPoolId }),
          })
  }

  /** The secrets of the definition's `appClients`. */
  get secrets(): Readonly<Record<string, ISecret>> {
    return this.users?.secrets ?? {}
  }

  /**
   * What a page needs, in the form that the local stack serves as `config.json`.
   *
   * @throws `TypeError` if the definition has no users.
   */
  get siteConfig(): SiteConfig {
    const { users, identityPool } = this
    if (!identityPool || users?.pageClientId === undefined) {
      throw invalidOption('IamGuardedApi', '"definition" must have users or groups for a page')
    }
    const urls = Object.entries(this.apis).map(([name, { url }]) => [name, { url }] as const)
    return {
      mode: 'aws',
      region: Stack.of(this).region,
      userPoolId: users.userPool.userPoolId,
      issuer: `https://${users.userPool.userPoolProviderName}`,
      userPoolClientId: users.pageClientId,
      identityPoolId: identityPool.identityPoolId,
      apis: Object.fromEntries(urls),
      functionUrls: {},
      ...(users.domainUrl !== undefined && { endpoints: { oauth: users.domainUrl } }),
    }
  }
}

function buildUsers(scope: Construct, props: IamGuardedApiProps): GuardedUserPool | undefined {
  const { definition, userPool, userPoolClient, domainUrl, rotateAfter, removalPolicy } = props
  const { groups = {}, users = {}, appClients = {}, resourceServers = {} } = definition
  const isNeeded = [groups, users, appClients, resourceServers].some(
    (part) => Object.keys(part).length > 0,
  )
  if (!isNeeded && !userPool) return undefined
  return new GuardedUserPool(scope, 'Users', {
    definition,
    ...(userPool && { userPool }),
    ...(userPoolClient && { userPoolClient }),
    ...(domainUrl !== undefined && { domainUrl }),
    ...(rotateAfter && { rotateAfter }),
    ...(removalPolicy && { removalPolicy }),
  })
}

function buildApi(
  scope: Construct,
  name: string,
  users: GuardedUserPool | undefined,
  props: IamGuardedApiProps,
): GuardedApi {
  const { definition, runsAs, environment = {}, throttle } = props
  const api = definition.apis?.[name]
  if (!api || api.type === 'websocket') {
    throw invalidOption('IamGuardedApi', `"apis.${name}" must be an HTTP API or a REST API`)
  }
  const Api = api.type === 'http' ? GuardedHttpApi : GuardedRestApi
  const secretArns = Object.entries(users?.secrets ?? {}).map(([username, { secretArn }]) => [
    username,
    secretArn,
  ])
  return new Api(scope, `Api-${name}`, {
    name,
    definition: api,
    handlers: props.handlers,
    functions: props.functions?.[name] ?? {},
    roles: definition.roles ?? {},
    environment: typeof environment === 'function' ? environment(users) : environment,
    secretArns: { ...Object.fromEntries(secretArns), ...props.secretArns },
    ...(runsAs && { runsAs: (route: string) => runsAs(name, route) }),
    ...(throttle && { throttle }),
    ...(users && {
      userPool: users.userPool,
      clientIds: [
        ...(users.pageClientId === undefined ? [] : [users.pageClientId]),
        ...Object.values(users.appClientIds),
        ...Object.values(users.signInClientIds),
      ],
    }),
  })
}

/** What the local stack can do and a deployment cannot, reported before anything is built. */
function checkTarget(stack: Stack, definition: StackDefinition): void {
  const { region = 'eu-central-1', apis = {} } = definition
  if (stack.region !== region) {
    throw invalidOption(
      'IamGuardedApi',
      `the definition is for ${region}, so the stack ${stack.stackName} must have env: { region: '${region}' }`,
    )
  }
  const { partition = 'aws' } = RegionInfo.get(region)
  if (partition !== 'aws') {
    // Its ARNs, its hosts and the principal of its identity pools have other names, and the last could not be checked.
    throw invalidOption(
      'IamGuardedApi',
      `"region" must be a region of the partition aws; this one is of ${partition}`,
      region,
    )
  }
  for (const [name, { type }] of Object.entries(apis)) {
    if (type !== 'websocket') continue
    throw invalidOption('IamGuardedApi', `"apis.${name}.type" must be "http" or "rest"`, type)
  }
  checkStackMembers(definition)
}
