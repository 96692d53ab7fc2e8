/// <reference types="aws-lambda" />
/// <reference types="vite/client" />
// Names that the examples of doc comments take for granted: values of the reader, and imports from other libraries.
declare const Hono: typeof import('hono').Hono
declare const handle: typeof import('hono/aws-lambda').handle
declare const middy: typeof import('@middy/core').default
declare const Router: typeof import('@aws-lambda-powertools/event-handler/http').Router
declare const useQuery: typeof import('@tanstack/react-query').useQuery
declare const useMutation: typeof import('@tanstack/react-query').useMutation
declare const lazy: typeof import('react').lazy
declare const userPools: { userPoolId: string; clientIds: string[] }[]
declare const policy: import('@iamfetch/policy').PolicyDocument
declare const editorsPolicy: import('@iamfetch/policy').PolicyDocument
declare const definition: { apis: { test: { type: 'http'; routes: {} } } }
declare const listNotes: import('@iamfetch/local').LocalHandler
declare const caller: import('@iamfetch/server').Caller
declare const cognito: import('@iamfetch/cognito').CognitoCredentials
declare const error: unknown
declare const signal: AbortSignal
declare const form: HTMLFormElement
declare const url: string
declare const pem: string
declare const showSignIn: () => void
declare const signIn: () => void
declare const readSecret: (name: string) => Promise<string>
declare const notesTable: { get(key: string): Promise<unknown> }
declare const table: import('iamfetch/permissions').PermissionTable
declare const permissions: import('iamfetch/permissions').Permissions
declare const hideForm: () => void
declare const token: string
declare const NoteForm: () => import('react').ReactElement
declare const App: () => import('react').ReactElement
declare const Notes: () => import('react').ReactElement
declare const TanStackDevtools: (props: { plugins: unknown[] }) => import('react').ReactElement
declare const devtools: import('iamfetch/devtools').Devtools
declare const telemetry: import('iamfetch/opentelemetry').Telemetry
declare const render: (element: import('react').ReactElement) => void
declare const options: { url: string }
interface StoreOptions {
  url: string
  timeoutMs?: number
  onEvent?: () => void
}
declare const readToken: (options: { forceRefresh: boolean }) => Promise<string>
declare const userManager: import('oidc-client-ts').UserManager
declare const metrics: typeof import('@opentelemetry/api').metrics
declare const store: import('@iamfetch/developer-access').KeyStore
