import type { Operation } from '../aws-json/aws-json.ts'
import { refuse, textOf } from '../aws-json/service-error.ts'
import type { SignedOperation } from '../iam/signed-operation.ts'
import { listOperations } from './list-operations.ts'
import { described, noSecret, noVersion, permitFor, requestToken, valueOf } from './secret-parts.ts'
import type { Secret, Secrets } from './secrets.ts'

/**
 * The operations of Secrets Manager that reading, caching, creating and rotating a secret need. All are signed for
 * `secretsmanager`; the caller's policy decides about the secret's ARN.
 *
 * @see [AWS: GetSecretValue](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html)
 * @see [AWS: PutSecretValue](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html)
 */
export function secretOperations(
  secrets: Secrets,
  signed: SignedOperation,
): Record<string, Operation> {
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
      throw noSecret(id)
    })

  return {
    ...listOperations(secrets, signed),
    DescribeSecret: named('secretsmanager:DescribeSecret', (secret) => ({
      ...described(secret),
      VersionIdsToStages: secret.stages,
    })),
    GetSecretValue: named('secretsmanager:GetSecretValue', (secret, input) =>
      valueOf(secret, textOf(input, 'VersionId'), textOf(input, 'VersionStage')),
    ),
    UpdateSecretVersionStage: named('secretsmanager:UpdateSecretVersionStage', moveStage),
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

/**
 * Moves a label as the last step of a rotation does.
 *
 * @see [AWS: UpdateSecretVersionStage](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html);
 *   the words of the refusals are unverified
 */
function moveStage(secret: Secret, input: Record<string, unknown>): object {
  const stage = textOf(input, 'VersionStage')
  if (!stage) throw refuse('InvalidParameterException', 'VersionStage is required.')
  const [from, to] = [textOf(input, 'RemoveFromVersionId'), textOf(input, 'MoveToVersionId')]
  const holder = secret.version({ stage })
  if (holder && from !== holder.id && to !== holder.id) {
    throw refuse(
      'InvalidParameterException',
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
    )
  }
  const target = to === undefined ? undefined : secret.version({ id: to })
  if (to !== undefined && !target) throw noVersion(secret, to, undefined)
  if (!target && stage === 'AWSCURRENT') {
    throw refuse(
      'InvalidParameterException',
      'You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.',
    )
  }
  if (from !== undefined || target) secret.move(stage, target)
  return { ARN: secret.arn, Name: secret.name }
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
    stages.every((stage): stage is string => typeof stage === 'string' && stage !== '')
  ) {
    return stages
  }
  throw refuse('SerializationException', 'VersionStages has to be a list of strings')
}
