/** Asks a user pool for the groups of a user who is not there; nothing for one who is gone. */
export type GroupsOf = (user: { username: string }) => Promise<readonly string[] | undefined>

/**
 * A key acts for its user, who sends no token: what the user may do now is asked of the user pool.
 *
 * @param fetch  Signs for `cognito-idp` and has the user pool's endpoint as its `baseUrl`.
 * @see [AWS: AdminListGroupsForUser](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminListGroupsForUser.html)
 */
export function groupsFrom(fetch: typeof globalThis.fetch, UserPoolId: string): GroupsOf {
  return async ({ username }) => {
    const names: string[] = []
    let NextToken: string | undefined
    do {
      const response = await fetch('/', {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'AWSCognitoIdentityProviderService.AdminListGroupsForUser',
        },
        body: JSON.stringify({ UserPoolId, Username: username, Limit: 60, NextToken }),
      })
      const { __type: refusal, Groups = [], ...next } = (await response.json()) as Answer
      if (refusal?.endsWith('UserNotFoundException')) return undefined
      if (!response.ok) throw new Error(`AdminListGroupsForUser: ${refusal}`)
      names.push(...Groups.map(({ GroupName }) => GroupName))
      NextToken = next.NextToken
    } while (NextToken !== undefined)
    return names
  }
}

interface Answer {
  __type?: string
  Groups?: { GroupName: string }[]
  NextToken?: string
}
