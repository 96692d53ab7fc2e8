import { Sha256 } from '@aws-crypto/sha256-js'
import { HttpRequest } from '@smithy/protocol-http'
import { SignatureV4 } from '@smithy/signature-v4'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import type { LocalStack } from '../../src/local-stack.ts'

/** What `iamfetch-local --json` prints. */
export type Told = Pick<LocalStack, 'config' | 'users' | 'appClients'>

/** A user who signed in over HTTP, with credentials that are kept as a page keeps them. */
export interface SignedIn {
  idToken: string
  identityId: string
  /** Calls /notes. @returns The status. */
  call(method: string): Promise<number>
  /** Asks for new tokens with the refresh token. @returns The status. */
  refresh(): Promise<number>
}

/** Signs a user in at a stack of another process. */
export async function signInAt({ config, users }: Told, name: string): Promise<SignedIn> {
  const { cognitoIdp } = config.endpoints
  const ask = async (target: string, body: object): Promise<Response> =>
    fetch(cognitoIdp, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
      body: JSON.stringify(body),
    })
  const initiate = (AuthFlow: string, AuthParameters: object): Promise<Response> =>
    ask('AWSCognitoIdentityProviderService.InitiateAuth', {
      AuthFlow,
      ClientId: config.userPoolClientId,
      AuthParameters,
    })
  const { username, password } = users[name]!
  const signedIn = await initiate('USER_PASSWORD_AUTH', { USERNAME: username, PASSWORD: password })
  const { AuthenticationResult: tokens } = await signedIn.json()
  const Logins = {
    [`cognito-idp.${config.region}.amazonaws.com/${config.userPoolId}`]: tokens.IdToken,
  }
  const { identityPoolId: IdentityPoolId } = config
  const { IdentityId } = await (
    await ask('AWSCognitoIdentityService.GetId', { IdentityPoolId, Logins })
  ).json()
  const { Credentials: keys } = await (
    await ask('AWSCognitoIdentityService.GetCredentialsForIdentity', { IdentityId, Logins })
  ).json()
  const signer = new SignatureV4({
    credentials: {
      accessKeyId: keys.AccessKeyId,
      secretAccessKey: keys.SecretKey,
      sessionToken: keys.SessionToken,
    },
    region: config.region,
    service: 'execute-api',
    sha256: Sha256,
  })
  const url = new URL(`${config.apis.notes!.url}/notes`)
  return {
    idToken: tokens.IdToken,
    identityId: IdentityId,
    async call(method) {
      const request = new HttpRequest({
        protocol: url.protocol,
        hostname: url.hostname,
        port: Number(url.port),
        path: url.pathname,
        method,
        headers: { host: url.host },
      })
      const { headers } = await signer.sign(request)
      const response = await fetch(url, { method, headers })
      await response.text()
      return response.status
    },
    async refresh() {
      const response = await initiate('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: tokens.RefreshToken })
      await response.text()
      return response.status
    },
  }
}

/** Whether a stack's key set verifies a token. */
export async function verifyTokenOf({ config }: Told, token: string): Promise<boolean> {
  const url = `${config.endpoints.cognitoIdp}/${config.userPoolId}/.well-known/jwks.json`
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(url)))
  return payload.iss === `https://cognito-idp.${config.region}.amazonaws.com/${config.userPoolId}`
}
