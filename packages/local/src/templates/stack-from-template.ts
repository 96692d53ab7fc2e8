import type { PolicyDocument } from '@iamfetch/policy'
import { checkDefinition } from '../definition/check-definition.ts'
import type { HandlerSource } from '../definition/backend.ts'
import type { StackDefinition } from '../definition/definition.ts'
import type { ApiDefinition } from '../definition/api.ts'
import type { UserDefinition } from '../definition/user-pool.ts'
import { checkOptions, type OptionNames } from '../invalid-option.ts'
import { definitionOf, type ApiReading, type ReadApi } from './api-model.ts'
import { readFunctionUrls } from './function-urls.ts'
import { readHttpApi } from './http-api.ts'
import { preferredClient, readIdentityPool } from './identity-pool.ts'
import { createProblems, templateError, type TemplateNote } from './problems.ts'
import { idOf, resourcesOf, type Reading } from './reading.ts'
import { noteTheRest } from './unsupported-resources.ts'
import { readRestApi } from './rest-api.ts'
import { resolveTemplate } from './scope.ts'
import { readServerlessApis } from './serverless.ts'
import { findTemplate, folderOf } from './template-files.ts'
import { readUsagePlans } from './usage-plans.ts'
import { readUserPool } from './user-pool.ts'
import { textIn } from './values.ts'

/** How a template is read. */
export interface TemplateOptions {
  /** The stack of `cdk.out`, if it has several. */
  stack?: string | undefined
  /** Parameters of the template, by name. @default their defaults */
  parameters?: Readonly<Record<string, string>> | undefined
  /** Values of `Fn::ImportValue`, by the name of the export. @default none */
  imports?: Readonly<Record<string, string>> | undefined
  /**
   * What runs functions, by logical ID: a function, a file, or the address of a Lambda function that something else runs. By
   * default Node.js functions are run from the code that the template names.
   */
  functions?: Readonly<Record<string, HandlerSource>> | undefined
  /** Managed policies that roles name by ARN and that the template does not have. @default none */
  managedPolicies?: Readonly<Record<string, PolicyDocument>> | undefined
  /** Users, by user name. @default those of the template, else one for each group, named as the group */
  users?: Readonly<Record<string, UserDefinition>> | undefined
  /** Logical IDs of resources that are left out. @default none */
  skip?: readonly string[] | undefined
  /** @default 'eu-central-1' */
  region?: string | undefined
  /** @default '123456789012' */
  accountId?: string | undefined
}

const OPTIONS: OptionNames<TemplateOptions> = {
  stack: true,
  parameters: true,
  imports: true,
  functions: true,
  managedPolicies: true,
  users: true,
  skip: true,
  region: true,
  accountId: true,
}

/** What a template became. */
export interface TemplateStack {
  /** For `startLocalStack`. */
  definition: StackDefinition
  /** What the local stack does not run, by logical ID. None of it changes a decision about a call. */
  leftOut: readonly TemplateNote[]
  /** The outputs of the template, as far as they are known here. */
  outputs: Readonly<Record<string, string>>
  /** The file that was read. */
  file: string
}

/**
 * Reads a template of CloudFormation, SAM or the CDK (`cdk.out`) into a definition of the local stack: user pool, groups,
 * clients, identity pool, roles with their policies, HTTP and REST APIs with their authorizers, function URLs, and functions.
 *
 * Resources that the local stack does not have are listed in `leftOut`. What would change a decision, such as an authorizer or
 * a condition key that is not known here, is an error: a stack that decides differently from AWS would be worse than none.
 *
 * @param path  The template, a folder with a `template.yaml`, or `cdk.out`. Relative to the current directory.
 * @throws `TypeError` with the code `INVALID_OPTION` for a wrong option or template. Its `problems` are all that would change a
 *   decision, by logical ID.
 * @see [AWS: CloudFormation templates](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-guide.html)
 * @example
 * ```ts
 * const { definition, leftOut } = stackFromTemplate('template.yaml', {
 *   users: { alice: { groups: ['FullAccess'] } },
 * })
 * const stack = await startLocalStack(definition)
 * ```
 */
export function stackFromTemplate(path: string, options: TemplateOptions = {}): TemplateStack {
  checkOptions('stackFromTemplate', options, OPTIONS)
  const { region = 'eu-central-1', accountId = '123456789012' } = options
  const template = findTemplate(path, options.stack)
  const place = {
    region,
    accountId,
    partition: 'aws',
    parameters: options.parameters ?? {},
    imports: options.imports ?? {},
    stackName: template.name,
    folder: folderOf(template),
  }
  const resolved = resolveTemplate(template.template, place)
  const problems = createProblems(options.skip ?? [])
  const reading: Reading = {
    ...resolved,
    problems,
    folder: folderOf(template),
    found: new Map(),
    functions: options.functions ?? {},
    managedPolicies: options.managedPolicies ?? {},
  }
  const definition = definitionFrom(reading, options.users)
  noteTheRest(reading)
  if (problems.refusals.length > 0) throw templateError(template.file, problems.refusals)
  checkDefinition(definition)
  return { definition, leftOut: problems.notes, outputs: resolved.outputs, file: template.file }
}

function definitionFrom(reading: Reading, users: TemplateOptions['users']): StackDefinition {
  const { region, accountId } = reading
  const userPool = readUserPool(reading, preferredClient(reading))
  const pool = userPool?.definition ?? {}
  const identity = readIdentityPool(reading, userPool)
  const apis = readApis({ ...reading, userPool, appClients: pool.appClients })
  const functionUrls = readFunctionUrls(reading)
  const names = new Map(apis.map(({ id, name }) => [id, name]))
  const ownUsers = Object.keys(pool.users ?? {}).length > 0 ? pool.users : undefined
  return {
    region,
    accountId,
    ...pool,
    ...identity,
    users: users ?? ownUsers ?? oneUserForEachGroup(pool),
    ids: {
      ...pool.ids,
      ...identity.ids,
      apis: Object.fromEntries(apis.map(({ id, name }) => [name, id])),
    },
    ...readUsagePlans(reading, names),
    apis: Object.fromEntries(apis.map(({ name, api }) => [name, api])),
    ...(Object.keys(functionUrls).length > 0 && { functionUrls }),
  }
}

/** One user for every group, so that a template without users can be tried. */
function oneUserForEachGroup({
  groups = {},
  groupsWithoutRole = [],
}: Partial<StackDefinition>): Record<string, UserDefinition> {
  const names = [...Object.keys(groups), ...groupsWithoutRole]
  if (names.length === 0) return { user: {} }
  return Object.fromEntries(names.map((name) => [name, { groups: [name] }]))
}

interface NamedApi {
  name: string
  id: string
  api: ApiDefinition
}

function readApis(reading: ApiReading): NamedApi[] {
  const http = resourcesOf(reading, 'AWS::ApiGatewayV2::Api').flatMap((resource) => {
    if (textIn(resource.properties, 'ProtocolType') !== 'WEBSOCKET')
      return [readHttpApi(reading, resource)]
    reading.problems.note(resource.logicalId, 'WebSocket APIs of templates are not run')
    return []
  })
  const rest = resourcesOf(reading, 'AWS::ApiGateway::RestApi').map((resource) =>
    readRestApi(reading, resource),
  )
  return [...http, ...rest, ...readServerlessApis(reading)].flatMap((api) => named(reading, api))
}

function named(reading: ApiReading, read: ReadApi): NamedApi[] {
  const { logicalId } = read
  const resource = reading.resources.get(logicalId)
  const type = read.type === 'http' ? 'AWS::Serverless::HttpApi' : 'AWS::Serverless::Api'
  const id = idOf(reading, { logicalId, ...(resource ?? { type, properties: {} }) })
  const api = definitionOf(reading, read)
  if (api) return [{ name: logicalId, id, api }]
  reading.problems.note(logicalId, 'it has no route that is run')
  return []
}
