import type { StackDefinition } from './definition/definition.ts'
import { checkOptions, invalidOption, show } from './invalid-option.ts'

/** At which ports of the loopback addresses a stack listens. 0, or nothing, is any that is free. */
export interface Ports {
  cognito?: number
  /** By the names of the APIs. */
  apis?: Readonly<Record<string, number>>
}

const OWNER = 'startLocalStack'

/** @throws `TypeError` for a value that is not a port, and for an API that the definition does not have. */
export function checkPorts(ports: Ports, definition: Pick<StackDefinition, 'apis'>): void {
  checkOptions(OWNER, ports, { cognito: true, apis: true }, 'ports')
  const { cognito, apis = {} } = ports
  const all = Object.entries(apis).map(([name, port]) => [`ports.apis.${name}`, port] as const)
  for (const [path, port] of [['ports.cognito', cognito ?? 0] as const, ...all]) {
    if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
      throw invalidOption(OWNER, `"${path}" must be a port from 0 to 65535, got ${show(port)}`)
    }
  }
  for (const name of Object.keys(apis)) {
    if (Object.hasOwn(definition.apis ?? {}, name)) continue
    throw invalidOption(
      OWNER,
      `"ports.apis.${name}" must have the name of an API of the definition`,
    )
  }
}

/**
 * Plans the ports of a stack: the ones that an earlier stack had, by name; for what is new those that follow `first`.
 *
 * @param first  Cognito's port; the ports of the APIs follow it. Defaults to any free ports.
 */
export function planPorts(
  names: readonly string[],
  { first, before = {} }: { first?: number | undefined; before?: Ports },
): Required<Ports> {
  const taken = new Set([first, before.cognito, ...Object.values(before.apis ?? {})])
  let next = first ?? 0
  const following = (): number => {
    if (first === undefined) return 0
    do next++
    while (taken.has(next))
    return next
  }
  const apis = names.map((name): [string, number] => [name, before.apis?.[name] ?? following()])
  return { cognito: before.cognito ?? first ?? 0, apis: Object.fromEntries(apis) }
}

/** The ports that a stack's URLs name. */
export function portsOf(config: {
  endpoints: { cognitoIdp: string }
  apis: Readonly<Record<string, { url: string }>>
}): Ports {
  const portOf = (url: string): number => Number(new URL(url).port)
  return {
    cognito: portOf(config.endpoints.cognitoIdp),
    apis: Object.fromEntries(
      Object.entries(config.apis).map(([name, { url }]) => [name, portOf(url)]),
    ),
  }
}
