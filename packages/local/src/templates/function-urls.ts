import type { PolicyDocument, PolicyStatement } from '@iamfetch/policy'
import type { CorsDefinition } from '../definition/api.ts'
import type { FunctionUrlDefinition } from '../definition/function-url.ts'
import { isQualified, readFunction, handlerOf } from './functions.ts'
import { corsOfHttpApi } from './http-api.ts'
import {
  FUNCTION_URL,
  memberFault,
  PERMISSION,
  SAM_FUNCTION_URL,
  type MemberRules,
} from './member-rules.ts'
import { readPolicy } from './policies.ts'
import { idOf, refuseUnknown, resourcesOf, type Reading, type Resource } from './reading.ts'
import { validCors } from './valid-cors.ts'
import {
  dictionaryIn,
  isDictionary,
  memberOf,
  textIn,
  Unresolved,
  type Dictionary,
} from './values.ts'

/** A function URL of a template, before it is known whether it can be run. */
interface TemplateUrl {
  /** The name of the URL, and the resource that its problems name. */
  name: string
  usedBy: string
  target: unknown
  /** `AuthType`, `Cors` and `InvokeMode`. */
  settings: unknown
  rules: MemberRules
  /** Whether it belongs to a version or an alias of the function. */
  qualified: boolean
  /** SAM adds the permission for every caller to a URL without authorization; CloudFormation does not. */
  addsPermission: boolean
}

/** Whether a template has function URLs, so that what roles may do with functions is a decision of the local stack. */
export const hasFunctionUrls = (reading: Reading): boolean => urlsOf(reading).length > 0

/**
 * Reads the function URLs of a template: `AWS::Lambda::Url`, and `FunctionUrlConfig` of SAM.
 *
 * @see [AWS::Lambda::Url](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-url.html)
 */
export function readFunctionUrls(reading: Reading): Record<string, FunctionUrlDefinition> {
  const urls = urlsOf(reading).flatMap((url) => {
    const definition = readUrl(reading, url)
    return definition ? [[shortName(url.name), definition] as const] : []
  })
  return Object.fromEntries(urls)
}

/** The generated part of a long name is at its end. */
const shortName = (logicalId: string): string => logicalId.slice(-64)

function urlsOf(reading: Reading): TemplateUrl[] {
  const ofCloudFormation = resourcesOf(reading, 'AWS::Lambda::Url').map(
    ({ logicalId, properties }): TemplateUrl => {
      const target = memberOf(properties, 'TargetFunctionArn')
      return {
        name: logicalId,
        usedBy: logicalId,
        target,
        settings: properties,
        rules: FUNCTION_URL,
        qualified: memberOf(properties, 'Qualifier') !== undefined || isQualified(target),
        addsPermission: false,
      }
    },
  )
  const globals = dictionaryIn(reading.globals, 'Function')
  const ofSam = resourcesOf(reading, 'AWS::Serverless::Function').flatMap(
    ({ logicalId, properties }): TemplateUrl[] => {
      const config = memberOf(properties, 'FunctionUrlConfig')
      const ofGlobals = memberOf(globals, 'FunctionUrlConfig')
      if (config === undefined && ofGlobals === undefined) return []
      const alias =
        memberOf(properties, 'AutoPublishAlias') ?? memberOf(globals, 'AutoPublishAlias')
      return [
        {
          name: `${logicalId}Url`,
          usedBy: logicalId,
          target: logicalId,
          settings: merged(ofGlobals, config),
          rules: SAM_FUNCTION_URL,
          qualified: alias !== undefined,
          addsPermission: true,
        },
      ]
    },
  )
  return [...ofCloudFormation, ...ofSam]
}

/** Values of the function win over those of `Globals`. What is known on AWS only stays unknown. */
function merged(globals: unknown, settings: unknown): unknown {
  if (settings === undefined) return globals
  if (globals === undefined) return settings
  if (isDictionary(globals) && isDictionary(settings)) return { ...globals, ...settings }
  return globals instanceof Unresolved ? globals : settings
}

function readUrl(reading: Reading, url: TemplateUrl): FunctionUrlDefinition | undefined {
  const { usedBy, settings, target, rules } = url
  const { problems } = reading
  const fault = memberFault(settings, rules, 'its function URL')
  refuseUnknown(reading, usedBy, fault)
  if (fault !== undefined) return undefined
  const authType = AUTH_TYPES.find((type) => type === textIn(settings, 'AuthType'))
  if (!authType) {
    problems.refuse(usedBy, 'the AuthType of its function URL must be AWS_IAM or NONE')
    return undefined
  }
  const found = readFunction(reading, target)
  const reason = reasonNotToRun(reading, url, found)
  if (!found || reason !== undefined) {
    problems.note(usedBy, `its function URL is not run: ${reason}`)
    return undefined
  }
  const handler = handlerOf(reading, found.logicalId, usedBy)
  const cors = corsOf(reading, usedBy, settings)
  const resourcePolicy = permissionsOf(reading, found, { authType, ...url })
  const common = {
    authType,
    functionName: idOf(reading, found),
    ...(cors && { cors }),
    ...(resourcePolicy && { resourcePolicy }),
  }
  if (textIn(settings, 'InvokeMode') !== 'RESPONSE_STREAM') return { ...common, handler }
  if (typeof handler === 'string' || (typeof handler === 'object' && 'file' in handler)) {
    return { ...common, invokeMode: 'RESPONSE_STREAM', handler }
  }
  problems.note(usedBy, 'its function URL is not run: a streamed response needs a file of Node.js')
  return undefined
}

const AUTH_TYPES = ['AWS_IAM', 'NONE'] as const

function reasonNotToRun(
  reading: Reading,
  { qualified }: TemplateUrl,
  found: Resource | undefined,
): string | undefined {
  if (!found) return 'its function is not in the template, or is skipped'
  if (qualified) return 'it belongs to a version or an alias of the function'
  const name = idOf(reading, found)
  return /^[\w-]{1,64}$/.test(name) ? undefined : `"${name}" is not the name of a function`
}

/** A function URL knows exact origins and `*`. */
function corsOf(reading: Reading, usedBy: string, settings: unknown): CorsDefinition | undefined {
  const cors = corsOfHttpApi(memberOf(settings, 'Cors'))
  if (!cors) return undefined
  const allowOrigins = cors.allowOrigins.filter((origin) => origin === '*' || !origin.endsWith('*'))
  return validCors({ ...cors, allowOrigins }, usedBy, reading.problems)
}

/**
 * The resource-based policy that results from the permissions of a function. Without one for every caller, a URL without authorization
 * responds with 403, as on AWS.
 */
function permissionsOf(
  reading: Reading,
  found: Resource,
  { authType, addsPermission }: Pick<TemplateUrl, 'addsPermission'> & { authType: string },
): PolicyDocument | undefined {
  if (authType === 'NONE' && addsPermission) return undefined
  const { region, accountId } = reading
  const Resource = `arn:aws:lambda:${region}:${accountId}:function:${idOf(reading, found)}`
  const statements: PolicyStatement[] = []
  for (const { logicalId, properties } of resourcesOf(reading, 'AWS::Lambda::Permission')) {
    const name = memberOf(properties, 'FunctionName')
    // One whose function is not known may be for this one.
    const isOther = typeof name === 'string' && !isSame(readFunction(reading, name), found)
    if (isOther) continue
    // A permission for a service says nothing about the callers of a URL.
    if (isForService(properties)) continue
    const fault = memberFault(properties, PERMISSION, 'it')
    refuseUnknown(reading, logicalId, fault)
    if (fault !== undefined || isQualified(name) || isForCallsFrom(properties)) continue
    const Statement = { ...statementOf(properties), Resource }
    const document = { Version: '2012-10-17', Statement }
    const policy = readPolicy({ logicalId, what: 'it', document }, 'resource', reading.problems)
    if (policy) statements.push(...[policy.Statement].flat())
  }
  if (statements.length === 0 && authType === 'AWS_IAM') return undefined
  if (statements.length === 0) {
    reading.problems.note(
      found.logicalId,
      'its function URL refuses every call: it has no permission for it',
    )
    // A call without a signature does not have this principal.
    statements.push({ Effect: 'Allow', Principal: { AWS: accountId }, Action: ACTIONS, Resource })
  }
  return { Version: '2012-10-17', Statement: statements }
}

const ACTIONS = ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction']

const isSame = (first: Resource | undefined, second: Resource): boolean =>
  first?.logicalId === second.logicalId

const isForService = (permission: Dictionary): boolean =>
  /\.amazonaws\.com(\.cn)?$/.test(textIn(permission, 'Principal') ?? '')

/** A call of a URL does not come from a resource or an event source. */
const isForCallsFrom = (permission: Dictionary): boolean =>
  ['SourceArn', 'SourceAccount', 'EventSourceToken'].some((name) => name in permission)

/** The statement that Lambda creates for a permission. */
function statementOf(permission: Dictionary): Dictionary {
  const principal = textIn(permission, 'Principal')
  const authType = textIn(permission, 'FunctionUrlAuthType')
  const viaUrl = textIn(permission, 'InvokedViaFunctionUrl')
  const organization = textIn(permission, 'PrincipalOrgID')
  const equals = {
    ...(authType !== undefined && { 'lambda:FunctionUrlAuthType': authType }),
    ...(organization !== undefined && { 'aws:PrincipalOrgID': organization }),
  }
  const Condition = {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(viaUrl !== undefined && { Bool: { 'lambda:InvokedViaFunctionUrl': viaUrl } }),
  }
  return {
    Effect: 'Allow',
    Principal: principal === '*' ? '*' : { AWS: principal },
    Action: textIn(permission, 'Action'),
    ...(Object.keys(Condition).length > 0 && { Condition }),
  }
}
