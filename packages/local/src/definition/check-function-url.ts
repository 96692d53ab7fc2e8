import { checkPolicy } from '@iamfetch/policy'
import { show } from '../invalid-option.ts'
import { canStream, checkCors } from './check-api.ts'
import { checkHandler } from './check-backend.ts'
import { checkPlaceholders } from './check-role.ts'
import { fail, isText, objectAt, onlyKeys, OWNER } from './place.ts'

/**
 * Checks the `functionUrls` of a definition.
 *
 * @param apiNames  Function URLs and APIs share their names: faults, ports and tests name both.
 * @throws `TypeError` that names the place and what it must be.
 */
export function checkFunctionUrls(value: unknown, apiNames: readonly string[]): void {
  if (value === undefined) return
  const functions = new Map<unknown, string>()
  const urls = objectAt(value, 'functionUrls', 'an object: { chat: { authType, handler } }')
  for (const [name, functionUrl] of Object.entries(urls)) {
    const path = `functionUrls.${name}`
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
      fail(path, 'is not a name for a function URL; use up to 64 letters, digits, - and _')
    }
    if (apiNames.includes(name)) fail(path, 'must not have the name of an API')
    const url = objectAt(functionUrl, path, "a function URL: { authType: 'AWS_IAM', handler }")
    checkFunctionUrl(url, path)
    const { functionName = name } = url
    const other = functions.get(functionName)
    if (other !== undefined) {
      fail(path, `must not have the function of "${other}": a function has one URL`)
    }
    functions.set(functionName, path)
  }
}

const MEMBERS = ['authType', 'invokeMode', 'functionName', 'cors', 'resourcePolicy', 'handler']

function checkFunctionUrl(url: Record<string, unknown>, path: string): void {
  onlyKeys(url, path, MEMBERS)
  const { authType, invokeMode, functionName, cors, resourcePolicy, handler } = url
  if (authType !== 'AWS_IAM' && authType !== 'NONE') {
    fail(`${path}.authType`, `must be "AWS_IAM" or "NONE", got ${show(authType)}`)
  }
  if (invokeMode !== undefined && invokeMode !== 'BUFFERED' && invokeMode !== 'RESPONSE_STREAM') {
    fail(`${path}.invokeMode`, `must be "BUFFERED" or "RESPONSE_STREAM", got ${show(invokeMode)}`)
  }
  if (functionName !== undefined && !isText(functionName, /^[A-Za-z0-9_-]{1,64}$/)) {
    const what = 'must have up to 64 letters, digits, - and _ only'
    fail(`${path}.functionName`, `${what}, got ${show(functionName)}`)
  }
  if (cors !== undefined) checkFunctionCors(cors, `${path}.cors`)
  checkHandler(handler, `${path}.handler`)
  if (invokeMode === 'RESPONSE_STREAM' && !canStream(handler)) {
    fail(`${path}.invokeMode`, 'needs a "handler" that is a function or a file')
  }
  if (resourcePolicy === undefined) return
  const at = `${path}.resourcePolicy`
  checkPolicy(resourcePolicy, { owner: OWNER, path: at, kind: 'resource' })
  checkPlaceholders(resourcePolicy, at, [])
}

/** A function URL has exact origins only, and always puts its CORS headers on a refusal (unverified). */
function checkFunctionCors(value: unknown, path: string): void {
  const { onErrors } = objectAt(value, path, `an object: { allowOrigins: ['*'] }`)
  if (onErrors !== undefined) fail(`${path}.onErrors`, 'is for APIs')
  checkCors(value, path, 'rest')
}
