import { existsSync, readFileSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'
import { invalidOption } from '../invalid-option.ts'
import { NO_VALUE, resolve, type Scope } from './intrinsics.ts'
import { parseYaml } from './parse-template.ts'
import { attributeOf, refOf, type RawResource, type Surroundings } from './physical-ids.ts'
import {
  dictionaryIn,
  isDictionary,
  memberOf,
  textIn,
  Unresolved,
  type Dictionary,
} from './values.ts'

/** What reading a template needs. */
export interface ScopeOptions extends Surroundings {
  parameters: Readonly<Record<string, string>>
  imports: Readonly<Record<string, string>>
  /** The folder of the template, for `AWS::Include`. */
  folder: string
  /** The name of the stack, for `AWS::StackName`. */
  stackName: string
}

/** A template with everything in it resolved. */
export interface ResolvedTemplate extends Surroundings {
  /** By logical ID; those whose condition is not met are left out. */
  resources: ReadonlyMap<string, RawResource>
  /** By the name of the output. */
  outputs: Readonly<Record<string, string>>
  /** `Globals` of a SAM template. */
  globals: unknown
}

/** Resources that SAM adds, by the logical IDs that templates refer to. */
const IMPLICIT: Readonly<Record<string, string>> = {
  ServerlessRestApi: 'AWS::Serverless::Api',
  ServerlessHttpApi: 'AWS::Serverless::HttpApi',
}

/** Resolves the resources and outputs of a template. */
export function resolveTemplate(template: Dictionary, options: ScopeOptions): ResolvedTemplate {
  const raw = new Map<string, RawResource & { condition: string | undefined }>()
  for (const [logicalId, resource] of Object.entries(dictionaryIn(template, 'Resources'))) {
    const type = textIn(resource, 'Type') ?? ''
    const condition = textIn(resource, 'Condition')
    raw.set(logicalId, { type, properties: dictionaryIn(resource, 'Properties'), condition })
  }
  const scope = createScope(template, raw, options)
  const resources = new Map<string, RawResource>()
  for (const [logicalId, { type, properties, condition }] of raw) {
    if (condition !== undefined && !scope.condition(condition)) continue
    const resolved = resolve(properties, scope)
    resources.set(logicalId, { type, properties: isDictionary(resolved) ? resolved : {} })
  }
  const { region, accountId, partition } = options
  const globals = resolve(template['Globals'], scope)
  return { resources, outputs: outputsOf(template, scope), globals, region, accountId, partition }
}

function outputsOf(template: Dictionary, scope: Scope): Record<string, string> {
  const outputs: Record<string, string> = {}
  for (const [name, output] of Object.entries(dictionaryIn(template, 'Outputs'))) {
    const condition = textIn(output, 'Condition')
    if (condition !== undefined && !scope.condition(condition)) continue
    const value = resolve(memberOf(output, 'Value'), scope)
    if (typeof value === 'string') outputs[name] = value
  }
  return outputs
}

// oxlint-disable-next-line max-lines-per-function -- short functions that share the state of the closure
function createScope(
  template: Dictionary,
  raw: ReadonlyMap<string, RawResource>,
  options: ScopeOptions,
): Scope {
  const parameters = parametersOf(template, options.parameters)
  const pseudo = pseudoParameters(options)
  const met = new Map<string, boolean>()
  const names = new Map<string, RawResource>()
  const nameOf = (logicalId: string): RawResource | undefined => {
    const known = names.get(logicalId)
    const given = raw.get(logicalId)
    if (known || !given) return known ?? implicit(logicalId)
    // While its own properties are resolved, a resource has its logical ID as its name: a name may contain a parameter.
    names.set(logicalId, { ...given, properties: {} })
    const properties = resolve(namesOnly(given.properties), scope)
    const resource = { ...given, properties: isDictionary(properties) ? properties : {} }
    names.set(logicalId, resource)
    return resource
  }
  const scope: Scope = {
    ref(name) {
      if (pseudo.has(name)) return pseudo.get(name)
      if (parameters.has(name)) return parameters.get(name)
      const resource = nameOf(name)
      if (resource) return refOf(name, resource, options)
      return new Unresolved(`Ref ${name} names nothing in the template`)
    },
    attribute(logicalId, attribute) {
      const resource = nameOf(logicalId)
      if (resource) return attributeOf(logicalId, resource, attribute, options)
      return new Unresolved(`Fn::GetAtt ${logicalId}.${attribute} names nothing in the template`)
    },
    condition(name) {
      const known = met.get(name)
      if (known !== undefined) return known
      // A condition that refers to itself is not met.
      met.set(name, false)
      const definition = memberOf(template['Conditions'], name)
      if (definition === undefined) {
        throw invalidOption('stackFromTemplate', `the template has no condition "${name}"`)
      }
      const result = resolve(definition, scope)
      if (result instanceof Unresolved) {
        const what = `the condition "${name}" of the template is not known: ${result.reason}`
        throw invalidOption('stackFromTemplate', what)
      }
      met.set(name, result === true)
      return result === true
    },
    mapped: (map, first, second) =>
      memberOf(memberOf(memberOf(template['Mappings'], map), first), second),
    included(location) {
      const path = resolvePath(options.folder, location)
      if (location.startsWith('s3:') || !existsSync(path)) {
        return new Unresolved(`Fn::Transform AWS::Include of ${location}: there is no such file`)
      }
      return parseYaml(readFileSync(path, 'utf8'))
    },
    imported(name) {
      const { imports } = options
      if (Object.hasOwn(imports, name)) return imports[name]
      return new Unresolved(`Fn::ImportValue "${name}" needs a value in the option "imports"`)
    },
  }
  return scope
}

function implicit(logicalId: string): RawResource | undefined {
  const type = Object.hasOwn(IMPLICIT, logicalId) ? IMPLICIT[logicalId] : undefined
  return type === undefined ? undefined : { type, properties: {} }
}

/** The properties that a physical ID is built from: texts alone, so that resources may refer to each other. */
const namesOnly = (properties: Dictionary): Dictionary =>
  Object.fromEntries(
    Object.entries(properties).filter(([name]) => /(Name|Identifier|Domain)$/.test(name)),
  )

function pseudoParameters({ region, accountId, partition, stackName }: ScopeOptions) {
  const stackId = `arn:${partition}:cloudformation:${region}:${accountId}:stack/${stackName}/00000000-0000-4000-8000-000000000000`
  return new Map<string, unknown>([
    ['AWS::AccountId', accountId],
    ['AWS::NoValue', NO_VALUE],
    ['AWS::NotificationARNs', []],
    ['AWS::Partition', partition],
    ['AWS::Region', region],
    ['AWS::StackId', stackId],
    ['AWS::StackName', stackName],
    ['AWS::URLSuffix', 'amazonaws.com'],
  ])
}

/** @throws `TypeError` for a value that the template has no parameter for, or that it does not allow. */
function parametersOf(
  template: Dictionary,
  given: Readonly<Record<string, string>>,
): Map<string, unknown> {
  const definitions = dictionaryIn(template, 'Parameters')
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(definitions, name))
  if (unknown !== undefined) {
    const names = Object.keys(definitions).join(', ') || 'none'
    throw invalidOption(
      'stackFromTemplate',
      `"parameters.${unknown}" is not a parameter of the template, which has ${names}`,
    )
  }
  return new Map(
    Object.entries(definitions).map(([name, definition]) => [
      name,
      parameterValue(name, definition, given[name]),
    ]),
  )
}

function parameterValue(name: string, definition: unknown, given: string | undefined): unknown {
  const value = given ?? textIn(definition, 'Default')
  if (value === undefined) {
    return new Unresolved(`the parameter ${name} has no default; give it with "parameters"`)
  }
  const allowed = memberOf(definition, 'AllowedValues')
  if (Array.isArray(allowed) && !allowed.map(String).includes(value)) {
    throw invalidOption(
      'stackFromTemplate',
      `"parameters.${name}" must be one of ${allowed.join(', ')}`,
    )
  }
  const type = textIn(definition, 'Type') ?? 'String'
  if (type.startsWith('AWS::SSM::Parameter::Value')) {
    if (given !== undefined) return given
    return new Unresolved(`the parameter ${name} is in Parameter Store; give it with "parameters"`)
  }
  if (type === 'CommaDelimitedList' || type.startsWith('List<')) {
    return value.split(',').map((entry) => entry.trim())
  }
  return value
}
