import { checkHandler } from './check-backend.ts'
import { fail, isText, objectAt, onlyKeys } from './place.ts'
import { show } from '../invalid-option.ts'

/**
 * Checks one WebSocket API of a definition.
 *
 * @throws `TypeError` that names the place and what it must be.
 */
export function checkWebSocketApi(api: Record<string, unknown>, path: string): void {
  onlyKeys(api, path, ['type', 'stage', 'routes'])
  const { stage } = api
  if (stage !== undefined && !isText(stage, /^[A-Za-z0-9_-]{1,128}$/)) {
    fail(`${path}.stage`, `must have letters, digits, - and _ only, got ${show(stage)}`)
  }
  const routes = objectAt(api['routes'], `${path}.routes`, 'an object: { $connect: … }')
  if (Object.keys(routes).length === 0) {
    fail(`${path}.routes`, 'must have a route such as "$connect"')
  }
  for (const [key, value] of Object.entries(routes)) {
    const at = `${path}.routes['${key}']`
    if (key.startsWith('$') ? !OWN.includes(key) : !/^[\w.-]{1,128}$/.test(key)) {
      fail(at, `must be ${OWN.join(', ')}, or the action of a message`)
    }
    const route = objectAt(value, at, "a route: { auth: 'iam', handler }")
    onlyKeys(route, at, ['auth', 'handler'])
    const { auth, handler } = route
    if (auth !== undefined && auth !== 'none' && auth !== 'iam') {
      fail(`${at}.auth`, `must be "iam" or "none", got ${show(auth)}`)
    }
    if (auth === 'iam' && key !== '$connect') {
      fail(`${at}.auth`, 'must not be "iam"; authorize $connect, which every message needs')
    }
    checkHandler(handler, `${at}.handler`)
  }
}

const OWN = ['$connect', '$disconnect', '$default']
