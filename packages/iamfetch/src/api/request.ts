import { invalidOption } from '@iamfetch/core'
import { jsonText } from '../json-text.ts'

/** A value of a query: several values of one name are a list, and `undefined` is left out. */
export type QueryValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly (string | number | boolean)[]

/** The parts of a call that become its URL and its body. */
export interface RequestParts {
  readonly method?: string | undefined
  readonly params?: Readonly<Record<string, string | number>> | undefined
  readonly query?: Readonly<Record<string, QueryValue>> | undefined
  readonly body?: unknown
  readonly headers?: HeadersInit | undefined
}

/** Puts a request together. @returns The path with its query, and what `fetch` takes. */
export function requestOf(route: string, parts: RequestParts): { path: string; init: RequestInit } {
  const [named = '', pattern = ''] = typeof route === 'string' ? route.split(' ') : []
  if (!pattern.startsWith('/')) {
    throw invalidOption('api', '"route" must be a method and a path, such as "GET /notes"', route)
  }
  if (named === 'ANY' && parts.method === undefined) {
    throw invalidOption('api', `"method" is missing; the route "${route}" takes any`)
  }
  const { body, contentType } = bodyOf(parts.body)
  const headers = new Headers(parts.headers)
  if (contentType && !headers.has('content-type')) headers.set('content-type', contentType)
  const init: RequestInit = { method: named === 'ANY' ? parts.method! : named, headers }
  if (body !== undefined) {
    init.body = body
    // Platforms want it for a stream.
    if (body instanceof ReadableStream) Object.assign(init, { duplex: 'half' })
  }
  return { path: pathOf(pattern, parts.params ?? {}) + queryOf(parts.query ?? {}), init }
}

function pathOf(pattern: string, params: Readonly<Record<string, string | number>>): string {
  return pattern.replace(/\{([^}+]+)(\+?)\}/g, (_, name: string, greedy: string) => {
    const value = Object.hasOwn(params, name) ? String(params[name] ?? '') : ''
    if (/\p{Surrogate}/u.test(value)) {
      throw invalidOption('api', `"params.${name}" must not contain half of a character`, value)
    }
    const segments = greedy ? value.split('/') : [value]
    // A URL without its dots is another route.
    const invalid = segments.find((segment) => ['', '.', '..'].includes(segment))
    if (invalid !== undefined) {
      const expected = greedy ? 'segments that are' : 'a segment that is'
      throw invalidOption(
        'api',
        `"params.${name}" must be ${expected} not empty, "." or ".."`,
        value,
      )
    }
    return segments.map(encodeURIComponent).join('/')
  })
}

function queryOf(query: Readonly<Record<string, QueryValue>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const entry of [value].flat()) {
      if (entry !== undefined && entry !== null) search.append(name, String(entry))
    }
  }
  // `+` is a space in forms only, and a part of the value for some gateways.
  const text = search.toString().replaceAll('+', '%20')
  return text && `?${text}`
}

/** Objects, lists, numbers, booleans and `null` are JSON. What `fetch` takes is passed on as it is. */
function bodyOf(body: unknown): { body?: BodyInit; contentType?: string } {
  if (body === undefined) return {}
  if (isBodyInit(body)) return { body }
  const text = jsonText(body, () =>
    invalidOption('api', '"body" must be something that JSON can hold', body),
  )
  return { body: text, contentType: 'application/json' }
}

const isBodyInit = (body: unknown): body is BodyInit =>
  typeof body === 'string' ||
  body instanceof Blob ||
  body instanceof FormData ||
  body instanceof URLSearchParams ||
  body instanceof ReadableStream ||
  body instanceof ArrayBuffer ||
  ArrayBuffer.isView(body)
