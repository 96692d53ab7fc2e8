import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  type GetRandomPasswordCommandInput,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalStack, type LocalStack } from '../src/index.ts'

let stack: LocalStack
let client: SecretsManagerClient
let reader: SecretsManagerClient
beforeAll(async () => {
  stack = await startLocalStack({
    roles: {
      reader: {
        policy: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: 'secretsmanager:GetSecretValue',
              Resource: 'arn:aws:secretsmanager:REGION:ACCOUNT_ID:secret:app/*',
            },
            { Effect: 'Allow', Action: 'secretsmanager:BatchGetSecretValue', Resource: '*' },
          ],
        },
      },
    },
  })
  const clientOf = (credentials: LocalStack['admin']): SecretsManagerClient =>
    new SecretsManagerClient({
      region: stack.config.region,
      endpoint: stack.config.endpoints.secretsManager,
      credentials,
      maxAttempts: 1,
    })
  client = clientOf(stack.admin)
  reader = clientOf(stack.roles['reader']!)
  await client.send(
    new CreateSecretCommand({ Name: 'app/one', SecretString: '1', Description: 'The one' }),
  )
  await client.send(new CreateSecretCommand({ Name: 'other/two', SecretString: '2' }))
})
afterAll(() => stack.stop())

describe('Secrets Manager', () => {
  it('describes a secret, as caching clients ask first', async () => {
    const described = await client.send(new DescribeSecretCommand({ SecretId: 'app/one' }))
    expect(described).toMatchObject({
      Name: 'app/one',
      Description: 'The one',
      ARN: expect.stringMatching(/:secret:app\/one-\w{6}$/),
    })
    expect(Object.values(described.VersionIdsToStages ?? {})).toEqual([['AWSCURRENT']])
    expect(described.CreatedDate).toBeInstanceOf(Date)
    expect(JSON.stringify(described)).not.toContain('SecretString')
  })

  it('lists secrets by the filters "name" and "all"', async () => {
    const names = async (Key?: 'name' | 'all', ...Values: string[]): Promise<unknown> => {
      const { SecretList = [] } = await client.send(
        new ListSecretsCommand(Key ? { Filters: [{ Key, Values }] } : {}),
      )
      return SecretList.map(({ Name }) => Name)
    }
    expect(await names()).toEqual(['app/one', 'other/two'])
    expect(await names('name', 'app/')).toEqual(['app/one'])
    expect(await names('all', 'THE ONE')).toEqual(['app/one'])
    const filter = new ListSecretsCommand({ Filters: [{ Key: 'tag-key', Values: ['a'] }] })
    await expect(client.send(filter)).rejects.toThrow('does not support the filter tag-key')
  })

  it('reads several secrets, and reports each that may not be read', async () => {
    const SecretIdList = ['app/one', 'other/two', 'app/none']
    const { SecretValues, Errors } = await reader.send(
      new BatchGetSecretValueCommand({ SecretIdList }),
    )
    expect(SecretValues?.map(({ Name, SecretString }) => [Name, SecretString])).toEqual([
      ['app/one', '1'],
    ])
    expect(Errors?.map(({ SecretId, ErrorCode }) => [SecretId, ErrorCode])).toEqual([
      ['other/two', 'AccessDeniedException'],
      ['app/none', 'AccessDeniedException'],
    ])
  })

  it('rotates a secret in the four steps of the rotation template of AWS', async () => {
    const SecretId = 'other/two'
    const { RandomPassword } = await client.send(
      new GetRandomPasswordCommand({ PasswordLength: 20, ExcludeCharacters: '/@"\'\\' }),
    )
    expect(RandomPassword).toMatch(/^[^/@"'\\]{20}$/)
    const ClientRequestToken = 'a'.repeat(32)
    const VersionStages = ['AWSPENDING']
    await client.send(
      new PutSecretValueCommand({
        SecretId,
        ClientRequestToken,
        SecretString: RandomPassword,
        VersionStages,
      }),
    )
    const { VersionId: current } = await client.send(new GetSecretValueCommand({ SecretId }))
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: ClientRequestToken,
        RemoveFromVersionId: current,
      }),
    )
    const read = async (VersionStage: string): Promise<string | undefined> =>
      (await client.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString
    expect(await Promise.all(['AWSCURRENT', 'AWSPREVIOUS'].map(read))).toEqual([
      RandomPassword,
      '2',
    ])
  })

  it('draws passwords with the requested characters', async () => {
    const draw = async (input: GetRandomPasswordCommandInput) =>
      (await client.send(new GetRandomPasswordCommand(input))).RandomPassword ?? ''
    expect(await draw({})).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^\w\s]).{32}$/)
    expect(
      await draw({ ExcludePunctuation: true, ExcludeNumbers: true, PasswordLength: 4 }),
    ).toMatch(/^[A-Za-z]{4}$/)
    await expect(draw({ PasswordLength: 3 })).rejects.toThrow('too short')
    await expect(draw({ PasswordLength: 0 })).rejects.toThrow('between 1 and 4096')
  })

  it('needs a permission for each of these operations', async () => {
    for (const command of [
      new DescribeSecretCommand({ SecretId: 'app/one' }),
      new ListSecretsCommand({}),
      new GetRandomPasswordCommand({}),
      new CreateSecretCommand({ Name: 'app/three', SecretString: '3' }),
    ]) {
      await expect(reader.send(command as DescribeSecretCommand)).rejects.toThrow(
        'because no identity-based policy allows',
      )
    }
  })
})
