import { Complaint } from './command.ts'

/**
 * Holds a URL that was typed against what a request can have.
 *
 * @returns It as it was typed.
 * @throws Complaint for what is no http(s) or ws(s) URL, and for one with a user or a password, which it does not repeat.
 */
export function givenUrl(text: string): string {
  if (!/^(http|ws)s?:/i.test(text) || !URL.canParse(text)) {
    throw new Complaint(
      `${text.includes('@') ? 'The text' : text} is not an absolute URL. Pass one that begins with https://.`,
    )
  }
  const { username, password } = new URL(text)
  if (!username && !password) return text
  throw new Complaint('The URL contains a user or a password. Remove them.')
}
