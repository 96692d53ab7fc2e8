import type { Operation } from '../aws-json/aws-json.ts'
import { refuse, textOf, type Refusal } from '../aws-json/service-error.ts'
import type { Permit, SignedOperation } from '../iam/signed-operation.ts'
import type { Secret, Secrets } from './secrets.ts'

/**
 * The operations of Secrets Manager that reading and rotating a secret need. All are signed for
 * `secretsmanager`; the caller's policy decides about the secret's ARN.
 *
 * @see [AWS: GetSecretValue](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html)
 * @see [AWS: PutSecretValue](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html)
 */
export function secretOperations(
  secrets: Secrets,
  signed: SignedOperation,
): Record<string, Operation> {
  // Longer than 60 lines: its short methods share what they close over.
  const named = (
    action: string,
    run: (secret: Secret, input: Record<string, unknown>) => unknown,
  ): Operation =>
    signed('secretsmanager', (input, permit) => {
      const id = textOf(input, 'SecretId')
      if (!id) throw refuse('InvalidParameterException', 'SecretId is required.')
      const secret = secrets.find(id)
      permitFor(permit, action, id, secret)
      if (secret) return run(secret, input)
      throw refuse(
        'ResourceNotFoundException',
        "Secrets Manager can't find the specified secret.",
        `there is no secret ${id}`,
      )
    })

  return {
    GetSecretValue: named('secretsmanager:GetSecretValue', (secret, input) => {
      const stage = textOf(input, 'VersionStage')
      const id = textOf(input, 'VersionId')
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
    }),
    PutSecretValue: named('secretsmanager:PutSecretValue', (secret, input) => {
      const text = textOf(input, 'SecretString')
      if (text === undefined) {
        throw refuse(
          'InvalidParameterException',
          'SecretString is required.',
          'no SecretBinary here',
        )
      }
      const version = putOnce(secret, text, stagesOf(input), requestToken(input))
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        VersionStages: secret.stagesOf(version),
      }
    }),
  }
}

/** A secret that is not there is asked for by its name: who may read nothing does not learn what there is. */
const permitFor = (permit: Permit, action: string, id: string, secret: Secret | undefined): void =>
  permit(action, secret?.arn ?? id, { 'secretsmanager:SecretId': secret?.arn ?? id })

/** An ID that exists without the label is another fault than one that does not exist. */
function noVersion(secret: Secret, id: string | undefined, stage: string | undefined): Refusal {
  if (id !== undefined && stage !== undefined && secret.version({ id })) {
    return refuse(
      'InvalidRequestException',
      'You provided a VersionStage that is not associated to the provided VersionId.',
    )
  }
  const which = id === undefined ? `staging label: ${stage ?? 'AWSCURRENT'}` : `VersionId: ${id}`
  return refuse(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${which}`,
  )
}

/** The token that an SDK adds by itself. */
function requestToken(input: Record<string, unknown>): string {
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

/** The same call with the same token is one call. */
function putOnce(
  secret: Secret,
  text: string,
  stages: readonly string[],
  token: string,
): ReturnType<Secret['put']> {
  const existing = secret.version({ id: token })
  if (!existing) return secret.put(text, stages, token)
  if (existing.text === text) return existing
  throw refuse(
    'ResourceExistsException',
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${secret.arn}.`,
  )
}

function stagesOf(input: Record<string, unknown>): readonly string[] {
  const stages: unknown = input['VersionStages'] ?? ['AWSCURRENT']
  if (
    Array.isArray(stages) &&
    stages.length > 0 &&
    stages.every((one): one is string => typeof one === 'string' && one !== '')
  ) {
    return stages
  }
  throw refuse('SerializationException', 'VersionStages has to be a list of strings')
}
