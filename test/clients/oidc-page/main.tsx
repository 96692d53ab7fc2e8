import { IamProvider, useCredentialStatus, useIamFetch } from 'iamfetch/react'
import { useIamQueryOptions } from 'iamfetch/react/query'
import { QueryClient, QueryClientProvider, useMutation, useQuery } from '@tanstack/react-query'
import { cognitoCredentials, createIamFetch } from 'iamfetch'
import { clearWithOidc, oidcIdToken } from 'iamfetch/oidc'
import { UserManager, WebStorageStateStore } from 'oidc-client-ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { AuthProvider, useAuth } from 'react-oidc-context'

const config = await (await fetch('/config.json')).json()
const here = `${location.origin}/`

const userManager = new UserManager({
  authority: `${config.endpoints.cognitoIdp}/${config.userPoolId}`,
  client_id: config.userPoolClientId,
  redirect_uri: here,
  scope: 'openid email',
  // Over the redirects of a sign-out and of another sign-in, as most apps do it.
  userStore: new WebStorageStateStore({ store: localStorage }),
})
const credentials = cognitoCredentials({
  identityPoolId: config.identityPoolId,
  endpoint: config.endpoints.cognitoIdentity,
  idToken: oidcIdToken(userManager),
})
clearWithOidc(userManager, credentials)
const iamFetch = createIamFetch({
  baseUrl: config.apis.http.url,
  region: config.region,
  credentials,
})

function Page() {
  const auth = useAuth()
  const fetch = useIamFetch()
  const iamQueryOptions = useIamQueryOptions()
  const { username } = useCredentialStatus()
  const { data, error } = useQuery(
    iamQueryOptions({
      queryKey: ['test'],
      queryFn: async ({ fetch: get, signal }): Promise<{ role: string }> =>
        (await get('/test', { signal })).json(),
    }),
  )
  const post = useMutation({
    mutationFn: async () => (await fetch('/test', { method: 'POST', body: 'x' })).status,
  })
  if (auth.isLoading) return <p>…</p>
  return (
    <>
      <p data-testid="who">{username ?? 'nobody'}</p>
      <p data-testid="role">{data?.role ?? error?.message ?? 'none'}</p>
      <p data-testid="posted">{post.data ?? 'not yet'}</p>
      <button onClick={() => post.mutate()}>POST</button>
      <button onClick={() => void auth.signinRedirect()}>Sign in</button>
      <button onClick={() => void auth.signinSilent()}>Renew</button>
      <button onClick={() => void auth.removeUser()}>Forget</button>
      <button
        onClick={() =>
          void auth.signoutRedirect({
            // Cognito's own names.
            extraQueryParams: { client_id: config.userPoolClientId, logout_uri: here },
          })
        }
      >
        Sign out
      </button>
    </>
  )
}

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <AuthProvider
      userManager={userManager}
      onSigninCallback={() => history.replaceState({}, '', location.pathname)}
    >
      <QueryClientProvider client={new QueryClient()}>
        <IamProvider fetch={iamFetch} credentials={credentials}>
          <Page />
        </IamProvider>
      </QueryClientProvider>
    </AuthProvider>
  </StrictMode>,
)
