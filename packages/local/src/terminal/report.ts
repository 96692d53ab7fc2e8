import type { LocalStack } from '../stack.ts'
import type { Paint } from './paint.ts'

/** A stack that runs, as plain data: what it tells, and what of the definition is shown beside. */
export interface Running {
  /** What `--json` prints. */
  told: Pick<LocalStack, 'config' | 'users' | 'appClients' | 'roles' | 'admin'>
  /** By API: each route with what it asks for. */
  routes: Record<string, [key: string, auth: string][]>
  /** By user. */
  groups: Record<string, string[]>
  /** By app client. */
  scopes: Record<string, string[]>
}

/** What is running, for a person: where, who can sign in, and a call to try. */
export function report({ told, routes, groups, scopes }: Running, paint: Paint): string {
  const { config, users, appClients } = told
  const apis = Object.entries(config.apis).map(([name, { url }]) => {
    const list = (routes[name] ?? []).map(([key, auth]) => `    ${key.padEnd(28)}${auth}`)
    return [paint('bold', `API ${name}`), `  ${url}`, ...list].join('\n')
  })
  const people = Object.values(users).map(
    ({ username, password }) =>
      `  ${username.padEnd(14)}${password.padEnd(24)}${(groups[username] ?? []).join(', ')}`,
  )
  const clients = Object.entries(appClients).map(
    ([name, { clientId, clientSecret }]) => `  ${name.padEnd(14)}${clientId}  ${clientSecret}`,
  )
  const { cognitoIdp, oauth } = config.endpoints
  return [
    ...apis,
    `${paint('bold', 'Cognito')}\n  ${cognitoIdp}\n  ${cognitoIdp}/config.json`,
    ...(people.length > 0 ? [`${paint('bold', 'Users')}\n${people.join('\n')}`] : []),
    ...(clients.length > 0
      ? [`${paint('bold', 'App clients')}, ${oauth}/oauth2/token\n${clients.join('\n')}`]
      : []),
    ...tries({ told, routes, groups, scopes }, paint),
    'Ctrl-C ends it.',
  ].join('\n\n')
}

/** One line for each way to call that the stack has, to be copied as it is. */
function tries({ told, routes, scopes }: Running, paint: Paint): string[] {
  const { config, users, appClients } = told
  const lines: string[] = []
  const [user] = Object.keys(users)
  const names = Object.keys(routes).filter((name) => config.apis[name]?.url.startsWith('http'))
  const route = (auth: string): [api: string, key: string] | undefined =>
    names.flatMap((api) => {
      const plain = (routes[api] ?? []).filter(([key, is]) => is === auth && !/[{$]/.test(key))
      return plain.map(([key]): [string, string] => [api, key])
    })[0]
  const open = route('none')
  if (open && /^(GET|ANY) /.test(open[1])) {
    lines.push(`curl -i ${config.apis[open[0]]?.url}${open[1].replace(/^\w+ /, '')}`)
  }
  const signed = route('iam')
  if (signed && user !== undefined) {
    const api = names.length > 1 ? ` --api ${signed[0]}` : ''
    const call = signed[1].replace(/^ANY /, 'GET ')
    lines.push(`npx @iamfetch/local sign --user ${user}${api} ${call} | sh`)
  }
  const [machine] = Object.entries(appClients)
  if (machine) {
    const [name, { clientId, clientSecret }] = machine
    const scope = (scopes[name] ?? []).join(' ')
    lines.push(
      `curl -s ${config.endpoints.oauth}/oauth2/token -u ${clientId}:${clientSecret} -d grant_type=client_credentials --data-urlencode 'scope=${scope}'`,
    )
  }
  return lines.length > 0 ? [`${paint('bold', 'Try')}\n  ${lines.join('\n  ')}`] : []
}
