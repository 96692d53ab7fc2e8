// Every entry point that a page or an app may import, as a package's user writes it.
export const ENTRIES = {
  '@iamfetch/core': "export * from '@iamfetch/core'",
  '@iamfetch/sigv4': "export * from '@iamfetch/sigv4'",
  '@iamfetch/cognito': "export * from '@iamfetch/cognito'",
  '@iamfetch/machine': "export * from '@iamfetch/machine'",
  '@iamfetch/policy': "export * from '@iamfetch/policy'",
  iamfetch: "export * from 'iamfetch'",
  'iamfetch/oidc': "export * from 'iamfetch/oidc'",
  '@iamfetch/sigv4/native': "export * from '@iamfetch/sigv4/native'",
  '@iamfetch/cognito/native': "export * from '@iamfetch/cognito/native'",
  'iamfetch/native': "export * from 'iamfetch/native'",
  'iamfetch/permissions': "export * from 'iamfetch/permissions'",
  'iamfetch/api': "export * from 'iamfetch/api'",
  'iamfetch/events': "export * from 'iamfetch/events'",
  'iamfetch/appsync': "export * from 'iamfetch/appsync'",
  'iamfetch/presigned': "export * from 'iamfetch/presigned'",
  'iamfetch/content-hash': "export * from 'iamfetch/content-hash'",
  'iamfetch/opentelemetry': "export * from 'iamfetch/opentelemetry'",
  'iamfetch/testing': "export * from 'iamfetch/testing'",
  'iamfetch/react': "export * from 'iamfetch/react'",
  'iamfetch/devtools': "export * from 'iamfetch/devtools'",
  'all of them': `import * as core from '@iamfetch/core'
import * as sigv4 from '@iamfetch/sigv4'
import * as cognito from '@iamfetch/cognito'
import * as machine from '@iamfetch/machine'
import * as policy from '@iamfetch/policy'
import * as client from 'iamfetch'
import * as react from 'iamfetch/react'
export { core, sigv4, cognito, machine, policy, client, react }`,
}
/** React and OpenTelemetry are the app's own. */
export const APPS_OWN = ['react', 'react/jsx-runtime', '@opentelemetry/api']
