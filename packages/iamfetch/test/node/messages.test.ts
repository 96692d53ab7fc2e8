import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fetchOf } from '@iamfetch/testing'
import { afterAll, describe, expect, test } from 'vitest'
import {
  assumeRole,
  fromContainer,
  fromInstanceMetadata,
  fromProfile,
  fromWebIdentity,
  githubActionsToken,
} from '../../src/node/index.ts'

// What the other tests of these providers do not produce: one mistake for each message.

const ROLE = 'arn:aws:iam::123456789012:role/Deploy'
const says = (status: number, text: string): typeof fetch =>
  fetchOf(async () => new Response(text, { status }))
const sts =
  (code: string): (() => unknown) =>
  () =>
    fromWebIdentity({
      env: {},
      region: 'eu-central-1',
      roleArn: ROLE,
      token: () => 'the.web.identity',
      fetch: says(400, `<ErrorResponse><Error><Code>${code}</Code></Error></ErrorResponse>`),
    })()
const GITHUB = {
  ACTIONS_ID_TOKEN_REQUEST_URL: 'https://actions.example.com/token',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'bearer',
}
const folder = mkdtempSync(join(tmpdir(), 'iamfetch-'))
const config = join(folder, 'config')
writeFileSync(
  config,
  `[profile deploy]
role_arn = ${ROLE}
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/me
`,
)

const ROWS: readonly (readonly [call: () => unknown, message: string])[] = [
  [
    () => assumeRole({ region: 'eu-central-1', roleArn: ROLE } as never),
    'TypeError: assumeRole: "credentials" is required',
  ],
  [
    () => fromContainer({ env: {} })(),
    'IamFetchError [CREDENTIALS_UNAVAILABLE]: Neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set. Run this program in an ECS task with a task role or in a pod with Pod Identity, or use another credentials source.',
  ],
  [
    () =>
      fromContainer({
        env: {
          AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1/v1',
          AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/missing/token',
        },
      })(),
    'IamFetchError [CREDENTIALS_UNAVAILABLE]: The file /missing/token of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE could not be read. Check that the file exists and that this process may read it.',
  ],
  [
    () => fromInstanceMetadata({ env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: '169.254.169.254' } })(),
    'IamFetchError [CREDENTIALS_UNAVAILABLE]: AWS_EC2_METADATA_SERVICE_ENDPOINT is not an absolute URL. Set it to an address such as http://169.254.169.254, or remove it.',
  ],
  [
    () =>
      fromInstanceMetadata({
        env: {},
        fetch: fetchOf(() => {
          throw new TypeError('fetch failed')
        }),
      })(),
    'IamFetchError [CREDENTIALS_UNAVAILABLE]: The instance metadata service could not be reached, or its response broke off. Check that this program runs where the credentials service is, and that no proxy is between them.',
  ],
  [
    () => fromWebIdentity({ env: {}, region: 'eu-central-1', token: () => 'token' }),
    'TypeError: fromWebIdentity: "roleArn" or AWS_ROLE_ARN is required',
  ],
  [
    () => fromWebIdentity({ env: {}, region: 'eu-central-1', roleArn: ROLE }),
    'TypeError: fromWebIdentity: "token" or AWS_WEB_IDENTITY_TOKEN_FILE is required',
  ],
  [
    () =>
      fromWebIdentity({ env: {}, region: 'eu-central-1', roleArn: ROLE, token: 'token' as never }),
    'TypeError: fromWebIdentity: "token" must be a function that returns the token',
  ],
  [
    () => fromWebIdentity({ env: {}, region: 'eu-central-1', roleArn: ROLE, token: () => '' })(),
    'IamFetchError [CREDENTIALS_UNAVAILABLE]: The "token" function returned no token. Return the JWT of the identity provider as a text.',
  ],
  [
    () =>
      fromWebIdentity({
        env: { AWS_WEB_IDENTITY_TOKEN_FILE: '/missing/token', AWS_ROLE_ARN: ROLE },
        region: 'eu-central-1',
      })(),
    'IamFetchError [CREDENTIALS_UNAVAILABLE]: The file /missing/token of AWS_WEB_IDENTITY_TOKEN_FILE could not be read. Check that the file exists and that this process may read it.',
  ],
  [
    () =>
      githubActionsToken({
        env: { ...GITHUB, ACTIONS_ID_TOKEN_REQUEST_URL: 'http://actions.example.com/token' },
      })(),
    'IamFetchError [CREDENTIALS_UNAVAILABLE]: ACTIONS_ID_TOKEN_REQUEST_URL is not an https: URL. Run this in a GitHub Actions job.',
  ],
  [
    () => githubActionsToken({ env: GITHUB, fetch: says(403, '{}') })(),
    'IamFetchError [CREDENTIALS_UNAVAILABLE]: The token endpoint of GitHub Actions responded with HTTP 403 and no token. Check the permissions of the job.',
  ],
  [
    () =>
      fromProfile({
        profile: 'deploy',
        env: { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: config },
      })(),
    'IamFetchError [CREDENTIALS_UNAVAILABLE]: The profile "deploy" requires multi-factor authentication, which is not supported. Pass fromIni({ mfaCodeProvider }) of @aws-sdk/credential-providers as "credentials".',
  ],
  [
    sts('ExpiredTokenException'),
    'IamFetchError [CREDENTIALS_UNAVAILABLE]: AWS STS rejected AssumeRoleWithWebIdentity: ExpiredTokenException. Provide a new web identity token; the one that was sent has expired.',
  ],
  [
    sts('IDPCommunicationError'),
    'IamFetchError [CREDENTIALS_UNAVAILABLE]: AWS STS rejected AssumeRoleWithWebIdentity: IDPCommunicationError. Try again later; AWS could not reach the identity provider.',
  ],
  [
    sts('RegionDisabledException'),
    'IamFetchError [CREDENTIALS_UNAVAILABLE]: AWS STS rejected AssumeRoleWithWebIdentity: RegionDisabledException. Activate STS in this region for the account, or choose another region.',
  ],
  [
    sts('SignatureDoesNotMatch'),
    'IamFetchError [CREDENTIALS_UNAVAILABLE]: AWS STS rejected AssumeRoleWithWebIdentity: SignatureDoesNotMatch. Check the credentials that sign the request.',
  ],
  [
    sts('InvalidClientTokenId'),
    'IamFetchError [CREDENTIALS_UNAVAILABLE]: AWS STS rejected AssumeRoleWithWebIdentity: InvalidClientTokenId. Check the access key of the credentials that sign the request.',
  ],
]

afterAll(() => rmSync(folder, { recursive: true }))

describe('a provider of credentials for Node', () => {
  test.each(ROWS)('row %#: says what is missing and what to do', async (call, message) => {
    const error: unknown = await Promise.resolve()
      .then(call)
      .catch((caught: unknown) => caught)
    expect(String(error).replace(/ See https:\S+$/, '')).toBe(message)
  })
})
