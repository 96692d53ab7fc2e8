import { jsonObject, type Clock } from '@iamfetch/core'
import { refusalText } from '../refusal-text.ts'

/** The content of a refusal, in any format. */
export interface ResponseContent {
  /** The words for a person. Empty if there is none. */
  words: string
  /** The name of the error in the body: `__type` of JSON, `Code` of XML. Empty if there is none. */
  type: string
  /** The names of the members of a JSON body. */
  members: readonly string[]
  format: 'json' | 'xml' | 'html' | 'text' | 'none'
}

/**
 * Reads what a refusal says from a copy, so that the caller's body stays whole: JSON of gateways, of AWS services, of AppSync
 * and of OpenSearch; XML of S3, SQS, SNS and STS; pages of CloudFront and load balancers; plain text of VPC Lattice.
 *
 * @param clock  Measures the time limit of two seconds.
 */
export const readContent = async (response: Response, clock?: Clock): Promise<ResponseContent> =>
  contentOf(await refusalText(response, clock, isShort))

/** {@link readContent} for the text of a body. */
export function contentOf(body: string): ResponseContent {
  const text = body.trim()
  if (text === '') return { ...NOTHING, format: 'none' }
  if (text.startsWith('{')) return inJson(text)
  if (/^<(!doctype html|html|head|body)\b/i.test(text)) return inHtml(text)
  if (text.startsWith('<')) return inXml(text)
  return { ...NOTHING, words: text.slice(0, MAX_PLAIN_TEXT), format: 'text' }
}

const NOTHING = { words: '', type: '', members: [] }

const MAX_CHARACTERS = 65_536
const MAX_PLAIN_TEXT = 8_192

const isShort = (text: string): boolean => text.length <= MAX_CHARACTERS

function inJson(text: string): ResponseContent {
  const body = jsonObject(text)
  if (!body) return { ...NOTHING, format: 'text' }
  const content = textAndType(body) ?? textAndType(nestedIn(body))
  return { ...NOTHING, ...content, members: Object.keys(body), format: 'json' }
}

type Members = Readonly<Record<string, unknown>>

/** AppSync has a list of errors, OpenSearch and JSON-RPC have an error object. */
function nestedIn(body: Members): Members {
  const errors = body['errors']
  const first: unknown = Array.isArray(errors) ? errors[0] : body['error']
  return typeof first === 'object' && first !== null ? { ...first } : {}
}

function textAndType(members: Members): Pick<ResponseContent, 'words' | 'type'> | undefined {
  const words = firstText(members, ['message', 'Message', 'errorMessage', 'reason'])
  if (words === undefined) return undefined
  const type = firstText(members, ['__type', 'errorType', 'code', 'Code', 'type', 'name']) ?? ''
  return { words, type: type.replace(/^.*#/, '') }
}

const firstText = (members: Members, names: readonly string[]): string | undefined =>
  names.map((name) => members[name]).find((value) => typeof value === 'string')

function inXml(text: string): ResponseContent {
  // Services of REST and JSON that find no operation name the error in the root.
  const [, root = ''] = /^<(\w+Exception)>/.exec(text) ?? []
  const type = elementIn(text, 'Code') || root
  return { ...NOTHING, words: elementIn(text, 'Message'), type, format: 'xml' }
}

/** The text of the first element of a name. A parser is not needed: AWS writes neither attributes nor CDATA there. */
function elementIn(xml: string, name: string): string {
  const start = xml.indexOf(`<${name}>`)
  const end = xml.indexOf(`</${name}>`, start)
  if (start < 0 || end < 0) return ''
  return unescaped(xml.slice(start + name.length + 2, end).trim())
}

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')

/** The words of a page, without its markup. */
function inHtml(text: string): ResponseContent {
  const plain = text.slice(0, MAX_PLAIN_TEXT).replace(/<[^<>]*>/g, ' ')
  const words = unescaped(plain).replace(/\s+/g, ' ').trim()
  return { ...NOTHING, words, format: 'html' }
}
