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
      `${text.includes('@') ? 'That' : text} is no URL. Give the whole one: https://…`,
    )
  }
  const { username, password } = new URL(text)
  if (!username && !password) return text
  throw new Complaint('The URL has a user or a password in it. Leave them out.')
}
