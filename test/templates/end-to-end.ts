import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  startLocalStack,
  stackFromTemplate,
  type LocalHandler,
  type LocalStack,
  type PolicyDocument,
  type StackDefinition,
} from '@iamfetch/local'
import { cognitoCredentials, createIamFetch } from 'iamfetch'
import type { Row } from './row.ts'

const answer: LocalHandler = () => ({ statusCode: 200, body: 'answer' })

const may = (action: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Action: 'execute-api:Invoke',
    Resource: `arn:aws:execute-api:REGION:ACCOUNT_ID:*/*/${action}`,
  },
})

/** For templates without a user pool: alice may call everything, bob nothing. */
const PEOPLE: Pick<StackDefinition, 'groups' | 'users'> = {
  groups: { Callers: { policy: may('*') }, Others: { policy: may('GET/nowhere') } },
  users: { alice: { groups: ['Callers'] }, bob: { groups: ['Others'] } },
}

type Call = (stack: LocalStack) => Promise<Response>

/** A call of an API with the credentials of a user's group. */
const signed =
  (username: string, api: string, path: string, method = 'GET'): Call =>
  async (stack) => {
    const { config } = stack
    const iamFetch = createIamFetch({
      baseUrl: config.apis[api]?.url ?? '',
      region: config.region,
      service: 'execute-api',
      retry: { attempts: 1 },
      credentials: cognitoCredentials({
        identityPoolId: config.identityPoolId,
        endpoint: config.endpoints.cognitoIdentity,
        idToken: async () => (await stack.signIn(username)).idToken,
      }),
    })
    return iamFetch(path, { method })
  }

const plain =
  (api: string, path: string, method = 'GET'): Call =>
  ({ config }) =>
    fetch(`${config.apis[api]?.url}${path}`, { method })

const withIdToken =
  (username: string, api: string, path: string): Call =>
  async (stack) => {
    const { idToken } = await stack.signIn(username)
    return fetch(`${stack.config.apis[api]?.url}${path}`, { headers: { authorization: idToken } })
  }

/** A call with a machine token for some scopes. */
const withMachineToken =
  (client: string, scope: string, api: string, path: string, method: string): Call =>
  async ({ config, appClients }) => {
    const { clientId = '', clientSecret = '' } = appClients[client] ?? {}
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope })
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
    const headers = { authorization: `Basic ${basic}` }
    const url = `${config.endpoints.oauth}/oauth2/token`
    const response = await fetch(url, { method: 'POST', headers, body })
    const { access_token: token }: { access_token: string } = await response.json()
    const authorization = `Bearer ${token}`
    return fetch(`${config.apis[api]?.url}${path}`, { method, headers: { authorization } })
  }

interface Scenario {
  path: string
  functions: Readonly<Record<string, LocalHandler>>
  more?: Partial<StackDefinition>
  /** Each call, what it is, and the status that AWS would respond. */
  calls: readonly [what: string, call: Call, status: number][]
}

const SAM = 'aws/serverless-application-model/tests/translator/input'

const SCENARIOS: readonly Scenario[] = [
  {
    // The integration is a mapping template, which is not run: a call that was let in fails after authorization. The template
    // attaches one role for everybody who signs in and no role mapping, so that the group has no effect.
    path: 'awslabs/aws-cognito-apigw-angular-auth/sam/sam.yaml',
    functions: { CognitoDemoFunction: answer },
    more: { users: { alice: { groups: ['cip-group'] } } },
    calls: [
      ['alice may GET /google', signed('alice', 'CognitoDemoApi', '/google'), 502],
      ['alice may not GET /cip', signed('alice', 'CognitoDemoApi', '/cip'), 403],
      ['without a signature /google is closed', plain('CognitoDemoApi', '/google'), 403],
      ['an ID token opens /cup', withIdToken('alice', 'CognitoDemoApi', '/cup'), 502],
      ['without a token /cup is closed', plain('CognitoDemoApi', '/cup'), 401],
    ],
  },
  {
    path: 'andmoredev/cognito-api-gateway/template.yaml',
    functions: { EchoFunction: answer },
    calls: [
      [
        'a machine with the scope may POST /echo',
        withMachineToken(
          'CognitoTestAutomationClient',
          'automation/portman',
          'API',
          '/echo',
          'POST',
        ),
        200,
      ],
      ['without a token it may not', plain('API', '/echo', 'POST'), 401],
    ],
  },
  {
    path: 'aws-samples/serverless-patterns/apigw-iam/template.yaml',
    functions: { AppFunction: answer },
    more: PEOPLE,
    calls: [
      ['alice may GET /', signed('alice', 'AppApi', '/'), 200],
      ['bob may not', signed('bob', 'AppApi', '/'), 403],
      ['without a signature it is closed', plain('AppApi', '/'), 403],
    ],
  },
  {
    path: 'aws-samples/serverless-patterns/amplify_cognito_apigateway_lambda_envvariables/template.yaml',
    functions: { myFunction: answer },
    calls: [
      ['an ID token opens it', withIdToken('user', 'myAPI', '/lambdaExample'), 200],
      ['without a token it is closed', plain('myAPI', '/lambdaExample'), 401],
    ],
  },
  {
    path: `${SAM}/api_with_default_aws_iam_auth_and_no_auth_route.yaml`,
    functions: { MyFunctionWithAwsIamAuth: answer },
    more: PEOPLE,
    calls: [
      ['alice may POST /', signed('alice', 'MyApiWithAwsIamAuth', '/', 'POST'), 200],
      ['bob may not', signed('bob', 'MyApiWithAwsIamAuth', '/', 'POST'), 403],
      ['GET / is open', plain('MyApiWithAwsIamAuth', '/'), 200],
    ],
  },
  {
    path: `${SAM}/http_api_local_iam_auth_enabled.yaml`,
    functions: { HttpApiFunction: answer },
    more: PEOPLE,
    calls: [
      ['alice may GET /iam-auth', signed('alice', 'MyIamAuthEnabledHttpApi', '/iam-auth'), 200],
      ['bob may not', signed('bob', 'MyIamAuthEnabledHttpApi', '/iam-auth'), 403],
    ],
  },
]

/** Each scenario: starts the stack of the template, calls it, and compares the responses. */
export const RUNS = SCENARIOS.map((scenario) => async (folder: string): Promise<Row> => {
  const { path, functions, more, calls } = scenario
  if (!existsSync(join(folder, path)))
    return { ok: undefined, text: `${path} is not in the folder` }
  const { definition } = stackFromTemplate(join(folder, path), { functions })
  const stack: LocalStack = await startLocalStack({ ...definition, ...more })
  try {
    for (const [what, call, status] of calls) {
      const response = await call(stack)
      if (response.status === status) continue
      const reason = response.headers.get('x-local-reason') ?? (await response.text())
      return {
        ok: false,
        text: `${path}: ${what}: ${response.status}, expected ${status} (${reason})`,
      }
    }
    return { ok: true, text: `${path} runs: ${calls.length} calls are decided as on AWS` }
  } finally {
    await stack.stop()
  }
})
