import { createEvaluator, type Evaluator } from '@iamfetch/policy'
import { fillPlaceholders } from '../definition/placeholders.ts'
import type { Clock } from '../faults/faults.ts'
import { headerOf, type RawRequest, type Target } from '../http/raw-request.ts'
import type { Sessions } from '../iam/sessions.ts'
import { accepted, refused, type Result } from '../result.ts'
import { verifySignature } from '../sigv4/verify-signature.ts'
import {
  authorizerDenialOf,
  denialOf,
  explicitDenialOf,
  methodArn,
  resourceDenialOf,
} from './access.ts'
import type { Admitted, Place } from './event.ts'
import { verifyToken, type TokenRules } from './jwt-authorizer.ts'
import type { GatewayOptions } from './gateway.ts'
import {
  createLambdaAuthorizer,
  type AuthorizerAnswer,
  type LambdaAuthorizer,
} from './lambda-authorizer/authorizer.ts'
import type { Refusal } from './refusal.ts'
import type { Match } from './routes.ts'
import type { UsagePlans } from './usage-plans.ts'

/** What an API decides with. */
export interface Authorization {
  /** The name of the API. */
  name: string
  type: 'http' | 'rest'
  region: string
  sessions: Sessions
  tokens: Omit<TokenRules, 'clock'>
  clock: Clock
  authorizers: ReadonlyMap<string, LambdaAuthorizer>
  resourcePolicy: Evaluator | undefined
  apiKeySource: 'header' | 'authorizer'
  usagePlans: UsagePlans | undefined
}

/** Creates what an API decides with. */
export function authorizationOf(
  options: GatewayOptions,
  log: (error: unknown) => void,
): Authorization {
  const { api, name, apiId, region, accountId, sessions, tokens, clock, usagePlans } = options
  const { type, authorizers = {}, resourcePolicy, apiKeySource = 'header' } = api
  const invoker = { type, name, clock, log }
  const values = { region, accountId, apiIds: { [name]: apiId } }
  return {
    name,
    type,
    region,
    sessions,
    tokens,
    clock,
    usagePlans,
    apiKeySource,
    authorizers: new Map(
      Object.entries(authorizers).map(([authorizerName, definition]) => [
        authorizerName,
        createLambdaAuthorizer(authorizerName, definition, invoker),
      ]),
    ),
    resourcePolicy:
      resourcePolicy &&
      createEvaluator(fillPlaceholders(resourcePolicy, values, `apis.${name}.resourcePolicy`), {
        kind: 'resource',
      }),
  }
}

/** A request that was routed. */
export interface Routed {
  request: RawRequest
  target: Target
  match: Match
  place: Place
  /** The port that it arrived at. */
  port: number | undefined
}

/** Decides about a request: authorization of the route with the resource policy, then the API key. @returns Who was let in, or why not. */
export async function authorize(
  api: Authorization,
  routed: Routed,
): Promise<Result<Admitted, Refusal>> {
  const { request, match, place } = routed
  const { route } = match
  const arn = methodArn(request.method, place)
  if (asksAboutArn(api, route) && Buffer.byteLength(arn) > LONGEST_ARN) {
    const reason = `the ARN of the method has more than ${LONGEST_ARN} bytes`
    return refused({ kind: 'UriTooLong', reason })
  }
  const admitted = await AUTHORIZE[route.auth](api, routed)
  if (!admitted.ok || !route.apiKeyRequired) return admitted
  const value =
    api.apiKeySource === 'header'
      ? headerOf(request, 'x-api-key')
      : admitted.value.lambda?.usageIdentifierKey
  const key = api.usagePlans?.count(api.name, value)
  if (!key) return refused({ kind: 'ApiKeyRefused', reason: 'the definition has no API keys' })
  return key.ok ? accepted({ ...admitted.value, apiKey: key.value }) : key
}

/**
 * In bytes. Values of path parameters count.
 *
 * @see [AWS: quotas](https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html), of methods with authorization, and
 *   of all methods of an API with a resource policy
 */
const LONGEST_ARN = 1_600

const asksAboutArn = ({ type, resourcePolicy }: Authorization, { auth }: Match['route']): boolean =>
  type === 'rest' && (auth !== 'none' || resourcePolicy !== undefined)

type Step = (api: Authorization, routed: Routed) => Promise<Result<Admitted, Refusal>>

const AUTHORIZE: Record<Match['route']['auth'], Step> = {
  none: async (api, { request, place }) => admit({}, resourceDenial(api, request, place)),
  async iam(api, { request, target, place, port }) {
    const { sessions, region, clock, resourcePolicy } = api
    const session = await verifySignature(request, target, { sessions, region, clock, port })
    if (!session.ok) return session
    const denial = denialOf(request, session.value, place, resourcePolicy)
    return admit({ session: session.value }, denial)
  },
  async jwt(api, { request, match, place }) {
    const { type, tokens, clock } = api
    const { scopes, audience } = match.route
    const authorization = headerOf(request, 'authorization')
    const clientIds = audience ? () => audience : tokens.clientIds
    const token = await verifyToken(type, authorization, scopes, { ...tokens, clientIds, clock })
    if (!token.ok) return token
    const granted = scopes?.length ? token.value.scopes : null
    const denial = resourceDenial(api, request, place)
    return admit({ ...token.value, scopes: granted }, denial)
  },
  async lambda(api, { request, match, place }) {
    const { resourcePolicy } = api
    const before = resourcePolicy && explicitDenialOf(request, place, resourcePolicy)
    if (before) return refused(before)
    const { authorizer: name = [...api.authorizers.keys()][0] ?? '' } = match.route
    const authorizer = api.authorizers.get(name)
    if (!authorizer) throw new TypeError(`the API has no authorizer ${name}`)
    const answer = await authorizer(request, match, place)
    if (!answer.ok) return answer
    const denial = denialBy(name, answer.value, api, request, place)
    return admit({ lambda: answer.value }, denial)
  },
}

function denialBy(
  name: string,
  { decides }: AuthorizerAnswer,
  { resourcePolicy }: Authorization,
  request: RawRequest,
  place: Place,
): Refusal | undefined {
  if ('policy' in decides) {
    return authorizerDenialOf(request, name, decides.policy, place, resourcePolicy)
  }
  if (decides.isAuthorized) return undefined
  const reason = `the authorizer ${name} returned isAuthorized: false`
  return { kind: 'AccessDenied', label: 'ExplicitDeny', reason }
}

const resourceDenial = (
  { resourcePolicy }: Authorization,
  request: RawRequest,
  place: Place,
): Refusal | undefined => resourcePolicy && resourceDenialOf(request, place, resourcePolicy)

const admit = (admitted: Admitted, denial: Refusal | undefined): Result<Admitted, Refusal> =>
  denial ? refused(denial) : accepted(admitted)
