import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findFiles } from '../../../scripts/files.ts'

/** Resources that the emulator cannot create. The deployment leaves them out; README.md has the reasons. */
const LEFT_OUT = [
  'AWS::SecretsManager::RotationSchedule',
  'Custom::AppClientSecret',
  'Custom::CDKBucketDeployment',
  'Custom::S3AutoDeleteObjects',
]

interface Template {
  Resources: Record<string, Resource>
}
interface Resource {
  Type: string
  Properties: { Environment?: { Variables: Record<string, unknown> } }
}

/**
 * Changes the synthesized templates of a folder as far as the emulator needs it. Policies, roles, authorizers, routes
 * and functions stay as they are.
 *
 * @returns The logical IDs of the removed resources, with their types.
 */
export function adaptTemplates(folder: string, emulatorUrl: string): string[] {
  const leftOut: string[] = []
  for (const name of findFiles('*.template.json', { cwd: folder })) {
    const file = join(folder, name)
    const template: Template = JSON.parse(readFileSync(file, 'utf8'))
    for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
      if (LEFT_OUT.includes(Type)) {
        leftOut.push(`${name.replace('.template.json', '')}/${id} (${Type})`)
        delete template.Resources[id]
      } else if (Type === 'AWS::Lambda::Function' && Properties.Environment) {
        pointToEmulator(Properties.Environment.Variables, emulatorUrl)
      }
    }
    writeFileSync(file, JSON.stringify(withArnsOfSecrets(template, template)))
  }
  return leftOut
}

/** The variables by which the functions find the services somewhere else than on AWS. */
function pointToEmulator(variables: Record<string, unknown>, url: string): void {
  Object.assign(variables, { COGNITO_IDP_URL: url, DYNAMODB_URL: url, SECRETS_MANAGER_URL: url })
  if (variables['TOKEN_URL']) variables['TOKEN_URL'] = `${url}/oauth2/token`
  // Not every machine resolves names below `localhost`, so the functions use the form with the ID in the path.
  const endpoint = variables['PROVIDER_URL']
  if (endpoint)
    variables['PROVIDER_URL'] = {
      'Fn::Join': ['', [`${url}/_aws/execute-api/`, idOf(endpoint), '/$default']],
    }
}

/** The API's ID in `https://<id>.execute-api.…`, read by CloudFormation. */
const idOf = (endpoint: unknown): unknown => ({
  'Fn::Select': [
    2,
    { 'Fn::Split': ['/', { 'Fn::Select': [0, { 'Fn::Split': ['.', endpoint] }] }] },
  ],
})

/** The emulator's `Ref` of a secret is its name. On AWS it is the ARN, which `Fn::GetAtt` has on both. */
function withArnsOfSecrets(value: unknown, { Resources }: Template): unknown {
  const walk = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(walk)
    if (typeof inner !== 'object' || inner === null) return inner
    const entries = Object.entries(inner)
    const [name, reference] = entries[0] ?? []
    const isReference = entries.length === 1 && name === 'Ref'
    if (isReference && Resources[reference]?.Type === 'AWS::SecretsManager::Secret') {
      return { 'Fn::GetAtt': [reference, 'Id'] }
    }
    return Object.fromEntries(entries.map(([key, member]) => [key, walk(member)]))
  }
  return walk(value)
}
