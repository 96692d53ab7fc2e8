import { createSignedFetcher } from 'aws-sigv4-fetch'
import { sendRequests, setup, use } from './harness.mjs'

use('aws-sigv4-fetch')
await sendRequests(async ({ method, url, body }, credentials) => {
  const signedFetch = createSignedFetcher({
    service: 'execute-api',
    region: setup.region,
    credentials,
  })
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await signedFetch(url, { method, headers, body })
  return { status: response.status, reason: response.headers.get('x-local-reason') }
})
