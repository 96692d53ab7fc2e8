import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { stackFromTemplate, type HandlerSource } from '@iamfetch/local'
import type { Row } from './row.ts'

/** SAM's partition-independent results are for this region. */
const REGION = 'ap-southeast-1'

/** Any function is there, so that Lambda authorizers are known. */
const ANY_FUNCTION: Readonly<Record<string, HandlerSource>> = new Proxy(
  {},
  { get: (_, name) => (typeof name === 'string' ? () => ({}) : undefined) },
)

/**
 * Reads each template of SAM's own tests twice, as it is written and as SAM expands it, and compares who may call each route.
 *
 * @param folder  `tests/translator` of aws/serverless-application-model.
 */
export function compareWithSam(folder: string): Row[] {
  if (!existsSync(join(folder, 'output'))) {
    return [
      { ok: undefined, text: 'the tests of SAM (tests/translator/output) are not in the folder' },
    ]
  }
  const names = readdirSync(join(folder, 'input'))
    .map((name) => name.replace(/\.yaml$/, ''))
    .filter((name) => existsSync(join(folder, 'output', `${name}.json`)))
  let same = 0
  const rows: Row[] = []
  for (const name of names) {
    const written = decisionsOf(join(folder, 'input', `${name}.yaml`))
    const expanded = decisionsOf(join(folder, 'output', `${name}.json`))
    // What one of the two refuses to decide cannot be decided differently.
    if (!written || !expanded) continue
    const common = Object.keys(written).filter((route) => route in expanded)
    const other = common.find((route) => written[route] !== expanded[route])
    if (other === undefined) same += common.length
    else {
      const text = `${name}, ${other}: ${written[other]} as written, ${expanded[other]} as SAM expands it`
      rows.push({ ok: false, text })
    }
  }
  return [...rows, { ok: same > 0, text: `${same} routes are decided as in what SAM expands` }]
}

/** Who may call each route, as text; `undefined` if the template is refused. */
function decisionsOf(path: string): Record<string, string> | undefined {
  try {
    const { apis = {} } = stackFromTemplate(path, {
      functions: ANY_FUNCTION,
      region: REGION,
    }).definition
    return Object.fromEntries(
      Object.entries(apis).flatMap(([name, api]) => {
        if (api.type === 'websocket') return []
        return Object.entries(api.routes).map(([key, { auth, scopes, apiKeyRequired }]) => [
          `${name} ${key}`,
          JSON.stringify({
            auth,
            scopes,
            apiKeyRequired,
            policy: api.resourcePolicy !== undefined,
          }),
        ])
      }),
    )
  } catch {
    return undefined
  }
}
