import type { StackDefinition } from '@iamfetch/local'
import {
  ClientAttributes,
  StringAttribute,
  type StandardAttributesMask,
} from 'aws-cdk-lib/aws-cognito'

/** Returns the custom attributes that a definition names: those of its users, of principal tags, and of rules. */
export function customAttributesOf(definition: StackDefinition): Record<string, StringAttribute> {
  const ofUsers = Object.values(definition.users ?? {}).flatMap(({ attributes = {} }) =>
    Object.keys(attributes),
  )
  return Object.fromEntries(
    customNames([...ofUsers, ...decidingAttributes(definition)]).map((name) => [
      name,
      new StringAttribute({ mutable: true }),
    ]),
  )
}

/**
 * Returns the attributes that users may write themselves: all but those that decide about access, by principal tags or rules. By
 * default an app client lets its users write every attribute, and with that choose their own tenant.
 *
 * @returns `undefined` for the default, if no attribute decides.
 * @see [AWS: attributes, permissions and scopes](https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html#user-pool-settings-attribute-permissions-and-scopes)
 */
export function writableAttributesOf(definition: StackDefinition): ClientAttributes | undefined {
  const deciding = decidingAttributes(definition)
  if (deciding.length === 0) return undefined
  const standard: StandardAttributesMask = Object.fromEntries(
    Object.entries(STANDARD)
      .filter(([claim]) => !deciding.includes(claim))
      .map(([, name]) => [name, true]),
  )
  const custom = Object.keys(customAttributesOf(definition)).filter(
    (name) => !deciding.includes(`${CUSTOM}${name}`),
  )
  return new ClientAttributes().withStandardAttributes(standard).withCustomAttributes(...custom)
}

const CUSTOM = 'custom:'

/** The claims by which an identity pool decides. */
function decidingAttributes({ identityPool = {} }: StackDefinition): string[] {
  const { principalTags = {}, rules = [] } = identityPool
  const tags = principalTags === 'default' ? [] : Object.values(principalTags)
  return [...tags, ...rules.map(({ claim }) => claim)]
}

const customNames = (attributes: readonly string[]): string[] => [
  ...new Set(
    attributes.filter((name) => name.startsWith(CUSTOM)).map((name) => name.slice(CUSTOM.length)),
  ),
]

/** The standard attributes that users may write, by their claims. Only administrators may write `…_verified`. */
const STANDARD: Readonly<Record<string, keyof StandardAttributesMask>> = {
  address: 'address',
  birthdate: 'birthdate',
  email: 'email',
  family_name: 'familyName',
  gender: 'gender',
  given_name: 'givenName',
  locale: 'locale',
  middle_name: 'middleName',
  name: 'fullname',
  nickname: 'nickname',
  phone_number: 'phoneNumber',
  picture: 'profilePicture',
  preferred_username: 'preferredUsername',
  profile: 'profilePage',
  updated_at: 'lastUpdateTime',
  website: 'website',
  zoneinfo: 'timezone',
}
