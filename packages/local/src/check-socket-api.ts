import { fail, isText, objectAt, onlyKeys, show } from './at-path.ts'

/**
 * Checks one WebSocket API of a definition.
 *
 * @throws TypeError that names the place and what to do.
 */
export function checkSocketApi(api: Record<string, unknown>, path: string): void {
  onlyKeys(api, path, ['type', 'stage', 'routes'])
  const { stage } = api
  if (stage !== undefined && !isText(stage, /^[A-Za-z0-9_-]{1,128}$/)) {
    fail(`${path}.stage`, `is ${show(stage)}`, 'Write letters, digits, - and _.')
  }
  const routes = objectAt(api['routes'], `${path}.routes`, 'an object: { $connect: … }')
  if (Object.keys(routes).length === 0) {
    fail(`${path}.routes`, 'is empty', "An API needs a route, as '$connect'.")
  }
  for (const [key, value] of Object.entries(routes)) {
    const at = `${path}.routes['${key}']`
    if (key.startsWith('$') ? !OWN.includes(key) : !/^[\w.-]{1,128}$/.test(key)) {
      fail(at, 'is no route key', `Write ${OWN.join(', ')}, or the action of a message.`)
    }
    const route = objectAt(value, at, "a route: { auth: 'iam', handler }")
    onlyKeys(route, at, ['auth', 'handler'])
    const { auth, handler } = route
    if (auth !== undefined && auth !== 'none' && auth !== 'iam') {
      fail(`${at}.auth`, `is ${show(auth)}`, "Write 'iam' or 'none'.")
    }
    if (auth === 'iam' && key !== '$connect') {
      fail(`${at}.auth`, "is 'iam'", 'Authorize $connect: a message comes with its connection.')
    }
    if (typeof handler !== 'function') {
      fail(`${at}.handler`, `is ${show(handler)}`, 'Write a function (event, context) => result.')
    }
  }
}

const OWN = ['$connect', '$disconnect', '$default']
