import { defineStack } from '../../src/index.ts'
import { expect, stackTest } from '../../src/playwright.ts'

const mayCall = (route: string) => ({
  Version: '2012-10-17' as const,
  Statement: {
    Effect: 'Allow' as const,
    Action: 'execute-api:Invoke',
    Resource: `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/${route}`,
  },
})
const handler = () => ({ statusCode: 200, body: 'ok' })

const test = stackTest(
  defineStack({
    groups: { Writers: { policy: mayCall('*') }, Readers: { policy: mayCall('GET/*') } },
    users: { alice: { groups: ['Writers'] }, bob: { groups: ['Readers'] } },
    apis: { notes: { type: 'http', routes: { 'ANY /notes': { auth: 'iam', handler } } } },
  }),
)

/** The app: shows the configuration that it found, and who Amplify's storage says is signed in. */
const APP = `<!doctype html><title>App</title><output></output><script type="module">
const config = await (await fetch('config.json')).json()
const user = localStorage.getItem('CognitoIdentityServiceProvider.' + config.userPoolClientId + '.LastAuthUser')
document.querySelector('output').textContent = config.identityPoolId + ' ' + user
</script>`

test.beforeEach(({ page }) =>
  page.route('http://app.localhost/', (route) =>
    route.fulfill({ body: APP, contentType: 'text/html' }),
  ),
)

for (const [username, status] of [
  ['alice', 200],
  ['bob', 403],
] as const) {
  test(`${username} is signed in at the page and calls the API with the role of the group`, async ({
    page,
    as,
    stack,
  }) => {
    const user = await as(username)
    await page.goto('http://app.localhost/')
    await expect(page.locator('output')).toHaveText(`${stack.config.identityPoolId} ${username}`)
    const response = await user.fetch('/notes', { method: 'POST', body: '{}' })
    expect(response.status).toBe(status)
  })
}

test('nobody is signed in unless the test says so', async ({ page, stack }) => {
  await page.goto('http://app.localhost/')
  await expect(page.locator('output')).toHaveText(`${stack.config.identityPoolId} null`)
})
