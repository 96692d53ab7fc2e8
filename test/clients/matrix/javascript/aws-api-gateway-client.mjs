import apiGateway from 'aws-api-gateway-client'
import { sendRequests, setup, use } from './harness.mjs'

const { newClient } = apiGateway.default

use('aws-api-gateway-client')
await sendRequests(async ({ method, url, body }, key) => {
  const { origin, pathname, searchParams } = new URL(url)
  const client = newClient({
    invokeUrl: origin,
    region: setup.region,
    accessKey: key.accessKeyId,
    secretKey: key.secretAccessKey,
    sessionToken: key.sessionToken,
  })
  // It takes the parameters of the query one by one.
  const parameters = { headers: {}, queryParams: Object.fromEntries(searchParams) }
  const sent = body === undefined ? undefined : JSON.parse(body)
  try {
    const { status } = await client.invokeApi({}, pathname, method, parameters, sent)
    return { status }
  } catch (error) {
    if (!error.response) throw error
    const { status, headers } = error.response
    return { status, reason: headers['x-local-reason'] }
  }
})
