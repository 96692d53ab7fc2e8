import type { CorsDefinition } from '../definition/api.ts'
import type { ReadApi } from './api-model.ts'
import { dictionaryIn, isTrueIn, textIn, type Dictionary } from './values.ts'

/** REST APIs put single quotes around fixed values. */
export const unquoted = (text: string): string => text.replace(/^'(.*)'$/s, '$1')

const listed = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((header) => header.trim())
    .filter(Boolean)

/** Adds what a mock `OPTIONS` method allows. The local stack has one CORS configuration for an API. */
export function addPreflight(api: ReadApi, headers: Readonly<Record<string, string>>): void {
  const origin = headers['access-control-allow-origin']
  if (origin === undefined) return
  const before: CorsDefinition = api.cors ?? { allowOrigins: [] }
  const union = (list: readonly string[] | undefined, text: string | undefined): string[] => [
    ...new Set([...(list ?? []), ...listed(text)]),
  ]
  api.cors = {
    ...before,
    allowOrigins: union(before.allowOrigins, origin),
    allowMethods: union(before.allowMethods, headers['access-control-allow-methods']),
    allowHeaders: union(before.allowHeaders, headers['access-control-allow-headers']),
    ...(headers['access-control-allow-credentials'] === 'true' && { allowCredentials: true }),
  }
}

/** Whether the gateway's own responses have CORS headers. */
export const showsRefusals = (responses: readonly Dictionary[]): boolean =>
  responses.some(
    (method) =>
      textIn(method, 'ResponseType') === 'DEFAULT_4XX' &&
      Object.keys(dictionaryIn(method, 'ResponseParameters')).some((name) =>
        /access-control-allow-origin$/i.test(name),
      ),
  )

/** CORS of SAM's REST API: a text, or an object of quoted texts. */
export function corsOfServerlessApi(cors: unknown): CorsDefinition | undefined {
  if (typeof cors === 'string') return { allowOrigins: listed(unquoted(cors)) }
  const origin = textIn(cors, 'AllowOrigin')
  if (origin === undefined) return undefined
  const headers = textIn(cors, 'AllowHeaders')
  const methods = textIn(cors, 'AllowMethods')
  const age = textIn(cors, 'MaxAge')
  return {
    allowOrigins: listed(unquoted(origin)),
    ...(headers !== undefined && { allowHeaders: listed(unquoted(headers)) }),
    ...(methods !== undefined && { allowMethods: listed(unquoted(methods)) }),
    ...(age !== undefined && { maxAgeSeconds: Number(unquoted(age)) }),
    ...(isTrueIn(cors, 'AllowCredentials') && { allowCredentials: true }),
  }
}
