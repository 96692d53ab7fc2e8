import { create } from 'axios'
import { aws4Interceptor } from 'aws4-axios'
import { sendRequests, setup, use } from './harness.mjs'

use('aws4-axios')
await sendRequests(async ({ method, url, body }, credentials) => {
  const client = create({ validateStatus: () => true })
  const options = { region: setup.region, service: 'execute-api' }
  client.interceptors.request.use(aws4Interceptor({ options, instance: client, credentials }))
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await client.request({ method, url, data: body, headers })
  return { status: response.status, reason: response.headers['x-local-reason'] }
})
