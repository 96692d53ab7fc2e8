import type { Explanation } from '../../src/explain.ts'

/**
 * One refusal that was published, as a fact: AWS's own words with neutral values, and what is right to say about it. Where a source
 * quotes the sentence alone, status, headers and the form of the body are the usual ones of the service.
 */
export interface RefusalRow {
  service: string
  status: number
  headers?: Record<string, string>
  body: string
  /** Where the words were published: an AWS page, or an issue in which they were reported. */
  source: string
  code: Explanation['code']
  responsible: Explanation['responsible']
  /** What the remedies must match. */
  remedy: RegExp
  /** What no remedy may match. */
  never?: RegExp
  /** What was called. */
  url?: string
}

/** What most rows of one service have in common. */
export type Defaults = Pick<RefusalRow, 'service'> & Partial<RefusalRow>

/** What one row adds: the words, their source, and what is expected. */
export type Added = Omit<RefusalRow, 'service' | 'status'> & { service?: string; status?: number }

export const rowsOf = (defaults: Defaults, added: readonly Added[]): RefusalRow[] =>
  added.map((row) => ({ status: 403, ...defaults, ...row }))

/** The body of a gateway. */
export const message = (text: string): string => JSON.stringify({ message: text })

/** The body of some services and of denials by REST APIs. */
export const capital = (text: string): string => JSON.stringify({ Message: text })

/** The body of AWS's JSON services. */
export const typed = (type: string, text: string, key = 'message'): string =>
  JSON.stringify({ __type: type, [key]: text })

/** The body of S3, and with a `Type` that of SQS, SNS and STS. */
export const s3 = (code: string, text: string, more = ''): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${text}</Message>${more}<RequestId>X</RequestId></Error>`

export const query = (code: string, text: string): string =>
  `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${text}</Message></Error><RequestId>X</RequestId></ErrorResponse>`

export const type = (name: string): { headers: Record<string, string> } => ({
  headers: { 'x-amzn-errortype': name },
})

/** An account that called, and one that owns what was called. */
export const CALLER = '111122223333'
export const OWNER = '444455556666'
export const ROLE: string = `arn:aws:sts::${CALLER}:assumed-role/Readers/CognitoIdentityCredentials`
export const USER: string = `arn:aws:iam::${CALLER}:user/JohnDoe`
export const ISSUES = 'https://github.com'
export const KNOWLEDGE_CENTER =
  'https://repost.aws/knowledge-center/api-gateway-troubleshoot-403-forbidden'
export const ACCESS_DENIED_PAGE =
  'https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html'
