import { refuse, textOf } from '../aws-json/service-error.ts'
import type { User } from './users.ts'

/** The attributes of OpenID Connect that every user pool has. */
const STANDARD: readonly string[] = [
  'address',
  'birthdate',
  'email',
  'email_verified',
  'family_name',
  'gender',
  'given_name',
  'locale',
  'middle_name',
  'name',
  'nickname',
  'phone_number',
  'phone_number_verified',
  'picture',
  'preferred_username',
  'profile',
  'updated_at',
  'website',
  'zoneinfo',
]

/**
 * Reads a list of `{ Name, Value }`.
 *
 * @throws A refusal for another form, and for an attribute that no user pool has: neither standard nor `custom:`.
 */
export function attributesIn(
  input: Record<string, unknown>,
  member: string,
): Record<string, string> {
  const list = input[member] ?? []
  if (!Array.isArray(list)) throw refuse('SerializationException', `${member} has to be a list`)
  const attributes: Record<string, string> = {}
  for (const attribute of list) {
    const entry: Record<string, unknown> =
      typeof attribute === 'object' && attribute ? { ...attribute } : {}
    const name = textOf(entry, 'Name') ?? ''
    if (!STANDARD.includes(name) && !/^custom:[\w-]{1,20}$/.test(name)) {
      throw refuse(
        'InvalidParameterException',
        'Attributes did not conform to the schema: Type for attribute could not be determined.',
        `${name} is neither a standard attribute nor one that begins with custom:`,
      )
    }
    attributes[name] = textOf(entry, 'Value') ?? ''
  }
  const { email, phone_number: phone } = attributes
  if (email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw refuse('InvalidParameterException', 'Invalid email address format.')
  }
  // Unverified: that an empty value removes the attribute, and the words of the refusal.
  if (phone !== undefined && phone !== '' && !/^\+\d{1,15}$/.test(phone)) {
    throw refuse(
      'InvalidParameterException',
      'Invalid phone number format.',
      'a phone number is a plus sign, the country code and digits',
    )
  }
  return attributes
}

/** @throws A refusal for an attribute that only administrators may set. */
export function refuseVerified(attributes: Readonly<Record<string, string>>): void {
  const verified = Object.keys(attributes).find((name) => name.endsWith('_verified'))
  if (verified === undefined) return
  throw refuse(
    'NotAuthorizedException',
    `A client attempted to write unauthorized attribute`,
    `only an administrator may set ${verified}`,
  )
}

/**
 * The attributes of a user who changed some of them. A new e-mail address is not verified.
 *
 * @throws A refusal if the user sets an attribute that only administrators may set.
 */
export function withOwnChanges(
  { attributes }: User,
  given: Readonly<Record<string, string>>,
): { attributes: Record<string, string>; isNewEmail: boolean } {
  refuseVerified(given)
  const isNewEmail = given['email'] !== undefined && given['email'] !== attributes['email']
  const unverified = isNewEmail && { email_verified: 'false' }
  return { attributes: { ...attributes, ...given, ...unverified }, isNewEmail }
}

/** The attributes of a user, `sub` first, as the operations return them. */
export const attributeList = ({ sub, attributes }: User): { Name: string; Value: string }[] =>
  Object.entries({ sub, ...attributes }).map(([Name, Value]) => ({ Name, Value }))
