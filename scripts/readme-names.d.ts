declare const identityPoolId: string
declare const baseUrl: string
declare const clientId: string
declare const authority: string
declare const clientSecret: string
declare const idToken: () => Promise<string>
declare const fullAccess: import('@iamfetch/local').PolicyDocument
declare const readOnlyAccess: import('@iamfetch/local').PolicyDocument
declare const client: Parameters<typeof import('@iamfetch/machine/redis').redisStore>[0]['client']
declare const credentials: import('@iamfetch/cognito').CognitoCredentials
declare const iamFetch: typeof fetch
declare const mayReadSecrets: import('@iamfetch/local').PolicyDocument
declare const handler: import('@iamfetch/local').LocalHandler
declare module 'react-native' {
  const AppState: Parameters<typeof import('@iamfetch/cognito/native').followAppState>[1]
}
declare module '*.vue' {
  const component: import('vue').DefineComponent
  export default component
}
declare module '*.svelte' {
  const component: import('svelte').Component
  export default component
}
