// What has to compile. `npm run test:types` compiles it with every TypeScript from 5.4 on, `npm run types` with the present one.
import { defineStack, startLocalStack } from '@iamfetch/local'
import type {
  ApiName,
  GroupName,
  LocalStack,
  PolicyDocument,
  RouteName,
  StackConfig,
  StackDefinition,
  UserName,
} from '@iamfetch/local'
import { stackTest } from '@iamfetch/local/vitest'
import { definition } from './definition.ts'

/** Whether two types are the same. */
type Same<A, B> = [A, B] extends [B, A] ? true : false
/** Compiles only if the types are the same. */
const isSame = <A, B>(...same: Same<A, B> extends true ? [] : [never]): unknown => same

const handler = (): string => 'ok'
const mayRead: PolicyDocument = { Version: '2012-10-17', Statement: [] }

export async function namesOfTheStack(): Promise<void> {
  await using stack = await startLocalStack(definition)
  const url: string = stack.config.apis.notes.url
  const password: string = stack.users.alice.password
  const clientId: string = stack.appClients.reader.clientId
  const secret: string | undefined = stack.signInClients.web.clientSecret
  const key: string = stack.roles.worker.accessKeyId
  void [url, password, clientId, secret, key]
}

export async function operations(stack: LocalStack<typeof definition>): Promise<void> {
  stack.faults.next('POST /notes', 'throttle')
  stack.faults.next('notes POST /notes', { fault: 'slow', delayMs: 5 })
  stack.faults.next('GetCredentialsForIdentity', 'fail')
  stack.faults.next('POST /oauth2/token', 'hang')
  stack.faults.next('GET /.well-known/jwks.json', 'drop')
  stack.faults.calls('GET /premium')
  await stack.signIn('alice')
  await stack.signIn('a-user-who-signed-up')
}

export function namesAsTypes(): void {
  isSame<GroupName<typeof definition>, 'Editors' | 'Readers'>()
  isSame<UserName<typeof definition>, 'alice' | 'bob'>()
  isSame<ApiName<typeof definition>, 'notes' | 'premium'>()
  isSame<RouteName<typeof definition, 'premium'>, 'GET /premium'>()
  isSame<
    RouteName<typeof definition>,
    'GET /notes' | 'POST /notes' | 'GET /notes/{id}' | 'GET /premium'
  >()
  isSame<ApiName, string>()
}

export async function composedBySpreading(): Promise<void> {
  const more = { ...definition, apis: { ...definition.apis, more: definition.apis.premium } }
  const stack = await startLocalStack(more)
  void [stack.config.apis.notes.url, stack.config.apis.more.url, stack.users.bob]
  const defined = defineStack({
    ...definition,
    groups: { ...definition.groups, Guests: { policy: mayRead } },
    users: { ...definition.users, carol: { groups: ['Guests', 'Editors'] } },
    apis: {
      ...definition.apis,
      live: { type: 'websocket', routes: { $connect: { auth: 'iam', handler } } },
    },
  })
  isSame<ApiName<typeof defined>, 'notes' | 'premium' | 'live'>()
  isSame<GroupName<typeof defined>, 'Editors' | 'Readers' | 'Guests'>()
  const changed = defineStack({
    ...definition,
    apis: {
      ...definition.apis,
      notes: {
        ...definition.apis.notes,
        routes: { ...definition.apis.notes.routes, $default: { auth: 'none', handler } },
      },
    },
  })
  isSame<
    RouteName<typeof changed, 'notes'>,
    'GET /notes' | 'POST /notes' | 'GET /notes/{id}' | '$default'
  >()
  const onlyOne = defineStack({ ...definition, apis: { notes: definition.apis.notes } })
  isSame<ApiName<typeof onlyOne>, 'notes'>()
}

/** Names that are not known to the compiler. */
export async function wideDefinitions(names: readonly string[]): Promise<void> {
  const wide: StackDefinition = definition
  const started = await startLocalStack(wide)
  const url: string | undefined = started.config.apis['notes']?.url
  started.faults.next('POST /anything', 'fail')
  const fromNames = defineStack({
    groups: Object.fromEntries(names.map((name) => [name, { policy: mayRead }])),
    users: Object.fromEntries(names.map((name) => [name, { groups: [name] }])),
    apis: {
      notes: {
        type: 'http',
        routes: Object.fromEntries(
          names.map((name) => [`GET /${name}`, { auth: 'iam', handler } as const]),
        ),
      },
    },
  })
  const password: string | undefined = (await startLocalStack(fromNames)).users['alice']?.password
  const withBase = defineStack({
    ...wide,
    apis: { ...wide.apis, more: { type: 'rest', routes: { 'GET /': { auth: 'none', handler } } } },
  })
  const moreUrl: string = (await startLocalStack(withBase)).config.apis.more.url
  void [url, password, moreUrl]
}

/** Functions of a project that take any stack or any definition. */
export async function passedOn(): Promise<void> {
  const takesAny = (stack: LocalStack): StackConfig => stack.config
  const takesDefinition = (one: StackDefinition): number => Object.keys(one.apis ?? {}).length
  const wrapped = <Definition extends StackDefinition>(
    one: Definition,
  ): Promise<LocalStack<Definition>> => startLocalStack(one)
  const stack = await wrapped(definition)
  void [takesAny(stack), takesDefinition(definition), stack.config.apis.notes]
}

export const ofVitest: void = stackTest(definition)('alice reads', async ({ stack, as }) => {
  const alice = await as('alice')
  await alice.fetchFrom('premium')(stack.config.apis.premium.url)
})

export function handlersAndPolicies(parts: { region?: string }): void {
  // What a handler receives is typed by its own annotation, or by none.
  defineStack({
    ...parts,
    identityPool: { authenticatedRole: { policy: mayRead }, sessionSeconds: 900 },
    hostedUi: { callbackUrls: ['https://app.example.com'], scopes: ['openid'] },
    userPool: { preTokenGeneration: { version: 2, handler: (event) => event } },
    apis: {
      one: {
        type: 'http',
        routes: {
          'ANY /{proxy+}': { auth: 'iam', handler: (event: { body?: string }) => event.body },
          'POST /a': { auth: 'none', handler: (event, { awsRequestId }) => [event, awsRequestId] },
        },
      },
    },
  })
  defineStack({
    groups: {
      Everyone: {
        policy: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: 'execute-api:*',
              Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/GET/${aws:userid}/*',
              Condition: {
                'ForAnyValue:StringLikeIfExists': { 'aws:TagKeys': ['a'] },
                Null: { 'aws:TokenIssueTime': false },
              },
            },
            { Sid: 'No', Effect: 'Deny', NotAction: '*', NotResource: '*' },
          ],
        },
        trust: {
          Version: '2012-10-17',
          Statement: {
            Effect: 'Allow',
            Principal: { Federated: 'cognito-identity.amazonaws.com' },
            Action: 'sts:AssumeRoleWithWebIdentity',
          },
        },
      },
    },
    apis: { only: { type: 'rest', routes: { 'GET /': { auth: 'iam', handler } } } },
  })
}
