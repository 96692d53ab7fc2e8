import type { Operation } from '../aws-json/aws-json.ts'
import { refuse, Refusal, textOf } from '../aws-json/service-error.ts'
import type { SignedOperation } from '../iam/signed-operation.ts'
import { described, noSecret, permitFor, requestToken, valueOf } from './secret-parts.ts'
import { randomPassword } from './random-password.ts'
import type { Secret, Secrets } from './secrets.ts'

const SERVICE = 'secretsmanager'

/**
 * The operations of Secrets Manager that are not about one secret that exists. Lists come as one page.
 *
 * @see [AWS: Secrets Manager API](https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html)
 */
export function listOperations(
  secrets: Secrets,
  signed: SignedOperation,
): Record<string, Operation> {
  return {
    CreateSecret: signed(SERVICE, (input, permit) => {
      const name = textOf(input, 'Name')
      if (!name || !/^[\w/+=.@-]{1,512}$/.test(name)) {
        throw refuse('InvalidParameterException', 'Name is required.')
      }
      permit('secretsmanager:CreateSecret', secrets.arnOf(name), { 'secretsmanager:Name': name })
      const text = textOf(input, 'SecretString')
      if (text === undefined) {
        throw refuse('InvalidParameterException', 'SecretString is required.', NO_BINARY)
      }
      if (secrets.find(name)) {
        const message = `The operation failed because the secret ${name} already exists.`
        throw refuse('ResourceExistsException', message)
      }
      const versionId = requestToken(input)
      const description = textOf(input, 'Description')
      const secret = secrets.add(name, text, {
        versionId,
        ...(description !== undefined && { description }),
      })
      return { ARN: secret.arn, Name: secret.name, VersionId: versionId }
    }),
    ListSecrets: signed(SERVICE, (input, permit) => {
      permit('secretsmanager:ListSecrets', '*')
      const SecretList = filtered(secrets, input).map((secret) => ({
        ...described(secret),
        SecretVersionsToStages: secret.stages,
      }))
      return { SecretList }
    }),
    BatchGetSecretValue: signed(SERVICE, (input, permit) => {
      permit('secretsmanager:BatchGetSecretValue', '*')
      const ids = idsOf(secrets, input)
      const SecretValues: object[] = []
      const Errors: object[] = []
      for (const id of ids) {
        try {
          const secret = secrets.find(id)
          permitFor(permit, 'secretsmanager:GetSecretValue', id, secret)
          if (!secret) throw noSecret(id)
          SecretValues.push(valueOf(secret))
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          Errors.push({ SecretId: id, ErrorCode: error.type, Message: error.message })
        }
      }
      return { SecretValues, Errors }
    }),
    GetRandomPassword: signed(SERVICE, (input, permit) => {
      permit('secretsmanager:GetRandomPassword', '*')
      return { RandomPassword: randomPassword(input) }
    }),
  }
}

const NO_BINARY = 'SecretBinary is not supported'

function idsOf(secrets: Secrets, input: Record<string, unknown>): string[] {
  const { SecretIdList: list } = input
  if (list === undefined) return filtered(secrets, input).map(({ arn }) => arn)
  if (Array.isArray(list) && list.length > 0 && list.every((text) => typeof text === 'string')) {
    return list
  }
  throw refuse('InvalidParameterException', 'SecretIdList has to be a list of strings.')
}

/** Secrets by the filters `name` (what the name begins with) and `all` (a part of the name or the description). */
function filtered(secrets: Secrets, { Filters = [] }: Record<string, unknown>): Secret[] {
  if (!Array.isArray(Filters)) {
    throw refuse('InvalidParameterException', 'Filters has to be a list.')
  }
  let found = [...secrets.all()]
  for (const { Key, Values } of Filters) {
    const values: string[] = Array.isArray(Values) ? Values.map(String) : []
    if (Key === 'name') {
      found = found.filter(({ name }) => values.some((value) => name.startsWith(value)))
    } else if (Key === 'all') {
      const texts = ({ name, description = '' }: Secret): string =>
        `${name} ${description}`.toLowerCase()
      found = found.filter((secret) =>
        values.some((value) => texts(secret).includes(value.toLowerCase())),
      )
    } else {
      throw refuse(
        'InvalidParameterException',
        `The local stack does not support the filter ${Key}.`,
      )
    }
  }
  return found
}
