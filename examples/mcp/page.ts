import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { Amplify } from 'aws-amplify'
import { signIn, signOut } from 'aws-amplify/auth'
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito'
import { sessionStorage } from 'aws-amplify/utils'
import { amplifyIdToken } from 'iamfetch/amplify'
import { connectAsUser } from './agent.ts'

/** The part of `config.json` that the page needs. */
interface Config {
  region: string
  userPoolId: string
  userPoolClientId: string
  identityPoolId: string
  apis: { tools: { url: string } }
  /** On AWS they are left out. */
  endpoints?: { cognitoIdp: string; cognitoIdentity: string }
}

const config: Config = await (await fetch('config.json')).json()
const { region, userPoolId, userPoolClientId, identityPoolId, apis, endpoints } = config
Amplify.configure({
  Auth: {
    Cognito: {
      userPoolId,
      userPoolClientId,
      ...(endpoints && { userPoolEndpoint: endpoints.cognitoIdp }),
    },
  },
})
// Tokens live as long as the tab does.
cognitoUserPoolsTokenProvider.setKeyValueStorage(sessionStorage)

const form = elementOf('sign-in', HTMLFormElement)
const username = elementOf('username', HTMLInputElement)
const password = elementOf('password', HTMLInputElement)
const status = elementOf('status', HTMLElement)
const tools = elementOf('tools', HTMLElement)
const result = elementOf('result', HTMLElement)

let client: Client | undefined
form.addEventListener('submit', (event) => {
  event.preventDefault()
  show(status, connect(username.value, password.value))
})

/** Signs a user in and connects the agent with the role of that user. @returns What the status says. */
async function connect(user: string, secret: string): Promise<string> {
  tools.replaceChildren()
  result.textContent = ''
  await client?.close()
  await signOut()
  await signIn({ username: user, password: secret })
  client = await connectAsUser(`${apis.tools.url}/mcp`, {
    identityPoolId,
    idToken: amplifyIdToken(),
    endpoint: endpoints?.cognitoIdentity,
    region,
  })
  const connected = client
  const list = await connected.listTools()
  tools.append(...list.tools.map(({ name }) => toolOf(connected, name)))
  return `Connected as ${user}.`
}

/** A tool as a button. `add` is called with 2 and 3. */
function toolOf(connected: Client, name: string): HTMLElement {
  const button = document.createElement('button')
  button.textContent = name
  button.addEventListener('click', () => {
    const call = connected.callTool({ name, arguments: name === 'add' ? { a: 2, b: 3 } : {} })
    show(
      result,
      call.then(({ content }) => JSON.stringify(content)),
    )
  })
  const item = document.createElement('li')
  item.append(button)
  return item
}

/** Shows a text when it is there, or why it is not. */
function show(element: HTMLElement, text: Promise<string>): void {
  element.textContent = '…'
  text.then(
    (said) => (element.textContent = said),
    (error: unknown) => (element.textContent = error instanceof Error ? error.message : 'failed'),
  )
}

function elementOf<T extends HTMLElement>(id: string, kind: new () => T): T {
  const element = document.getElementById(id)
  if (element instanceof kind) return element
  throw new Error(`The page has no #${id}.`)
}
