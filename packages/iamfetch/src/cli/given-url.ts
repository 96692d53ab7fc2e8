import { CommandError } from './command.ts'

/**
 * Checks that a typed URL can be the URL of a request.
 *
 * @returns The URL as it was typed.
 * @throws CommandError if it is not an http(s) or ws(s) URL, or if it has a user or a password, which the message does not repeat.
 */
export function givenUrl(text: string): string {
  if (!/^(http|ws)s?:/i.test(text) || !URL.canParse(text)) {
    throw new CommandError(
      `${text.includes('@') ? 'The text' : text} is not an absolute URL. Pass one that begins with https://.`,
    )
  }
  const { username, password } = new URL(text)
  if (!username && !password) return text
  throw new CommandError('The URL contains a user or a password. Remove them.')
}
