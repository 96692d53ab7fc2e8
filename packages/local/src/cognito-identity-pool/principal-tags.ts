import type { ConditionContext } from '@iamfetch/policy'
import type { JWTPayload } from 'jose'
import { refuse } from '../aws-json/service-error.ts'
import type { IdentityPoolDefinition } from '../definition/identity-pool.ts'

/** The action that a trust policy has to allow for a session with tags. */
export const TAG_SESSION = 'sts:TagSession'

/** The default mapping of an identity pool. */
const DEFAULT_TAGS = { username: 'sub', client: 'aud' }

/** What the value of a session tag may be: at most 256 characters. */
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u

/**
 * Maps the claims of an ID token to the principal tags of a session.
 *
 * A claim that the token does not have, and one that is a list or an object (unverified), sets no tag.
 *
 * @throws A refusal for a value that a tag cannot have. Its type and words are unverified.
 * @see [AWS: attributes for access control](https://docs.aws.amazon.com/cognito/latest/developerguide/attributes-for-access-control.html),
 *   [session tags](https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html)
 */
export function principalTags(
  mapping: IdentityPoolDefinition['principalTags'],
  claims: JWTPayload,
): Record<string, string> {
  const named = mapping === 'default' ? DEFAULT_TAGS : (mapping ?? {})
  const tags: [tag: string, value: string][] = []
  for (const [tag, claim] of Object.entries(named)) {
    const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      continue
    const text = String(value)
    if (!TAG_VALUE.test(text)) {
      throw refuse(
        'InvalidIdentityPoolConfigurationException',
        'Invalid identity pool configuration. Check assigned IAM roles for this pool.',
        `the claim ${claim} has a value that the principal tag ${tag} cannot have: at most 256 letters, digits, spaces and _ . : / = + - @`,
      )
    }
    tags.push([tag, text])
  }
  return Object.fromEntries(tags)
}

/** The condition keys of a session with tags, in a trust policy. */
export const tagContext = (tags: Readonly<Record<string, string>>): ConditionContext => ({
  ...Object.fromEntries(
    Object.entries(tags).map(([name, value]) => [`aws:RequestTag/${name}`, value]),
  ),
  'aws:TagKeys': Object.keys(tags),
})
