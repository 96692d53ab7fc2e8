import type { Session } from './sessions.ts'

/** The ARN of the session that STS makes for a Cognito identity. */
export const sessionArn = (accountId: string, { role }: Session): string =>
  `arn:aws:sts::${accountId}:assumed-role/${role.name}/${SESSION_NAME}`

/** `aws:userid` of a session. */
export const sessionUserId = ({ role }: Session): string => `${role.id}:${SESSION_NAME}`

const SESSION_NAME = 'CognitoIdentityCredentials'
