import type { StackDefinition } from './definition/definition.ts'
import { checkOptions, invalidOption, show } from './invalid-option.ts'

/** At which ports of the loopback addresses a stack listens. 0, or nothing, is any that is free. */
export interface Ports {
  cognito?: number
  /** By the names of the APIs. */
  apis?: Readonly<Record<string, number>>
  /** By the names of the function URLs. */
  functionUrls?: Readonly<Record<string, number>>
}

/** The APIs and the function URLs of a definition, by name. */
export interface Listeners {
  apis: readonly string[]
  functionUrls: readonly string[]
}

/** The names of everything in a definition that has its own port. */
export const listenersOf = ({
  apis = {},
  functionUrls = {},
}: Pick<StackDefinition, 'apis' | 'functionUrls'>): Listeners => ({
  apis: Object.keys(apis),
  functionUrls: Object.keys(functionUrls),
})

const OWNER = 'startLocalStack'

/** @throws `TypeError` for a value that is not a port, and for a name that the definition does not have. */
export function checkPorts(
  ports: Ports,
  definition: Pick<StackDefinition, 'apis' | 'functionUrls'>,
): void {
  checkOptions(OWNER, ports, { cognito: true, apis: true, functionUrls: true }, 'ports')
  checkPort('ports.cognito', ports.cognito ?? 0)
  for (const [part, what] of PARTS) {
    for (const [name, port] of Object.entries(ports[part] ?? {})) {
      checkPort(`ports.${part}.${name}`, port)
      if (Object.hasOwn(definition[part] ?? {}, name)) continue
      throw invalidOption(
        OWNER,
        `"ports.${part}.${name}" must have the name of ${what} of the definition`,
      )
    }
  }
}

const PARTS = [
  ['apis', 'an API'],
  ['functionUrls', 'a function URL'],
] as const

function checkPort(path: string, port: number): void {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return
  throw invalidOption(OWNER, `"${path}" must be a port from 0 to 65535, got ${show(port)}`)
}

/**
 * Plans the ports of a stack: the ones that an earlier stack had, by name; for what is new those that follow `first`.
 *
 * @param first  Cognito's port; the ports of the APIs and function URLs follow it. Defaults to any free ports.
 */
export function planPorts(
  names: Listeners,
  { first, before = {} }: { first?: number | undefined; before?: Ports },
): Required<Ports> {
  const taken = new Set([
    first,
    before.cognito,
    ...Object.values(before.apis ?? {}),
    ...Object.values(before.functionUrls ?? {}),
  ])
  let next = first ?? 0
  const following = (): number => {
    if (first === undefined) return 0
    do next++
    while (taken.has(next))
    return next
  }
  const plan = (part: 'apis' | 'functionUrls'): Record<string, number> =>
    Object.fromEntries(names[part].map((name) => [name, before[part]?.[name] ?? following()]))
  return {
    cognito: before.cognito ?? first ?? 0,
    apis: plan('apis'),
    functionUrls: plan('functionUrls'),
  }
}

type Urls = Readonly<Record<string, { readonly url: string }>>

/** The ports that a stack's URLs name. */
export function portsOf(config: {
  endpoints: { cognitoIdp: string }
  apis: Urls
  functionUrls: Urls
}): Required<Ports> {
  const portOf = (url: string): number => Number(new URL(url).port)
  const portsIn = (urls: Urls): Record<string, number> =>
    Object.fromEntries(Object.entries(urls).map(([name, { url }]) => [name, portOf(url)]))
  return {
    cognito: portOf(config.endpoints.cognitoIdp),
    apis: portsIn(config.apis),
    functionUrls: portsIn(config.functionUrls),
  }
}
