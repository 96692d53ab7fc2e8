// What must not compile. The text after `expected:` is part of the compiler's message; `npm run test:types` compares it
// with every TypeScript from 5.4 on.
import { defineStack, startLocalStack, type LocalStack } from '@iamfetch/local'
import { stackTest } from '@iamfetch/local/vitest'
import { definition } from './definition.ts'

const handler = (): string => 'ok'
const route = { auth: 'iam', handler } as const
const one = { type: 'http', routes: { 'GET /notes': route } } as const

export async function namesOfTheStack(): Promise<void> {
  const stack = await startLocalStack(definition)
  // @ts-expect-error Property 'nots' does not exist on type '{ readonly notes: { readonly url: string; }; readonly premium:
  void stack.config.apis.nots
  // @ts-expect-error Property 'carol' does not exist
  void stack.users.carol
  // @ts-expect-error Property 'writer' does not exist
  void stack.appClients.writer
  // @ts-expect-error Property 'mobile' does not exist
  void stack.signInClients.mobile
  // @ts-expect-error Property 'workers' does not exist
  void stack.roles.workers
}

export function faults(stack: LocalStack<typeof definition>): void {
  // @ts-expect-error "There is no route \"POST /nots\" in the definition."
  stack.faults.next('POST /nots', 'fail')
  // @ts-expect-error "There is no route \"premium POST /notes\" in the definition."
  stack.faults.next('premium POST /notes', 'fail')
  // @ts-expect-error "There is no route \"PUT /notes\" in the definition."
  stack.faults.calls('PUT /notes')
}

export function fixtures(): void {
  stackTest(definition)('names', async ({ stack, as }) => {
    // @ts-expect-error '"other"' is not assignable to parameter of type
    ;(await as('alice')).fetchFrom('other')
    // @ts-expect-error Property 'other' does not exist
    void stack.config.apis.other
  })
}

export function groupsAndUsers(): void {
  defineStack({
    ...definition,
    users: {
      // @ts-expect-error "There is no group \"Editor\"."
      alice: { groups: ['Editor'] },
    },
  })
  defineStack({
    users: {
      // @ts-expect-error "There is no group \"Editors\"."
      alice: { groups: ['Editors'] },
    },
  })
  // @ts-expect-error 'mail' does not exist in type 'UserDefinition
  defineStack({ users: { alice: { mail: 'alice@example.com' } } })
  // @ts-expect-error "\"goups\" is not a part of a definition."
  defineStack({ ...definition, goups: {} })
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  defineStack({ region: 7 })
}

export function apis(): void {
  defineStack({
    apis: {
      notes: {
        type: 'http',
        routes: {
          // @ts-expect-error "\"FETCH /notes\" must be a method, a space and a path, such as \"GET /notes/{id}\"."
          'FETCH /notes': route,
        },
      },
    },
  })
  // @ts-expect-error "\"$default\" must be a method, a space and a path
  defineStack({ apis: { notes: { type: 'rest', routes: { $default: route } } } })
  // @ts-expect-error '"aim"' is not assignable to type '"iam" | "jwt"
  defineStack({ apis: { notes: { type: 'http', routes: { 'GET /': { auth: 'aim', handler } } } } })
  defineStack({
    apis: {
      notes: {
        type: 'http',
        // @ts-expect-error "\"allowOrigin\" is not an option here."
        cors: { allowOrigins: [], allowOrigin: '*' },
        routes: { 'GET /': route },
      },
    },
  })
  // @ts-expect-error "\"stages\" is not an option of an API."
  defineStack({ apis: { notes: { ...one, stages: 'prod' } } })
  defineStack({
    resourceServers: { premium: ['read'] },
    // @ts-expect-error "There is no scope \"premium/write\" in resourceServers."
    appClients: { reader: { scopes: ['premium/write'] } },
  })
  defineStack({
    apis: {
      notes: {
        type: 'http',
        routes: {
          // @ts-expect-error "There is no scope \"notes/read\" in resourceServers."
          'GET /': { auth: 'jwt', scopes: ['notes/read'], handler },
        },
      },
    },
  })
}

const group = <const Statement>(Statement: Statement) =>
  ({ A: { policy: { Version: '2012-10-17', Statement } } }) as const
const allow = { Effect: 'Allow', Action: 'execute-api:Invoke' } as const

export function policies(): void {
  defineStack({
    apis: { notes: one },
    groups: {
      Readers: {
        policy: {
          Statement: {
            Effect: 'Allow',
            Action: 'execute-api:Invoke',
            // @ts-expect-error "There is no API \"nots\"."
            Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID_nots/*/GET/notes',
          },
        },
      },
    },
  })
  defineStack({
    apis: { notes: one, more: one },
    // @ts-expect-error "API_ID is ambiguous with several APIs; write API_ID_ and the name of one."
    groups: group({
      ...allow,
      Resource: 'arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/GET/notes',
    }),
  })
  // @ts-expect-error "\"Invoke\" must be \"*\" or service:Action, such as \"execute-api:Invoke\"."
  defineStack({ groups: group({ Effect: 'Allow', Action: 'Invoke', Resource: '*' }) })
  // @ts-expect-error "\"notes\" must be \"*\" or an ARN."
  defineStack({ groups: group({ ...allow, Resource: ['*', 'notes'] }) })
  // @ts-expect-error is not assignable to type '"Allow" | "Deny"'
  defineStack({ groups: group({ Effect: 'allow', Action: '*', Resource: '*' }) })
  // @ts-expect-error "The statement needs Resource or NotResource."
  defineStack({ groups: group(allow) })
  defineStack({
    // @ts-expect-error "NotResource must not be given together with Resource."
    groups: group({ ...allow, Resource: '*', NotResource: '*' }),
  })
  // @ts-expect-error "The policy of a role has no Principal; \"trust\" has one."
  defineStack({ groups: group({ ...allow, Resource: '*', Principal: '*' }) })
  defineStack({
    // @ts-expect-error "\"StringEqual\" is not a condition operator of IAM."
    groups: group({ ...allow, Resource: '*', Condition: { StringEqual: { 'aws:userid': 'a' } } }),
  })
  // @ts-expect-error "\"Resources\" is not an element of a statement."
  defineStack({ groups: group({ ...allow, Resource: '*', Resources: '*' }) })
}
