import { show } from '../invalid-option.ts'
import { fail, isText, objectAt, onlyKeys } from './place.ts'

/**
 * Checks the IDs that a definition fixes.
 *
 * @throws `TypeError` that names the place and what it must be.
 */
export function checkIds(value: unknown, region: string): void {
  if (value === undefined) return
  const path = 'ids'
  const ids = objectAt(value, path, 'an object: { userPoolId, identityPoolId }')
  onlyKeys(ids, path, ['userPoolId', 'userPoolClientId', 'identityPoolId', 'apis'])
  const { userPoolId, userPoolClientId, identityPoolId, apis } = ids
  const inRegion = (id: unknown, form: RegExp, mark: string): boolean =>
    isText(id, form) && String(id).startsWith(`${region}${mark}`)
  if (userPoolId !== undefined && !inRegion(userPoolId, /_[A-Za-z0-9]{1,55}$/, '_')) {
    fail(`${path}.userPoolId`, `must look like "${region}_AbCdEf123", got ${show(userPoolId)}`)
  }
  checkClientId(userPoolClientId, `${path}.userPoolClientId`)
  if (identityPoolId !== undefined && !inRegion(identityPoolId, /:[0-9a-f-]{36}$/, ':')) {
    const example = `${region}:11111111-2222-4333-8444-555555555555`
    fail(`${path}.identityPoolId`, `must look like "${example}", got ${show(identityPoolId)}`)
  }
  if (apis === undefined) return
  for (const [name, id] of Object.entries(objectAt(apis, `${path}.apis`, 'an object'))) {
    if (isText(id, /^[a-z0-9]{1,32}$/)) continue
    fail(`${path}.apis.${name}`, `must have lower-case letters and digits only, got ${show(id)}`)
  }
}

/** Checks the ID of an app client. */
export function checkClientId(value: unknown, path: string): void {
  if (value === undefined || isText(value, /^[\w+]{1,128}$/)) return
  fail(path, `must have letters, digits, + and _ only, got ${show(value)}`)
}
