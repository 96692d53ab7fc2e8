import { seen, type Row, type Target } from './row.ts'

/** What Cognito answers to machines and to identities. */
export const cognitoRows: readonly Row[] = [
  token(
    'scope-not-allowed',
    'What does a scope get that the client may not have?',
    'local: oauth/token-request.ts',
    {
      scope: 'premium/write',
    },
  ),
  token(
    'scope-omitted',
    'Which scopes has a token for which none were asked?',
    'local: oauth/token-endpoint.ts',
    {},
  ),
  token(
    'resource',
    'Does the client credentials grant take `resource`?',
    'local: oauth/token-request.ts',
    {
      resource: 'https://api.example/',
    },
  ),
  token(
    'wrong-secret',
    'Which status does a wrong secret get in the form?',
    'local: oauth/token-endpoint.ts',
    {
      client_secret: 'wrong',
    },
  ),
  {
    id: 'basic-encoded',
    question: 'Does Basic take a secret whose characters are percent-encoded?',
    source: 'local: oauth/token-request.ts',
    needs: 'machine',
    async observe({ tokenUrl, machine }) {
      const { clientId, clientSecret } = machine!
      const encoded = Array.from(clientSecret)
        .map((one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
        .join('')
      const authorization = `Basic ${Buffer.from(`${clientId}:${encoded}`).toString('base64')}`
      return answerOf(
        await fetch(tokenUrl, {
          method: 'POST',
          headers: { authorization },
          body: new URLSearchParams({ grant_type: 'client_credentials' }),
        }),
      )
    },
  },
  {
    id: 'role-not-held',
    question: 'How is a CustomRoleArn refused that the token does not hold?',
    source: 'cognito: refusal.ts',
    needs: 'user',
    observe: async (target) =>
      seen(
        await identity(target, { CustomRoleArn: 'arn:aws:iam::123456789012:role/NotThere' }),
        'x-amzn-errortype',
      ),
  },
  {
    id: 'same-credentials',
    question: 'Does Cognito give the same credentials twice within the hour?',
    source: 'cognito: session.ts',
    needs: 'user',
    async observe(target) {
      const keys = await Promise.all(
        [1, 2].map(async () => {
          const { Credentials } = (await (await identity(target, {})).json()) as {
            Credentials?: { AccessKeyId: string }
          }
          return Credentials?.AccessKeyId
        }),
      )
      if (keys.includes(undefined)) return 'no credentials'
      return keys[0] === keys[1] ? 'the same' : 'others'
    },
  },
]

function token(id: string, question: string, source: string, fields: Record<string, string>): Row {
  return {
    id: `token-${id}`,
    question,
    source,
    needs: 'machine',
    async observe({ tokenUrl, machine }) {
      const { clientId, clientSecret } = machine!
      const form = {
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        ...fields,
      }
      const body = new URLSearchParams(form)
      return answerOf(await fetch(tokenUrl, { method: 'POST', body }))
    },
  }
}

/** The error, or the token's scopes; never the token. */
async function answerOf(response: Response): Promise<string> {
  const text = await response.text()
  if (!response.ok) return `${response.status} ${text.slice(0, 200)}`
  const { access_token: given } = JSON.parse(text) as { access_token: string }
  const claims = JSON.parse(Buffer.from(given.split('.')[1] ?? '', 'base64url').toString())
  return `${response.status} scope: ${claims.scope}, aud: ${claims.aud ?? 'none'}`
}

const identity = ({ cognitoIdentityUrl, user }: Target, more: object): Promise<Response> =>
  fetch(cognitoIdentityUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityService.GetCredentialsForIdentity',
    },
    body: JSON.stringify({
      IdentityId: user!.identityId,
      Logins: { [user!.login]: user!.idToken },
      ...more,
    }),
  })
