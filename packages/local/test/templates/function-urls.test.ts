import { describe, expect, test } from 'vitest'
import { startLocalStack, type TemplateError, type TemplateStack } from '../../src/index.ts'
import { signedInUser } from '../../src/signed-in-user.ts'
import { FUNCTION, POOLS, readText, role } from '../support/template-file.ts'

const FUNCTION_ARN = 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:Answer'
const ATTACHED = `
  Roles:
    Type: AWS::Cognito::IdentityPoolRoleAttachment
    Properties: { IdentityPoolId: !Ref Pool, Roles: { authenticated: !GetAtt Caller.Arn } }
`
const url = (properties: string): string => `
  Url:
    Type: AWS::Lambda::Url
    Properties: { TargetFunctionArn: !GetAtt Answer.Arn, ${properties} }
`
const permission = (properties: string): string => `
  Permission:
    Type: AWS::Lambda::Permission
    Properties: { FunctionName: !Ref Answer, ${properties} }
`
const callerWith = (actions: string, more = ''): string =>
  role('Caller', FUNCTION_ARN).replace(
    "Action: 'execute-api:Invoke'",
    `Action: [${actions}]${more}`,
  )
const BOTH = "'lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'"
const template = (...parts: string[]): string => `Resources:\n${parts.join('')}`
const sam = (properties: string, globals = ''): string => `
Transform: AWS::Serverless-2016-10-31
${globals}
Resources:
  Answer:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      InlineCode: "exports.handler = async () => ({ statusCode: 200, body: 'answer' })"
      ${properties}
${POOLS}`

/** The statuses of the template's one URL: unsigned, and signed by the user that the template has. */
async function statusesOf({
  definition,
}: TemplateStack): Promise<[unsigned: number, signed: number]> {
  await using stack = await startLocalStack(definition)
  const [name = ''] = Object.keys(stack.config.functionUrls)
  const unsigned = await fetch(stack.config.functionUrls[name]!.url)
  const user = await signedInUser(stack, Object.keys(definition.users ?? {})[0]!)
  const signed = await user.fetchFrom(name)('/')
  return [unsigned.status, signed.status]
}

const refusalsOf = (text: string): TemplateError['problems'] => {
  try {
    readText(text)
    return []
  } catch (error) {
    return (error as TemplateError).problems
  }
}

describe('a function URL with AWS_IAM', () => {
  const iam = (...parts: string[]): string =>
    template(POOLS, FUNCTION, ATTACHED, url('AuthType: AWS_IAM'), ...parts)

  test('takes signed calls of a role with both permissions, and no others', async () => {
    expect(await statusesOf(readText(iam(callerWith(BOTH))))).toEqual([403, 200])
  })

  test('refuses a role with one of the two permissions', async () => {
    const text = iam(callerWith("'lambda:InvokeFunctionUrl'"))
    expect(await statusesOf(readText(text))).toEqual([403, 403])
  })

  test('refuses a role whose permission is for URLs without authorization', async () => {
    const condition = ", Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': NONE } }"
    expect(await statusesOf(readText(iam(callerWith(BOTH, condition))))).toEqual([403, 403])
  })

  test('is not opened by a permission for a service', async () => {
    const service = permission(
      "Action: 'lambda:InvokeFunction', Principal: apigateway.amazonaws.com",
    )
    const text = iam(callerWith("'execute-api:Invoke'"), service)
    expect(await statusesOf(readText(text))).toEqual([403, 403])
  })

  test('reads what a role may do with functions: an unknown condition key is refused', () => {
    const condition = ", Condition: { StringEquals: { 'aws:SourceVpce': vpce-1 } }"
    expect(refusalsOf(iam(callerWith(BOTH, condition)))).toEqual([
      { logicalId: 'Caller', reason: expect.stringContaining('"aws:SourceVpce"') },
    ])
  })
})

test('without a function URL a condition on the call of a function decides nothing here', () => {
  const condition = ", Condition: { StringEquals: { 'aws:SourceVpce': vpce-1 } }"
  expect(refusalsOf(template(POOLS, FUNCTION, ATTACHED, callerWith(BOTH, condition)))).toEqual([])
})

describe('a function URL without authorization', () => {
  const open = (...parts: string[]): string =>
    template(POOLS, FUNCTION, url('AuthType: NONE'), ...parts)
  const everybody = (id: string, action: string, more = 'FunctionUrlAuthType: NONE'): string =>
    permission(`Action: '${action}', Principal: '*', ${more}`).replace('Permission:', `${id}:`)

  test('refuses every caller if the template has no permission, as CloudFormation adds none', async () => {
    const read = readText(open())
    expect(await statusesOf(read)).toEqual([403, 403])
    expect(read.leftOut).toContainEqual({
      logicalId: 'Answer',
      reason: 'its function URL refuses every call: it has no permission for it',
    })
  })

  test('serves everybody with both permissions, and no call with one of them', async () => {
    const one = everybody('One', 'lambda:InvokeFunctionUrl')
    const two = everybody('Two', 'lambda:InvokeFunction', 'InvokedViaFunctionUrl: true')
    expect(await statusesOf(readText(open(one, two)))).toEqual([200, 200])
    expect(await statusesOf(readText(open(one)))).toEqual([403, 403])
  })

  test.each([
    ['of another kind of URL', 'FunctionUrlAuthType: AWS_IAM'],
    ['for calls from a bucket', "SourceArn: 'arn:aws:s3:::bucket'"],
    ['for calls from an account', "SourceAccount: '111111111111'"],
  ])('is not opened by permissions %s', async (_, more) => {
    const parts = [
      everybody('One', 'lambda:InvokeFunctionUrl', more),
      everybody('Two', 'lambda:InvokeFunction', more),
    ]
    expect(await statusesOf(readText(open(...parts)))).toEqual([403, 403])
  })

  test('is not opened by a permission of an alias', async () => {
    const ofAlias = everybody('One', 'lambda:*').replace('!Ref Answer', "'Answer:live'")
    expect(await statusesOf(readText(open(ofAlias)))).toEqual([403, 403])
  })

  test.each([
    ['an organization', "PrincipalOrgID: 'o-1'", '"aws:PrincipalOrgID"'],
    ['a value that is known on AWS only', 'FunctionUrlAuthType: !GetAtt Nowhere.Type', 'Nowhere'],
    ['a misspelt source', "SourceArm: 'arn:aws:s3:::bucket'", 'the member "SourceArm"'],
  ])('with a permission for %s is refused, by the name of the permission', (_, more, named) => {
    expect(refusalsOf(open(everybody('One', 'lambda:InvokeFunctionUrl', more)))).toEqual([
      { logicalId: 'One', reason: expect.stringContaining(named) },
    ])
  })
})

describe('what cannot be decided', () => {
  test.each([
    ['no AuthType', 'InvokeMode: BUFFERED', 'has no "AuthType"'],
    ['a misspelt member', 'AuthType: AWS_IAM, Authtype: NONE', 'the member "Authtype"'],
    ['another AuthType', 'AuthType: none', 'must be AWS_IAM or NONE'],
    ['an AuthType that is known on AWS only', 'AuthType: !GetAtt Nowhere.Type', 'AuthType'],
  ])('%s is refused', (_, properties, named) => {
    expect(refusalsOf(template(POOLS, FUNCTION, url(properties)))).toEqual([
      { logicalId: 'Url', reason: expect.stringContaining(named) },
    ])
  })

  test.each([
    ['an alias', url('AuthType: NONE, Qualifier: live'), 'a version or an alias'],
    [
      'a function of another template',
      url('AuthType: NONE').replace('!GetAtt Answer.Arn', 'elsewhere'),
      'not in the template',
    ],
  ])('the URL of %s is noted and not run', (_, part, named) => {
    const { definition, leftOut } = readText(template(POOLS, FUNCTION, part))
    expect(definition.functionUrls).toBeUndefined()
    expect(leftOut).toContainEqual({ logicalId: 'Url', reason: expect.stringContaining(named) })
  })
})

describe('FunctionUrlConfig of SAM', () => {
  test('is open without authorization: SAM adds the permission', async () => {
    const read = readText(sam('FunctionUrlConfig: { AuthType: NONE }'))
    expect(Object.keys(read.definition.functionUrls ?? {})).toEqual(['AnswerUrl'])
    expect(await statusesOf(read)).toEqual([200, 200])
  })

  test('is closed with AWS_IAM', async () => {
    expect(await statusesOf(readText(sam('FunctionUrlConfig: { AuthType: AWS_IAM }')))).toEqual([
      403, 403,
    ])
  })

  test('takes from Globals what the function does not say', () => {
    const globals =
      'Globals: { Function: { FunctionUrlConfig: { AuthType: AWS_IAM, InvokeMode: RESPONSE_STREAM } } }'
    const { definition } = readText(sam('FunctionUrlConfig: { InvokeMode: BUFFERED }', globals))
    expect(definition.functionUrls!['AnswerUrl']).toMatchObject({ authType: 'AWS_IAM' })
    expect(definition.functionUrls!['AnswerUrl']).not.toHaveProperty('invokeMode')
  })

  test('of a function with an alias is noted and not run', () => {
    const text = sam('AutoPublishAlias: live\n      FunctionUrlConfig: { AuthType: NONE }')
    const { definition, leftOut } = readText(text)
    expect(definition.functionUrls).toBeUndefined()
    expect(leftOut).toContainEqual({
      logicalId: 'Answer',
      reason: expect.stringContaining('a version or an alias'),
    })
  })

  test('reads CORS with exact origins, and notes the others', () => {
    const cors =
      "Cors: { AllowOrigins: ['https://page.example', 'https://*'], AllowMethods: ['*'] }"
    const { definition } = readText(sam(`FunctionUrlConfig: { AuthType: NONE, ${cors} }`))
    expect(definition.functionUrls!['AnswerUrl']!.cors).toMatchObject({
      allowOrigins: ['https://page.example'],
      allowMethods: ['*'],
      allowHeaders: [],
    })
  })
})
