import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const OURS = '@iamfetch/sigv4'
const SMITHY = `export { SignatureV4 } from '@smithy/signature-v4'
  export { HttpRequest } from '@smithy/protocol-http'
  export { Sha256 } from '@aws-crypto/sha256-js'`

/** The same job, done with what each contender needs for it in a browser. */
const JOBS = {
  'sign only': {
    'iamfetch signParts, presignParts': `export { signParts, presignParts } from '${OURS}'`,
    'iamfetch createSigner': `export { createSigner } from '${OURS}'`,
    'aws4fetch AwsV4Signer (no hash inside)': "export { AwsV4Signer } from 'aws4fetch'",
    'smithy with sha256-js': SMITHY,
    'Amplify signRequest, presignUrl':
      "export { signRequest, presignUrl } from '@aws-amplify/core/internals/aws-client-utils'",
  },
  'sign and fetch, with retries': {
    'iamfetch createIamFetch': "export { createIamFetch } from 'iamfetch'",
    'aws4fetch AwsClient (no hash inside)': "export { AwsClient } from 'aws4fetch'",
    'Amplify get, post': `export { get, post } from '@aws-amplify/api-rest'
      export { Amplify } from '@aws-amplify/core'`,
  },
  'from the ID token to the response': {
    'iamfetch createIamFetch, cognitoCredentials': `export { createIamFetch } from 'iamfetch'
      export { cognitoCredentials } from '@iamfetch/cognito'`,
    'AWS SDK fromCognitoIdentityPool, smithy': `export { fromCognitoIdentityPool } from '@aws-sdk/credential-provider-cognito-identity'
      ${SMITHY}`,
    'Amplify Auth and REST API': `export { get, post } from 'aws-amplify/api'
      export { fetchAuthSession } from 'aws-amplify/auth'
      export { Amplify } from 'aws-amplify'`,
  },
}

/** Bytes of each contender: minified, with gzip, with brotli. */
export async function sizes(resolveDir) {
  const rows = []
  for (const [job, contenders] of Object.entries(JOBS)) {
    for (const [name, contents] of Object.entries(contenders)) {
      const { outputFiles } = await build({
        stdin: { contents, resolveDir },
        bundle: true,
        minify: true,
        write: false,
        format: 'esm',
        platform: 'browser',
        target: 'es2022',
        conditions: ['@iamfetch/source'],
        logLevel: 'error',
      })
      const { contents: bytes } = outputFiles[0]
      const gzip = gzipSync(bytes, { level: 9 }).length
      rows.push({ job, name, min: bytes.length, gzip, brotli: brotliCompressSync(bytes).length })
    }
  }
  return rows
}
