import { isDictionary, Unresolved, unknownMember, type Dictionary } from './values.ts'

/** What the members of an object that decides about a call may be. */
export interface MemberRules {
  /** Every name that CloudFormation, SAM or API Gateway knows there. */
  known: readonly string[]
  /** Members that must be there. */
  required?: readonly string[]
  /** Members that are a text. */
  texts?: readonly string[]
  /** Members that are true or false. */
  flags?: readonly string[]
  /** Members that are a text or a list of texts. */
  lists?: readonly string[]
}

/**
 * Describes what is not understood of an object that decides about a call; `undefined` if it is all understood.
 *
 * A deployment refuses a misspelt name and a value of another type. Here a member that is not read would open a route.
 *
 * @param what  The object, for the message: `its "Auth"`.
 */
export function memberFault(value: unknown, rules: MemberRules, what: string): string | undefined {
  const { known, required = [], texts = [], flags = [], lists = [] } = rules
  if (value instanceof Unresolved) return `${what} is not known: ${value.reason}`
  if (!isDictionary(value)) return `${what} must be an object, got ${JSON.stringify(value)}`
  const misspelt = Object.keys(value).find((name) => !known.includes(name))
  if (misspelt !== undefined) {
    return `${what} has the member "${misspelt}", which is not one of ${known.join(', ')}`
  }
  const unknown = unknownMember(value, [...required, ...texts, ...flags, ...lists])
  if (unknown !== undefined) return unknown
  const missing = required.find((name) => value[name] === undefined)
  if (missing !== undefined) return `${what} has no "${missing}"`
  return (
    wrongMember(value, [...required, ...texts], isText, `of ${what} must be a text`) ??
    wrongMember(value, flags, isFlag, `of ${what} must be true or false`) ??
    wrongMember(value, lists, isTexts, `of ${what} must be a list of texts`)
  )
}

function wrongMember(
  value: Dictionary,
  names: readonly string[],
  isRight: (member: unknown) => boolean,
  rule: string,
): string | undefined {
  const wrong = names.find((name) => value[name] !== undefined && !isRight(value[name]))
  return wrong === undefined ? undefined : `"${wrong}" ${rule}, got ${JSON.stringify(value[wrong])}`
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isFlag = (value: unknown): boolean => /^(true|false)$/i.test(String(value))
const isTexts = (value: unknown): boolean => [value].flat().every(isText)

/** @see [AWS::ApiGateway::Method](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-method.html) */
export const METHOD: MemberRules = {
  known: [
    'ApiKeyRequired',
    'AuthorizationScopes',
    'AuthorizationType',
    'AuthorizerId',
    'HttpMethod',
    'Integration',
    'MethodResponses',
    'OperationName',
    'RequestModels',
    'RequestParameters',
    'RequestValidatorId',
    'ResourceId',
    'RestApiId',
  ],
  required: ['HttpMethod', 'ResourceId'],
  texts: ['AuthorizationType', 'AuthorizerId'],
  flags: ['ApiKeyRequired'],
  lists: ['AuthorizationScopes'],
}

/** @see [AWS::ApiGatewayV2::Route](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-route.html) */
export const ROUTE: MemberRules = {
  known: [
    'ApiId',
    'ApiKeyRequired',
    'AuthorizationScopes',
    'AuthorizationType',
    'AuthorizerId',
    'ModelSelectionExpression',
    'OperationName',
    'RequestModels',
    'RequestParameters',
    'RouteKey',
    'RouteResponseSelectionExpression',
    'Target',
  ],
  required: ['RouteKey'],
  texts: ['AuthorizationType', 'AuthorizerId'],
  lists: ['AuthorizationScopes'],
}

/** @see [AWS::Lambda::Url](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-url.html) */
export const FUNCTION_URL: MemberRules = {
  known: ['AuthType', 'Cors', 'InvokeMode', 'Qualifier', 'TargetFunctionArn'],
  required: ['AuthType', 'TargetFunctionArn'],
  texts: ['InvokeMode'],
}

/** `FunctionUrlConfig` of SAM, of a function or of `Globals`. */
export const SAM_FUNCTION_URL: MemberRules = {
  known: ['AuthType', 'Cors', 'InvokeMode'],
  required: ['AuthType'],
  texts: ['InvokeMode'],
}

/** @see [AWS::Lambda::Permission](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html) */
export const PERMISSION: MemberRules = {
  known: [
    'Action',
    'EventSourceToken',
    'FunctionName',
    'FunctionUrlAuthType',
    'InvokedViaFunctionUrl',
    'Principal',
    'PrincipalOrgID',
    'SourceAccount',
    'SourceArn',
  ],
  required: ['Action', 'FunctionName', 'Principal'],
  texts: ['EventSourceToken', 'FunctionUrlAuthType', 'PrincipalOrgID', 'SourceArn'],
  flags: ['InvokedViaFunctionUrl'],
}

/** The member rules of SAM's APIs. */
interface RulesOfKind {
  /** The properties of an event of a function. */
  event: MemberRules
  /** The `Auth` of an event. */
  eventAuth: MemberRules
  /** The `Auth` of an API. */
  apiAuth: MemberRules
  /** One of the `Authorizers` in the `Auth` of an API. */
  authorizer: MemberRules
}

/** @see [AWS: SAM resource and property reference](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-resources-and-properties.html) */
export const SERVERLESS: Readonly<Record<'http' | 'rest', RulesOfKind>> = {
  http: {
    event: {
      known: [
        'ApiId',
        'Auth',
        'Method',
        'Path',
        'PayloadFormatVersion',
        'RouteSettings',
        'TimeoutInMillis',
      ],
      texts: ['Path', 'Method'],
    },
    eventAuth: {
      known: ['AuthorizationScopes', 'Authorizer', 'OverrideApiAuth'],
      texts: ['Authorizer'],
      flags: ['OverrideApiAuth'],
      lists: ['AuthorizationScopes'],
    },
    apiAuth: {
      known: ['Authorizers', 'DefaultAuthorizer', 'EnableIamAuthorizer'],
      texts: ['DefaultAuthorizer'],
      flags: ['EnableIamAuthorizer'],
    },
    authorizer: {
      known: [
        'AuthorizationScopes',
        'AuthorizerPayloadFormatVersion',
        'EnableFunctionDefaultPermissions',
        'EnableSimpleResponses',
        'FunctionArn',
        'FunctionInvokeRole',
        'Identity',
        'IdentitySource',
        'JwtConfiguration',
      ],
      lists: ['AuthorizationScopes'],
    },
  },
  rest: {
    event: {
      known: [
        'Auth',
        'Method',
        'Path',
        'RequestModel',
        'RequestParameters',
        'ResponseTransferMode',
        'RestApiId',
        'TimeoutInMillis',
      ],
      texts: ['Path', 'Method'],
    },
    eventAuth: {
      known: [
        'ApiKeyRequired',
        'AuthorizationScopes',
        'Authorizer',
        'InvokeRole',
        'OverrideApiAuth',
        'ResourcePolicy',
      ],
      texts: ['Authorizer'],
      flags: ['ApiKeyRequired', 'OverrideApiAuth'],
      lists: ['AuthorizationScopes'],
    },
    apiAuth: {
      known: [
        'AddApiKeyRequiredToCorsPreflight',
        'AddDefaultAuthorizerToCorsPreflight',
        'ApiKeyRequired',
        'Authorizers',
        'DefaultAuthorizer',
        'InvokeRole',
        'ResourcePolicy',
        'UsagePlan',
      ],
      texts: ['DefaultAuthorizer'],
      flags: ['ApiKeyRequired'],
    },
    authorizer: {
      known: [
        'AuthorizationScopes',
        'AuthType',
        'DisableFunctionDefaultPermissions',
        'FunctionArn',
        'FunctionInvokeRole',
        'FunctionPayloadType',
        'Identity',
        'UserPoolArn',
      ],
      lists: ['AuthorizationScopes'],
    },
  },
}
