import type { PolicyDocument } from '@iamfetch/local'
import { createHash } from 'node:crypto'

/** A template as CloudFormation takes it. */
export interface Template {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>
  Outputs?: Record<string, { Value: unknown; Export?: { Name: unknown } }>
}

/** A resource with everything filled in, as if it were deployed. */
export interface Resource {
  id: string
  /** What `Ref` gives. */
  ref: string
  arn: string
  properties: Properties
}

/** What the tests read of resources. */
export interface Properties {
  [name: string]: any // oxlint-disable-line typescript/no-explicit-any
}

export const region = 'eu-central-1'
export const accountId = '210987654321'

/** All stacks of the app as they would be on AWS, with made-up IDs. */
export interface Deployed {
  /** The resources of one type in one stack. */
  resources(stack: string, type: string): Resource[]
  /** The policies of a role, those inside it and those attached to it. */
  policiesOf(stack: string, roleArn: string): PolicyDocument[]
  /** The ID of a stack. */
  stackId(stack: string): string
}

/**
 * Resolves the intrinsic functions of templates.
 *
 * @param stackUuid  The ID of each stack has a time of its own and the rest of this one.
 * @throws Error for a function that it does not know, so that nothing is compared by halves.
 */
export function deployed(
  templates: Readonly<Record<string, Template>>,
  { stackUuid = STACK_UUID } = {},
): Deployed {
  const resourceOf = (stack: string, id: string): { Type: string; Properties?: unknown } => {
    const found = templates[stack]?.Resources[id]
    if (!found) throw new Error(`${stack} has no resource ${id}`)
    return found
  }
  const stackId = (stack: string): string =>
    arnOf(
      'cloudformation',
      `stack/${stack}/${hexOf(stack + stackUuid).slice(0, 8)}${stackUuid.slice(8)}`,
    )
  const refOf = (stack: string, id: string): string => {
    if (id === 'AWS::StackId') return stackId(stack)
    const known = PSEUDO[id]
    if (known !== undefined) return known
    const { Type, Properties } = resourceOf(stack, id)
    if (Type === 'AWS::ApiGateway::Stage') return String(Object(Properties).StageName)
    // Its ID is what it is named.
    if (Type === 'AWS::Cognito::UserPoolDomain')
      return resolve(stack, Object(Properties).Domain) as string
    return physicalId(Type, `${stack}-${id}`)
  }
  const attributeOf = (stack: string, id: string, name: string): string => {
    const { Type } = resourceOf(stack, id)
    const make = ATTRIBUTES[`${Type}.${name}`]
    if (make) return make(refOf(stack, id))
    throw new Error(`${Type}.${name} is not known here`)
  }
  const imported = (wanted: string): unknown => {
    for (const [stack, { Outputs = {} }] of Object.entries(templates)) {
      for (const { Value, Export } of Object.values(Outputs)) {
        if (Export && resolve(stack, Export.Name) === wanted) return resolve(stack, Value)
      }
    }
    throw new Error(`No stack exports ${wanted}`)
  }
  const functions: Record<string, (stack: string, argument: Properties[string]) => unknown> = {
    Ref: (stack, id) => refOf(stack, id),
    'Fn::GetAtt': (stack, [id, name]) => attributeOf(stack, id, name),
    'Fn::Join': (stack, [by, parts]) => Array.from(resolve(stack, parts) as string[]).join(by),
    'Fn::Split': (stack, [by, text]) => String(resolve(stack, text)).split(by),
    'Fn::Select': (stack, [index, list]) => (resolve(stack, list) as string[])[Number(index)],
    'Fn::Sub': (stack, text) =>
      String(text).replace(/\$\{([^}]+)\}/g, (_, id: string) => refOf(stack, id)),
    'Fn::ImportValue': (stack, name) => imported(String(resolve(stack, name))),
  }
  const resolve = (stack: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((one) => resolve(stack, one))
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    const [[name, argument] = ['', undefined]] = entries
    if (entries.length === 1 && functions[name]) return functions[name](stack, argument)
    if (entries.length === 1 && name.startsWith('Fn::'))
      throw new Error(`${name} is not known here`)
    return Object.fromEntries(entries.map(([key, one]) => [key, resolve(stack, one)]))
  }
  const resources = (stack: string, type: string): Resource[] =>
    Object.entries(templates[stack]?.Resources ?? {})
      .filter(([, { Type }]) => Type === type)
      .map(([id, { Properties = {} }]) => {
        const ref = refOf(stack, id)
        const arn = ATTRIBUTES[`${type}.Arn`]?.(ref) ?? ''
        return { id, ref, arn, properties: resolve(stack, Properties) as Properties }
      })
  return {
    resources,
    stackId,
    policiesOf(stack, roleArn) {
      const role = resources(stack, 'AWS::IAM::Role').find(({ arn }) => arn === roleArn)
      if (!role) throw new Error(`${stack} has no role ${roleArn}`)
      if (role.properties['ManagedPolicyArns']) throw new Error(`${roleArn} has managed policies`)
      const inline: Properties[] = role.properties['Policies'] ?? []
      const attached = resources(stack, 'AWS::IAM::Policy')
        .map(({ properties }) => properties)
        .filter(({ Roles }) => Roles.includes(role.ref))
      return [...inline, ...attached].map(({ PolicyDocument }) => PolicyDocument)
    },
  }
}

const PSEUDO: Record<string, string> = {
  'AWS::Region': region,
  'AWS::AccountId': accountId,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
}

/** CloudFormation's are of version 1: a time, and the address of the host that created the stack. */
const STACK_UUID = '0f4a7f10-9c1b-11f1-8a5e-0a58a9feac02'

const hexOf = (seed: string): string => createHash('sha256').update(seed).digest('hex')

/** An ID of the form that AWS makes for this type, always the same for the same resource. */
function physicalId(type: string, seed: string): string {
  const hex = hexOf(seed)
  if (type === 'AWS::ApiGateway::RestApi') return `r${hex.slice(0, 9)}`
  if (type === 'AWS::ApiGatewayV2::Api') return `a${hex.slice(0, 9)}`
  if (type === 'AWS::Cognito::UserPool') return `${region}_${hex.slice(0, 9)}`
  if (type === 'AWS::Cognito::UserPoolClient') return hex.slice(0, 26)
  if (type === 'AWS::SecretsManager::Secret')
    return arnOf('secretsmanager', `secret:${seed}-a1B2c3`)
  if (type === 'AWS::Cognito::IdentityPool') {
    const uuid = /^(.{8})(.{4})(.{4})(.{4})(.{12})/.exec(hex)!.slice(1).join('-')
    return `${region}:${uuid}`
  }
  return seed
}

const arnOf = (service: string, resource: string, where = region): string =>
  `arn:aws:${service}:${where}:${accountId}:${resource}`
const ATTRIBUTES: Record<string, (ref: string) => string> = {
  'AWS::IAM::Role.Arn': (ref) => arnOf('iam', `role/${ref}`, ''),
  'AWS::Events::Rule.Arn': (ref) => arnOf('events', `rule/${ref}`),
  'AWS::DynamoDB::Table.Arn': (ref) => arnOf('dynamodb', `table/${ref}`),
  'AWS::Lambda::Function.Arn': (ref) => arnOf('lambda', `function:${ref}`),
  'AWS::Logs::LogGroup.Arn': (ref) => arnOf('logs', `log-group:${ref}:*`),
  'AWS::S3::Bucket.Arn': (ref) => `arn:aws:s3:::${ref.toLowerCase()}`,
  'AWS::Cognito::UserPool.Arn': (ref) => arnOf('cognito-idp', `userpool/${ref}`),
  'AWS::Cognito::UserPool.ProviderName': (ref) => `cognito-idp.${region}.amazonaws.com/${ref}`,
  'AWS::Cognito::UserPoolClient.ClientSecret': (ref) => `secret-of-${ref}`,
  'AWS::ApiGateway::RestApi.RootResourceId': (ref) => `root-of-${ref}`,
  'AWS::ApiGatewayV2::Api.ApiEndpoint': (ref) =>
    `https://${ref}.execute-api.${region}.amazonaws.com`,
}
