// What several operations of Secrets Manager share.
import { refuse, textOf, type Refusal } from '../aws-json/service-error.ts'
import type { Permit } from '../iam/signed-operation.ts'
import type { Secret } from './secrets.ts'

/** What describes a secret without its value. */
export const described = ({ arn, name, description, createdAt, changedAt }: Secret): object => ({
  ARN: arn,
  Name: name,
  ...(description !== undefined && { Description: description }),
  CreatedDate: createdAt / 1_000,
  LastChangedDate: changedAt / 1_000,
})

/** The value of a version, by default of the current one. */
export function valueOf(secret: Secret, id?: string, stage?: string): object {
  const version = secret.version({ id, stage })
  if (!version) throw noVersion(secret, id, stage)
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    SecretString: version.text,
    VersionStages: secret.stagesOf(version),
    CreatedDate: version.createdAt / 1_000,
  }
}

/** The refusal of an ID or a name that no secret has. */
export const noSecret = (id: string): Refusal =>
  refuse(
    'ResourceNotFoundException',
    "Secrets Manager can't find the specified secret.",
    `there is no secret ${id}`,
  )

/** For a secret that does not exist, the permission is evaluated by name: a caller who may read nothing does not learn what exists. */
export const permitFor = (
  permit: Permit,
  action: string,
  id: string,
  secret: Secret | undefined,
): void => permit(action, secret?.arn ?? id, { 'secretsmanager:SecretId': secret?.arn ?? id })

/** An ID that exists without the label is another fault than one that does not exist. */
export function noVersion(
  secret: Secret,
  id: string | undefined,
  stage: string | undefined,
): Refusal {
  if (id !== undefined && stage !== undefined && secret.version({ id })) {
    return refuse(
      'InvalidRequestException',
      'You provided a VersionStage that is not associated to the provided VersionId.',
    )
  }
  const selector = id === undefined ? `staging label: ${stage ?? 'AWSCURRENT'}` : `VersionId: ${id}`
  return refuse(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${selector}`,
  )
}

/** The token that an SDK adds by itself. */
export function requestToken(input: Record<string, unknown>): string {
  const token = textOf(input, 'ClientRequestToken')
  if (token === undefined) {
    throw refuse(
      'InvalidRequestException',
      'You must provide a ClientRequestToken value. We recommend a UUID-type value.',
    )
  }
  if (token.length >= 32 && token.length <= 64) return token
  // unverified: the text.
  throw refuse('InvalidParameterException', 'ClientRequestToken must be 32-64 characters long.')
}
