import type { CorsDefinition } from '../definition/api.ts'
import type { Problems } from './problems.ts'

/**
 * CORS with the origins that a browser can send. The others allow nothing, on AWS as here, and are noted.
 *
 * @returns `undefined` if no origin is left.
 */
export function validCors(
  cors: CorsDefinition,
  logicalId: string,
  problems: Problems,
): CorsDefinition | undefined {
  const allowOrigins = cors.allowOrigins.filter((origin) => {
    const isSound = PATTERNS.includes(origin) || isOrigin(origin)
    if (!isSound) problems.note(logicalId, `its CORS origin "${origin}" is not an origin`)
    return isSound
  })
  if (allowOrigins.length === 0) return undefined
  if (cors.allowCredentials !== true || !allowOrigins.includes('*'))
    return { ...cors, allowOrigins }
  problems.note(logicalId, 'its CORS allows credentials for every origin, which no browser accepts')
  return { ...cors, allowOrigins, allowCredentials: false }
}

const PATTERNS = ['*', 'http://*', 'https://*']

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text
