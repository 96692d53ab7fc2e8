import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import { AwsClient } from 'aws4fetch'
import { result, unchecked } from './report.mjs'

/** Calls as another container does: by the name of the service, at an address that is not loopback. */
export async function callAsContainer(allowedName, { port, text }) {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find(({ family, internal }) => family === 'IPv4' && !internal)
  if (!outside) unchecked('an address of the network', 'this machine has none')
  const address = outside?.address ?? '127.0.0.1'
  const at = (name, options) => send({ address, name, ...options })

  const health = await at(allowedName, { port, path: '/__local/health' })
  result(health.status === 200, 'GET /__local/health', health.text)
  const config = JSON.parse((await at(allowedName, { port, path: '/config.json' })).text)
  result(config.mode === 'local', `config.json, by the name ${allowedName}`)
  const other = await at('other.example', { port, path: '/config.json' })
  result(other.status === 421, 'config.json by another name is refused', other.text)

  const api = { port: port + 1, path: '/notes' }
  const asUser = async (user) => {
    const signIn = signedIn(user, {
      at: (options) => at(allowedName, { port, ...options }),
      config,
      text,
    })
    return clientOf(await signIn, config)
  }
  const call = async (client, name, method) => {
    const { headers } = await client.sign(`http://${name}:${api.port}${api.path}`, {
      method,
      ...(method === 'POST' && { body: '{}' }),
    })
    const body = method === 'POST' ? '{}' : undefined
    return at(name, { ...api, method, headers: Object.fromEntries(headers), body })
  }
  const [alice, bob] = [await asUser('alice'), await asUser('bob')]
  for (const [who, client, name, method, status] of [
    ['alice', alice, allowedName, 'GET', 200],
    ['alice', alice, allowedName, 'POST', 201],
    ['bob', bob, allowedName, 'GET', 200],
    ['bob', bob, allowedName, 'POST', 403],
    ['alice', alice, 'other.example', 'GET', 421],
  ]) {
    const seen = await call(client, name, method)
    result(seen.status === status, `${who}: ${method} http://${name}/notes is ${status}`, seen.text)
  }
  const unsigned = await at(allowedName, api)
  result(unsigned.status === 403, 'an unsigned call is 403', unsigned.text)
}

/** Signs in with the password that the stack printed. Returns the credentials of the user's role. */
async function signedIn(user, { at, config, text }) {
  const [, password] = new RegExp(`^\\s*${user} +(\\S+)`, 'm').exec(text) ?? []
  const post = async (target, body) => {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }
    const answer = await at({ path: '/', method: 'POST', headers, body: JSON.stringify(body) })
    if (answer.status !== 200) throw new Error(`${target}: ${answer.text}`)
    return JSON.parse(answer.text)
  }
  const { AuthenticationResult } = await post('AWSCognitoIdentityProviderService.InitiateAuth', {
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: config.userPoolClientId,
    AuthParameters: { USERNAME: user, PASSWORD: password },
  })
  const provider = `cognito-idp.${config.region}.amazonaws.com/${config.userPoolId}`
  const Logins = { [provider]: AuthenticationResult.IdToken }
  const identity = { IdentityPoolId: config.identityPoolId, Logins }
  const { IdentityId } = await post('AWSCognitoIdentityService.GetId', identity)
  const exchange = { IdentityId, Logins }
  const target = 'AWSCognitoIdentityService.GetCredentialsForIdentity'
  return (await post(target, exchange)).Credentials
}

const clientOf = ({ AccessKeyId, SecretKey, SessionToken }, { region }) =>
  new AwsClient({
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretKey,
    sessionToken: SessionToken,
    region,
    service: 'execute-api',
  })

/** Sends a request to an address, with the name in `Host` as the resolver of another container would have it. */
function send({ address, name, port, path, method = 'GET', headers = {}, body }) {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: address, port, path, method, headers: { ...headers, host: `${name}:${port}` } },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk) => (text += chunk))
        response.on('end', () => resolve({ status: response.statusCode, text }))
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}
