import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLocalStack, type PolicyDocument } from '@iamfetch/local'
import { startEmulator, type Emulator } from './emulator.ts'
import { runProgram, type Outcome } from './python.ts'

const root = join(import.meta.dirname, '../..')
const script = join(root, 'examples/aws-cli/set-up.sh')

test('shellcheck has nothing to say about the script', async () => {
  expect(await runProgram('shellcheck', [script])).toEqual({ code: 0, output: '' })
})

describe('the script, run against an emulator', () => {
  let emulator: Emulator
  let folder: string
  let ran: Outcome
  let config: Record<string, string>

  const inShell = (commands: string): Promise<Outcome> =>
    runProgram('bash', ['-euc', commands], {
      cwd: folder,
      env: {
        AWS_ENDPOINT_URL: emulator.url,
        AWS_REGION: 'eu-central-1',
        // The AWS CLI 1 reads this one alone.
        AWS_DEFAULT_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_PAGER: '',
      },
    })
  /** What a command of the AWS CLI prints as JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- AWS CLI output has no types here
  const read = async (command: string): Promise<any> => {
    const { code, output } = await inShell(`aws ${command} --output json`)
    expect(code, output).toBe(0)
    return JSON.parse(output)
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'iamfetch-cli-'))
    emulator = await startEmulator()
    ran = await inShell(`NAME=notes ORIGIN=http://localhost:5173 ${script}`)
    config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
  })
  afterAll(async () => {
    await emulator?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('all eight steps succeed, and each password is printed once', () => {
    expect(ran.code, ran.output).toBe(0)
    expect(ran.output.match(/^== \d of 8/gm)).toHaveLength(8)
    for (const line of ['alice, in FullAccess', 'bob, in ReadOnlyAccess']) {
      expect(ran.output.match(new RegExp(`^${line}: password \\S{20,}$`, 'gm'))).toHaveLength(1)
    }
  })

  test('each group has a role that trusts this identity pool and may call its own methods', async () => {
    const { Groups } = await read(`cognito-idp list-groups --user-pool-id ${config['userPoolId']}`)
    const seen: Record<string, unknown> = {}
    for (const { GroupName, RoleArn, Precedence } of Groups) {
      const name = RoleArn.split('/').at(-1)
      const { Role } = await read(`iam get-role --role-name ${name}`)
      const { PolicyDocument } = await read(
        `iam get-role-policy --role-name ${name} --policy-name call-the-api`,
      )
      const [trust] = Role.AssumeRolePolicyDocument.Statement
      const condition = trust.Condition.StringEquals['cognito-identity.amazonaws.com:aud']
      const methods = PolicyDocument.Statement[0].Resource.map((arn: string) =>
        arn.split('/').at(-2),
      )
      seen[GroupName] = { Precedence, methods, pool: condition, action: trust.Action }
    }
    const trusted = { pool: config['identityPoolId'], action: 'sts:AssumeRoleWithWebIdentity' }
    expect(seen).toEqual({
      FullAccess: { Precedence: 1, methods: ['GET', 'POST'], ...trusted },
      ReadOnlyAccess: { Precedence: 2, methods: ['GET'], ...trusted },
    })
  })

  test('the identity pool has no guests, and maps the role that the token names', async () => {
    const pool = `--identity-pool-id ${config['identityPoolId']}`
    const { AllowUnauthenticatedIdentities, CognitoIdentityProviders } = await read(
      `cognito-identity describe-identity-pool ${pool}`,
    )
    expect(AllowUnauthenticatedIdentities).toBe(false)
    const provider = `cognito-idp.eu-central-1.amazonaws.com/${config['userPoolId']}`
    expect(CognitoIdentityProviders).toMatchObject([
      { ProviderName: provider, ClientId: config['userPoolClientId'] },
    ])
    const { RoleMappings } = await read(`cognito-identity get-identity-pool-roles ${pool}`)
    expect(RoleMappings).toMatchObject({
      [`${provider}:${config['userPoolClientId']}`]: {
        Type: 'Token',
        AmbiguousRoleResolution: 'Deny',
      },
    })
  })

  test('IAM authorizes every route, and CORS allows the headers of a signed request', async () => {
    const { Items: apis } = await read('apigatewayv2 get-apis')
    const [{ ApiId, CorsConfiguration }] = apis
    expect(JSON.stringify(config['apis'])).toContain(ApiId)
    const { Items: routes } = await read(`apigatewayv2 get-routes --api-id ${ApiId}`)
    expect(
      routes.map(({ RouteKey, AuthorizationType }: Record<string, string>) => [
        RouteKey,
        AuthorizationType,
      ]),
    ).toEqual([
      ['GET /notes', 'AWS_IAM'],
      ['POST /notes', 'AWS_IAM'],
    ])
    expect(CorsConfiguration.AllowOrigins).toEqual(['http://localhost:5173'])
    expect(CorsConfiguration.AllowHeaders).toEqual(
      expect.arrayContaining(['authorization', 'x-amz-date', 'x-amz-security-token']),
    )
  })

  test('the printed commands remove everything', async () => {
    const [, commands = ''] = ran.output.split('To remove everything:\n')
    const removal = commands.split('\n== ')[0] ?? ''
    const removed = await inShell(removal)
    expect(removed.code, removed.output).toBe(0)
    expect((await read('apigatewayv2 get-apis')).Items).toEqual([])
    expect((await read('cognito-idp list-user-pools --max-results 10')).UserPools).toEqual([])
    expect((await read('lambda list-functions')).Functions).toEqual([])
    const { Roles } = await read('iam list-roles')
    expect(
      Roles.filter(({ RoleName }: { RoleName: string }) => RoleName.startsWith('notes')),
    ).toEqual([])
  })
})

test.each(['docs/pages/aws/sam.md', 'docs/pages/aws/cdk.md'])(
  'the commands of %s that create a user work, run against the local stack',
  async (page) => {
    const blocks = [...readFileSync(join(root, page), 'utf8').matchAll(/^```sh\n([^]*?)^```$/gm)]
    const [commands = ''] = blocks.flatMap(([, text = '']) =>
      text.includes('admin-create-user') ? [text] : [],
    )
    const user = /--username (\w+)/.exec(commands)?.[1] ?? ''
    const group = /--group-name (\w+)/.exec(commands)?.[1] ?? ''
    const policy: PolicyDocument = {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: '*' },
    }
    await using stack = await startLocalStack({ groups: { [group]: { policy } }, apis: {} })
    const { config, admin } = stack
    const env = {
      AWS_ENDPOINT_URL: config.endpoints.cognitoIdp,
      AWS_REGION: config.region,
      AWS_DEFAULT_REGION: config.region,
      AWS_ACCESS_KEY_ID: admin.accessKeyId,
      AWS_SECRET_ACCESS_KEY: admin.secretAccessKey,
      AWS_SESSION_TOKEN: admin.sessionToken,
      AWS_PAGER: '',
      USER_POOL: config.userPoolId,
      PASSWORD: 'Correct-horse-9',
    }
    const ran = await runProgram('bash', ['-euc', commands], { env })
    expect(ran.code, ran.output).toBe(0)
    const parameters = `USERNAME=${user},PASSWORD=Correct-horse-9`
    const signIn = `aws cognito-idp initiate-auth --client-id ${config.userPoolClientId} --auth-flow USER_PASSWORD_AUTH --auth-parameters ${parameters} --query AuthenticationResult.IdToken --output text`
    const signedIn = await runProgram('bash', ['-euc', signIn], { env })
    expect(signedIn.code, signedIn.output).toBe(0)
    const [, claims = ''] = signedIn.output.split('.')
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      'cognito:username': user,
      'cognito:groups': [group],
    })
  },
)
