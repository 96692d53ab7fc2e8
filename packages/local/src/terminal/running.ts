import type { StackDefinition } from '../definition/definition.ts'
import type { LocalStack } from '../local-stack.ts'

/** A running stack as plain data: what it reports, and the parts of its definition that are shown with it. */
export interface Running {
  /** What `--json` prints. */
  told: Pick<LocalStack, 'config' | 'users' | 'appClients' | 'roles' | 'admin' | 'apiKeys'>
  /** By API: each route with its authorization. */
  routes: Record<string, [key: string, auth: string][]>
  /** By function URL: its authorization. */
  functionUrls: Record<string, string>
  /** By user. */
  groups: Record<string, string[]>
  /** By app client. */
  scopes: Record<string, string[]>
}

/** Returns everything about a stack that the terminal shows. */
export function runningOf(
  { config, users, appClients, roles, admin, apiKeys }: LocalStack,
  definition: StackDefinition,
): Running {
  const routes = Object.entries(definition.apis ?? {}).map(([name, api]) => {
    const list = Object.entries(api.routes)
    return [name, list.map(([key, { auth = 'none' }]): [string, string] => [key, auth])] as const
  })
  const groups = Object.entries(definition.users ?? {}).map(([name, user]) => [
    name,
    [...(user.groups ?? [])],
  ])
  return {
    told: { config, users, appClients, roles, admin, apiKeys },
    routes: Object.fromEntries(routes),
    functionUrls: Object.fromEntries(
      Object.entries(definition.functionUrls ?? {}).map(([name, { authType }]) => [name, authType]),
    ),
    groups: Object.fromEntries(groups),
    scopes: Object.fromEntries(
      Object.entries(definition.appClients ?? {}).map(([name, { scopes }]) => [name, [...scopes]]),
    ),
  }
}
