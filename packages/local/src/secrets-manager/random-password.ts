import { randomInt } from 'node:crypto'
import { refuse, textOf } from '../aws-json/service-error.ts'

const KINDS = {
  ExcludeLowercase: 'abcdefghijklmnopqrstuvwxyz',
  ExcludeUppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  ExcludeNumbers: '0123456789',
  ExcludePunctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
}

/**
 * Draws a password as the operation `GetRandomPassword` does: by default 32 characters with one of each kind at least.
 *
 * @throws A refusal for settings that no password has.
 * @see [AWS: GetRandomPassword](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html)
 */
export function randomPassword(input: Record<string, unknown>): string {
  const { PasswordLength: length = 32, RequireEachIncludedType: each = true } = input
  if (!(typeof length === 'number' && Number.isInteger(length) && length >= 1 && length <= 4_096)) {
    throw refuse('InvalidParameterException', 'PasswordLength must be between 1 and 4096.')
  }
  const excluded = textOf(input, 'ExcludeCharacters') ?? ''
  const kinds = [
    ...Object.entries(KINDS).flatMap(([name, all]) => (input[name] === true ? [] : [all])),
    ...(input['IncludeSpace'] === true ? [' '] : []),
  ]
    .map((all) => Array.from(all).filter((character) => !excluded.includes(character)))
    .filter((all) => all.length > 0)
  if (kinds.length === 0 || (each !== false && kinds.length > length)) {
    throw refuse(
      'InvalidParameterException',
      'The password length is too short for the required character types.',
    )
  }
  const required = each === false ? [] : kinds.map(drawn)
  const rest = Array.from({ length: length - required.length }, () => drawn(kinds.flat()))
  return shuffled([...required, ...rest]).join('')
}

const drawn = (all: readonly string[]): string => all[randomInt(all.length)] ?? ''

function shuffled(all: string[]): string[] {
  for (let i = all.length - 1; i > 0; i--) {
    const j = randomInt(i + 1)
    ;[all[i], all[j]] = [all[j]!, all[i]!]
  }
  return all
}
