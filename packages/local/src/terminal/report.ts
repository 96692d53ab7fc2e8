import { printable } from '../http/printable.ts'
import type { Paint } from './paint.ts'
import type { Running } from './running.ts'

/**
 * Describes a running stack for a person: where it listens, who can sign in, and a call to try.
 *
 * @param platform  Whose shell the calls are for.
 */
export function report(
  running: Running,
  paint: Paint,
  platform: NodeJS.Platform = process.platform,
): string {
  const { told, routes, functionUrls, groups, scopes } = printableTexts(running)
  const { config, users, appClients, apiKeys } = told
  const apis = Object.entries(config.apis).map(([name, { url }]) => {
    const keys = (routes[name] ?? []).map(([key]) => key)
    const column = columnOf(keys, 28)
    const list = (routes[name] ?? []).map(([key, auth]) => `    ${column(key)}${auth}`)
    return [paint('bold', `API ${name}`), `  ${url}`, ...list].join('\n')
  })
  const urls = Object.entries(config.functionUrls).map(
    ([name, { url }]) =>
      `${paint('bold', `Function URL ${name}`)}\n  ${url}  ${functionUrls[name] ?? ''}`,
  )
  const userColumn = columnOf(Object.keys(users), 14)
  const passwords = Object.values(users).map(({ password }) => password)
  const passwordColumn = columnOf(passwords, 24)
  const people = Object.values(users).map(
    ({ username, password }) =>
      `  ${userColumn(username)}${passwordColumn(password)}${(groups[username] ?? []).join(', ')}`,
  )
  const clientColumn = columnOf(Object.keys(appClients), 14)
  const clients = Object.entries(appClients).map(
    ([name, { clientId, clientSecret }]) => `  ${clientColumn(name)}${clientId}  ${clientSecret}`,
  )
  const keyColumn = columnOf(Object.keys(apiKeys), 14)
  const keys = Object.entries(apiKeys).map(([name, { value }]) => `  ${keyColumn(name)}${value}`)
  const { cognitoIdp, oauth } = config.endpoints
  return [
    ...apis,
    ...urls,
    `${paint('bold', 'Cognito')}\n  ${cognitoIdp}\n  ${cognitoIdp}/config.json`,
    ...(people.length > 0 ? [`${paint('bold', 'Users')}\n${people.join('\n')}`] : []),
    ...(clients.length > 0
      ? [`${paint('bold', 'App clients')}, ${oauth}/oauth2/token\n${clients.join('\n')}`]
      : []),
    ...(keys.length > 0
      ? [`${paint('bold', 'API keys')}, header x-api-key\n${keys.join('\n')}`]
      : []),
    ...sampleCalls({ told, routes, functionUrls, groups, scopes }, paint, platform),
    'Ctrl-C ends it.',
  ].join('\n\n')
}

/** Returns a function that pads texts to one width: that of the longest and two spaces, at least `least`. */
function columnOf(texts: readonly string[], least: number): (text: string) => string {
  const width = Math.max(least, ...texts.map((text) => text.length + 2))
  return (text) => text.padEnd(width)
}

/** Copies plain data with every text in it, names of members included, fit for a terminal. */
const printableTexts = <T>(data: T): T =>
  JSON.parse(JSON.stringify(data), (_, value: unknown) => {
    if (typeof value === 'string') return printable(value)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, entry]) => [printable(name), entry]),
    )
  })

/** One line for each way to call that the stack has, to be copied as it is. */
function sampleCalls(
  { told, routes, functionUrls, scopes }: Running,
  paint: Paint,
  platform: NodeJS.Platform,
): string[] {
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
  const publicUrl = Object.keys(functionUrls).find((name) => functionUrls[name] === 'NONE')
  if (publicUrl !== undefined) lines.push(`curl -i ${config.functionUrls[publicUrl]?.url}`)
  const signed = route('iam')
  if (signed && user !== undefined) {
    const api = names.length > 1 ? ` --api ${signed[0]}` : ''
    const call = signed[1].replace(/^ANY /, 'GET ')
    if (platform === 'win32') {
      // The command finds the stack and its passwords at a socket, which Windows does not have. For PowerShell.
      const password = users[user]?.password.replaceAll("'", "''")
      lines.push(
        `$env:IAMFETCH_PASSWORD = '${password}'`,
        `npx iamfetch sign --stack ${config.endpoints.cognitoIdp} --user ${user}${api} ${call}`,
      )
    } else lines.push(`npx iamfetch sign --user ${user}${api} ${call} | sh`)
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
