import type { ExplanationPart } from './explanation.ts'

/**
 * Explains a refusal of the credential scope. AWS names the service that it expects, and the region that it does not accept.
 *
 * @param words  AWS's sentences: `Credential should be scoped to a valid region, not 'us-east-1'. Credential should be scoped
 *   to correct service: 'execute-api'.` One of them may be missing, and so may the region.
 * @returns `undefined` if they name neither.
 */
export function explainScope(words: string): ExplanationPart | undefined {
  const region = quotedAfter(words, 'a valid region, not ')
  const service = quotedAfter(words, 'correct service: ')
  if (region === undefined && service === undefined) return undefined
  const found = [
    ...(region === undefined ? [] : [`The API accepts no signature for the region "${region}".`]),
    ...(service === undefined
      ? []
      : [`The API accepts signatures for the service "${service}" only.`]),
  ]
  return {
    message: found.join(' '),
    responsible: 'caller',
    remedy: [
      ...(region === undefined
        ? []
        : ['Set "region" to the region of the API, also for a custom domain.']),
      ...(service === undefined ? [] : [`Set "service" to "${service}".`]),
    ],
  }
}

function quotedAfter(words: string, start: string): string | undefined {
  return words.split(`Credential should be scoped to ${start}'`)[1]?.split("'", 1)[0]
}
