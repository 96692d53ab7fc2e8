import type { Session } from './sessions.ts'

/** What STS needs of a session for its names. */
type Named = Pick<Session, 'role' | 'name'>

/** The ARN of a session of a role. */
export const sessionArn = (accountId: string, { role, name }: Named): string =>
  `arn:aws:sts::${accountId}:assumed-role/${role.name}/${name}`

/** `aws:userid` of a session. */
export const sessionUserId = ({ role, name }: Named): string => `${role.id}:${name}`

/** The name of the sessions that an identity pool opens. */
export const COGNITO_SESSION = 'CognitoIdentityCredentials'
