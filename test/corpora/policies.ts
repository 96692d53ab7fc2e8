import { checkPolicy, evaluate, type PolicyDocument, type PolicyStatement } from '@iamfetch/policy'
import { Counts, isRecord, type JsonFile, type Result } from './read-json-files.ts'

/** Loads each policy, and sees that each of its statements without a condition decides the request that it describes. */
export function runPolicies(files: readonly JsonFile[]): Result {
  const counts = new Counts()
  const faults: string[] = []
  const seen = new Set<string>()
  for (const { path, content } of files) {
    const document = documentIn(content)
    const text = JSON.stringify(document)
    if (document === undefined || seen.has(text)) continue
    seen.add(text)
    counts.add('policies')
    try {
      checkPolicy(document)
    } catch (error) {
      counts.add('refused')
      faults.push(`${path} is refused: ${String(error)}`)
      continue
    }
    for (const fault of faultsOf(document, counts)) faults.push(`${path}: ${fault}`)
  }
  return { counts: counts.all, faults }
}

/** The document, as AWS's API returns it or as a file contains it. */
function documentIn(content: unknown): unknown {
  if (!isRecord(content)) return undefined
  const { PolicyVersion, Document, document, Statement } = content
  if (isRecord(PolicyVersion)) return PolicyVersion['Document']
  return Document ?? document ?? (Statement === undefined ? undefined : content)
}

function faultsOf(document: PolicyDocument, counts: Counts): string[] {
  return listOf(document.Statement).flatMap((statement, place) => {
    const request = requestOf(statement)
    if (!request) return []
    counts.add('requests')
    const { effect } = evaluate(document, request)
    const expected = statement.Effect === 'Deny' ? ['ExplicitDeny'] : ['Allow', 'ExplicitDeny']
    if (expected.includes(effect)) return []
    return [`statement ${place} describes ${JSON.stringify(request)}, which is ${effect}`]
  })
}

/** A request that a statement matches; `undefined` if it depends on more than an action and a resource. */
function requestOf({
  Action,
  Resource,
  Condition,
}: PolicyStatement): { action: string; resource: string } | undefined {
  const [action] = listOf(Action)
  const [resource] = listOf(Resource)
  if (Condition !== undefined || action === undefined || resource === undefined) return undefined
  if (resource.includes('${')) return undefined
  const filled = resource === '*' ? 'arn:aws:s3:::example' : resource.replaceAll(/[*?]/g, 'x')
  const actionOfAny = action === '*' ? 's3:GetObject' : action.replaceAll(/[*?]/g, 'x')
  return { action: actionOfAny, resource: filled }
}

const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] => {
  if (value === undefined) return []
  return isList(value) ? value : [value]
}

const isList = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value)
