import type { PolicyDocument } from '@iamfetch/policy'
import { invalidOption } from '../invalid-option.ts'

/** The values for the words in capitals of a policy. */
export interface Placeholders {
  /** For `REGION`. */
  region: string
  /** For `ACCOUNT_ID`. */
  accountId: string
  /** The ID of each API by its name, for `API_ID` and `API_ID_name`. */
  apiIds: Readonly<Record<string, string>>
  /** For `IDENTITY_POOL_ID`, in a condition. */
  identityPoolId?: string
  /** For `USER_POOL_ID`, in `userpool/USER_POOL_ID`. */
  userPoolId?: string | undefined
}

/**
 * Copies a policy with `REGION`, `ACCOUNT_ID`, `API_ID`, `API_ID_name`, `USER_POOL_ID` and `IDENTITY_POOL_ID` filled in.
 *
 * Only whole parts of an ARN are filled in; and `IDENTITY_POOL_ID`, `REGION` and `ACCOUNT_ID` where they are the whole text, as in a
 * condition or a principal. The values may be of any form, such as the tokens of a CDK app.
 *
 * @param where  What the policy belongs to, for messages: `role FullAccessRole`.
 * @throws TypeError for a word that has no value.
 */
export function fillPlaceholders(
  document: PolicyDocument,
  { region, accountId, apiIds, identityPoolId, userPoolId }: Placeholders,
  where: string,
): PolicyDocument {
  const fill = (text: string): string => {
    if (text === 'IDENTITY_POOL_ID') {
      if (identityPoolId !== undefined) return identityPoolId
      throw invalidOption(where, `the policy has ${text}, and there is no identity pool`)
    }
    if (text === 'REGION') return region
    if (text === 'ACCOUNT_ID') return accountId
    // arn:partition:service:region:account:resource; only the resource may contain more colons.
    const arn = /^(arn:[^:]*:[^:]*):([^:]*):([^:]*):([^/]*)(.*)$/s.exec(text)
    if (!arn) return text
    const [, head, regionWord, account, resource = '', rest] = arn
    if (rest === '/USER_POOL_ID' && userPoolId === undefined) {
      throw invalidOption(where, 'the policy has USER_POOL_ID, and there is no user pool')
    }
    return [
      head,
      regionWord === 'REGION' ? region : regionWord,
      account === 'ACCOUNT_ID' ? accountId : account,
      apiId(resource, apiIds, where) + (rest === '/USER_POOL_ID' ? `/${userPoolId}` : rest),
    ].join(':')
  }
  const copy: PolicyDocument = JSON.parse(JSON.stringify(document), (key, value: unknown) =>
    typeof value === 'string' && key !== 'Sid' ? fill(value) : value,
  )
  return copy
}

function apiId(word: string, apiIds: Placeholders['apiIds'], where: string): string {
  const names = Object.keys(apiIds)
  if (word === 'API_ID') {
    const [only] = names
    if (only !== undefined && names.length === 1) return apiIds[only]!
    if (names.length === 0) throw invalidOption(where, 'the policy has API_ID, and there is no API')
    const words = names.map((name) => `API_ID_${name}`).join(', ')
    throw invalidOption(where, `API_ID is ambiguous with several APIs; write one of ${words}`)
  }
  if (!word.startsWith('API_ID_')) return word
  const id = apiIds[word.slice('API_ID_'.length)]
  if (id !== undefined) return id
  const known = names.join(', ') || '(none is defined)'
  throw invalidOption(where, `${word} must name one of the APIs ${known}`)
}

/**
 * The trust policy that AWS requires of a role for an identity pool: for that pool alone, and for signed-in users alone.
 *
 * @param guest  The role for guests instead.
 * @param tags   Whether the pool has a mapping of principal tags, which a session needs `sts:TagSession` for. Guests have none.
 * @see [AWS: role trust and permissions](https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html)
 */
export const identityPoolTrust = (guest = false, tags = false): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: 'cognito-identity.amazonaws.com' },
      Action:
        tags && !guest
          ? ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession']
          : 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { 'cognito-identity.amazonaws.com:aud': 'IDENTITY_POOL_ID' },
        'ForAnyValue:StringLike': {
          'cognito-identity.amazonaws.com:amr': guest ? 'unauthenticated' : 'authenticated',
        },
      },
    },
  ],
})
