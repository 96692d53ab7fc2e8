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
    ),
  },
  {
    text: 'On AWS',
    items: pages(
      ['Step by step', '/aws/'],
      ['Amplify Gen 2', '/aws/amplify-gen2'],
      ['An existing Amplify app', '/aws/existing-amplify'],
      ['AWS console', '/aws/console'],
      ['AWS CLI', '/aws/cli'],
      ['AWS SAM', '/aws/sam'],
      ['Terraform', '/aws/terraform'],
    ),
  },
  {
    text: 'Guides',
    items: pages(
      ['Call an API from React', '/tasks/react'],
      ['Call it from React Native', '/tasks/react-native'],
      ['Call it from a service', '/tasks/service'],
      ['Know who called', '/tasks/who-called'],
      ['Offer API keys to your users', '/tasks/api-keys'],
      ['Test locally and in CI', '/tasks/test'],
      ['Deploy to AWS', '/tasks/deploy'],
      ['Migrate to it', '/migrate'],
      ['When it says 403', '/tasks/when-it-says-403'],
      ['Sign a request by hand', '/sign'],
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
