import type { DefaultTheme } from 'vitepress'
import { errorCodes } from './error-codes.ts'

type Item = DefaultTheme.SidebarItem

const pages = (...rows: [text: string, link: string][]): Item[] =>
  rows.map(([text, link]) => ({ text, link }))

const packages: Item[] = pages(
  ['iamfetch', '/packages/iamfetch'],
  ['@iamfetch/cognito', '/packages/cognito'],
  ['@iamfetch/sigv4', '/packages/sigv4'],
  ['iamfetch/react', '/packages/react'],
  ['@iamfetch/machine', '/packages/machine'],
  ['@iamfetch/server', '/packages/server'],
  ['@iamfetch/developer-access', '/packages/developer-access'],
  ['@iamfetch/local', '/packages/local'],
  ['@iamfetch/cdk', '/packages/cdk'],
  ['@iamfetch/policy', '/packages/policy'],
  ['The iamfetch command', '/packages/command'],
  ['Traces and metrics', '/packages/telemetry'],
  ['create-iamfetch', '/packages/create-iamfetch'],
  ['@iamfetch/core', '/packages/core'],
)

const codes: Item[] = errorCodes().map(({ code }) => ({ text: code, link: `/errors/${code}/` }))

/** The menu next to every page. */
export const menu: Item[] = [
  {
    text: 'Start',
    items: pages(
      ['What iamfetch is', '/'],
      ['Getting started', '/getting-started'],
      ['How a call works', '/concepts'],
      ['Vocabulary', '/vocabulary'],
    ),
  },
  {
    text: 'On AWS',
    items: pages(
      ['Step by step', '/aws/'],
      ['Checklist', '/aws/checklist'],
      ['Amplify Gen 2', '/aws/amplify-gen2'],
      ['An existing Amplify app', '/aws/existing-amplify'],
      ['AWS console', '/aws/console'],
      ['AWS CLI', '/aws/cli'],
      ['AWS CDK', '/aws/cdk'],
      ['AWS SAM', '/aws/sam'],
      ['Terraform', '/aws/terraform'],
    ),
  },
  {
    text: 'Call an API',
    items: pages(
      ['From React', '/tasks/react'],
      ['Call routes by name', '/tasks/typed-calls'],
      ['Show what a user may do', '/tasks/permissions'],
      ['Without React', '/tasks/without-react'],
      ['Next.js and server rendering', '/tasks/nextjs'],
      ['From React Native', '/tasks/react-native'],
      ['SWR, tRPC, Hono, oRPC, urql, AI SDK', '/tasks/recipes'],
      ['From a service', '/tasks/service'],
      ['Machine tokens in a fleet', '/tasks/machine-tokens'],
      ['Other AWS services', '/tasks/other-services'],
      ['Streams and events', '/tasks/streaming'],
      ['Agents and MCP', '/tasks/agents'],
      ['Migrate to it', '/migrate'],
      ['When it says 403', '/tasks/when-it-says-403'],
      ['Sign a request by hand', '/sign'],
    ),
  },
  {
    text: 'Build an API',
    items: pages(
      ['A back end on Lambda', '/tasks/lambda'],
      ['Know who called', '/tasks/who-called'],
      ['Keep tenants apart', '/tasks/tenants'],
      ['Offer API keys', '/tasks/api-keys'],
    ),
  },
  {
    text: 'Test and deploy',
    items: pages(
      ['Test your app', '/tasks/test'],
      ['See what every call does', '/tasks/devtools'],
      ['Your backend behind the stack', '/tasks/your-backend'],
      ['Your template as a stack', '/tasks/templates'],
      ['Run it in a container', '/tasks/containers'],
      ['Run it in CI', '/tasks/ci'],
      ['Deploy to AWS', '/tasks/deploy'],
    ),
  },
  {
    text: 'Reference',
    items: [
      { text: 'Error codes', link: '/errors/', collapsed: true, items: codes },
      ...pages(['API reference', '/reference/']),
    ],
  },
  {
    text: 'Quality and security',
    items: pages(
      ['Supported runtimes', '/runtimes'],
      ['Works with', '/works-with'],
      ['Behaviour under failure', '/bad-days'],
      ['Known problems of other libraries', '/elsewhere'],
      ['Benchmarks', '/benches'],
      ['Threat model', '/threat-model'],
    ),
  },
  { text: 'Packages', items: packages },
]
