import { show } from './driven-messages.ts'
import type { CreatedError, Records } from './records.ts'

interface Rule {
  readonly name: string
  isBroken(error: CreatedError): boolean
}

/** What every error that a test produced must be. The values in it are those of tests, and some of them are odd on purpose. */
const RULES: readonly Rule[] = [
  {
    name: 'has a value that was not made into words',
    isBroken: (error) => /\[object (?!Object\]")|\bNaN\b|\$\{\w+\}/.test(ownWords(error)),
  },
  {
    name: 'has "undefined" in place of a value',
    isBroken: (error) =>
      ownWords(error)
        .replaceAll(/\b(or|be) undefined\b/g, '')
        .includes('undefined'),
  },
  {
    name: 'does not begin with the name of a function and a colon',
    isBroken: ({ code, message }) =>
      code === 'INVALID_OPTION' && !/^<?[A-Za-z]\S*( "?\w+"?)?: \S/.test(message),
  },
  {
    name: 'does not end as a message does',
    isBroken: ({ message }) => /[,;:\n]$|\.\.$/.test(message) || message === '',
  },
  {
    name: 'has doubled quotes or spaces',
    isBroken: ({ message, remedy = '' }) =>
      /[a-z]""|""[a-z]|\w {2}\w/.test(`${message}\n${remedy}`),
  },
  {
    name: 'has a remedy that is not a sentence',
    isBroken: ({ remedy }) =>
      remedy !== undefined && !/^["A-Z][\s\S]* [\s\S]*[.?!`"}]$/.test(remedy),
  },
  {
    name: 'has a secret',
    isBroken: ({ message, remedy = '' }) => hasSecret(`${message} ${remedy}`),
  },
]

/** Without what is quoted from AWS or from the caller. */
const ownWords = ({ message, remedy = '' }: CreatedError): string =>
  `${message.replaceAll(/'[^']*'|\bgot [\s\S]*$/g, '')} ${remedy}`

/** Whether a text has what looks like a token or a key of AWS. */
export const hasSecret = (text: string): boolean => SECRETS.some((secret) => secret.test(text))

const SECRETS: readonly RegExp[] = [
  // JSON Web Tokens
  /\beyJ[\w-]{10,}\.[\w-]{10,}/,
  // the secret access keys of AWS's documentation, and others of their length
  /wJalrXUtnFEMI/,
  /(?<![\w/+=-])(?=[\w/+]*[a-z])(?=[\w/+]*[A-Z])(?=[\w/+]*\d)[A-Za-z0-9/+]{40}(?![\w/+=-])/,
  /\bBearer [\w.~+/-]{12,}/,
]

/** One line for each error that breaks a rule. */
export function faultsOf({ errors }: Records): string[] {
  const found = new Set<string>()
  // Without a code, it is an error inside a package or in the words of AWS.
  for (const error of errors.filter(({ code }) => code !== undefined)) {
    for (const rule of RULES) {
      if (rule.isBroken(error)) found.add(`${rule.name}:  ${error.path}: ${show(error)}`)
    }
  }
  return [...found].toSorted()
}
