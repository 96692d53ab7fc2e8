import type { EngineName } from './engines.ts'

/** Something that a client does wrongly by itself, on AWS as here. */
export interface ClientFault {
  /** The requests, without the name of the API, or the checks that fail because of it. */
  fails: readonly string[]
  /** What the failure shows: a part of the local reason or of the error. It is checked. */
  shows: string
  why: string
}

/** One row of the matrix. */
export interface Client {
  /** As its registry calls it. */
  name: string
  engine: EngineName
  /** The program and its arguments. */
  program: readonly string[]
  /** What is tried, in words. */
  tries: string
  faults?: readonly ClientFault[]
}

const WRONG_SIGNATURE = 'the signature is not the one of this request and this key'
const SIGNED = 'signed requests'

/** Paths that are different once they are encoded for the signature. */
const NOT_ENCODED = [
  'space in a path',
  'letter é in a path',
  'encoded slash in a path',
  'colon and at sign in a path',
  'equals sign and semicolon in a path',
  'parentheses and asterisk in a path',
]
const PATH_AS_SENT = 'It signs the path as it is sent, where AWS signs it encoded once more.'

const UNSIGNED_SEMICOLON = {
  fails: ['equals sign and semicolon in a path'],
  shows: WRONG_SIGNATURE,
  why: 'It signs the path without what follows a semicolon (`urlparse` of Python).',
}

export const clients: readonly Client[] = [
  {
    name: 'boto3',
    engine: 'python',
    program: ['boto3_flows'],
    tries: 'user pool, administration, SECRET_HASH, identity pool, Secrets Manager, caching client',
  },
  {
    name: 'botocore service models',
    engine: 'python',
    program: ['shapes'],
    tries: 'the shape of every response, errors included',
  },
  { name: 'botocore', engine: 'python', program: ['signers', 'botocore'], tries: SIGNED },
  {
    name: 'awscli',
    engine: 'python',
    program: ['aws_cli'],
    tries: 'user pool, administration, identity pool, Secrets Manager, STS',
  },
  {
    name: 'awscurl',
    engine: 'python',
    program: ['awscurl_requests'],
    tries: SIGNED,
    faults: [
      {
        fails: [
          'space in a query',
          'plus in a query',
          'letter é in a query',
          'reserved characters in a query',
        ],
        shows: WRONG_SIGNATURE,
        why: 'It encodes the query for the signature, also if the URL has it encoded.',
      },
    ],
  },
  {
    name: 'pycognito',
    engine: 'python',
    program: ['pycognito_flows'],
    tries: 'SRP, refresh, new password, SECRET_HASH, key set',
  },
  {
    name: 'Authlib',
    engine: 'python',
    program: ['authlib_flows'],
    tries: 'discovery, code flow with PKCE, Basic and form, refresh, client credentials',
  },
  {
    name: 'requests-aws4auth',
    engine: 'python',
    program: ['signers', 'requests-aws4auth'],
    tries: SIGNED,
    faults: [UNSIGNED_SEMICOLON],
  },
  {
    name: 'aws-requests-auth',
    engine: 'python',
    program: ['signers', 'aws-requests-auth'],
    tries: SIGNED,
    faults: [UNSIGNED_SEMICOLON],
  },
  {
    name: 'requests-auth-aws-sigv4',
    engine: 'python',
    program: ['signers', 'requests-auth-aws-sigv4'],
    tries: SIGNED,
    faults: [
      {
        fails: ['repeated key in a query'],
        shows: WRONG_SIGNATURE,
        why: 'It signs one value of a key, because it reads the query into a dict.',
      },
      {
        fails: ['key without = in a query'],
        shows: 'dictionary update sequence element #0 has length 1',
        why: 'It cannot read the query and sends nothing.',
      },
      { fails: NOT_ENCODED, shows: WRONG_SIGNATURE, why: PATH_AS_SENT },
    ],
  },
  {
    name: 'httpx-auth-awssigv4',
    engine: 'python',
    program: ['signers', 'httpx-auth-awssigv4'],
    tries: SIGNED,
    faults: [
      {
        fails: ['unsorted query', 'repeated key in a query', 'key without = in a query'],
        shows: WRONG_SIGNATURE,
        why: 'It signs the query as it is sent: not sorted, and without the = of an empty value.',
      },
      {
        fails: NOT_ENCODED,
        shows: WRONG_SIGNATURE,
        why: 'It signs the decoded path, where AWS signs the sent path encoded once more.',
      },
    ],
  },
  {
    name: 'amazon-cognito-identity-js',
    engine: 'javascript',
    program: ['amazon-cognito-identity-js'],
    tries: 'SRP, password, refresh, sign-up, sign-out',
  },
  {
    name: 'aws-amplify 5',
    engine: 'javascript',
    program: ['amplify-v5'],
    tries: 'SRP, attributes, refresh, sign-out',
  },
  {
    name: 'aws-amplify 6',
    engine: 'javascript',
    program: ['amplify-v6'],
    tries: 'SRP, password, identity pool, refresh, sign-out',
  },
  { name: 'aws4-axios', engine: 'javascript', program: ['aws4-axios'], tries: SIGNED },
  { name: 'aws-sigv4-fetch', engine: 'javascript', program: ['aws-sigv4-fetch'], tries: SIGNED },
  {
    name: 'aws-api-gateway-client',
    engine: 'javascript',
    program: ['aws-api-gateway-client'],
    tries: SIGNED,
    faults: [
      {
        fails: [
          'colon and at sign in a path',
          'equals sign and semicolon in a path',
          'parentheses and asterisk in a path',
        ],
        shows: WRONG_SIGNATURE,
        why: 'It encodes the path for the signature with `encodeURI`, which leaves these characters as they are.',
      },
    ],
  },
  {
    name: 'openid-client',
    engine: 'javascript',
    program: ['openid-client'],
    tries: 'discovery, code flow with PKCE, Basic and form, rotation, client credentials, logout',
  },
  {
    name: 'next-auth',
    engine: 'javascript',
    program: ['next-auth'],
    tries: 'sign-in of a web app: Basic, form, nonce',
  },
  {
    name: 'Auth.js (@auth/core)',
    engine: 'javascript',
    program: ['auth-js'],
    tries: 'sign-in of a web app: Basic, form, nonce, no secret',
  },
  {
    name: 'aws-jwt-verify',
    engine: 'javascript',
    program: ['aws-jwt-verify'],
    tries: 'tokens with the local issuer',
  },
  {
    name: 'aws-sdk-go-v2 signer',
    engine: 'go',
    program: ['signer'],
    tries: SIGNED,
  },
  {
    name: 'aws-sdk-go-v2',
    engine: 'go',
    program: ['services'],
    tries: 'user pool, administration, identity pool, Secrets Manager',
  },
  {
    name: 'golang.org/x/oauth2',
    engine: 'go',
    program: ['oauth2'],
    tries: 'code flow with PKCE, refresh, client credentials: Basic, form, detected',
  },
  {
    name: 'coreos/go-oidc',
    engine: 'go',
    program: ['oidc'],
    tries: 'discovery, code flow with PKCE, ID token, userInfo',
  },
  {
    name: 'AWS SDK for Java 2 signer (http-auth-aws)',
    engine: 'java',
    program: ['Clients', 'signer'],
    tries: SIGNED,
  },
  {
    name: 'AWS SDK for Java 2',
    engine: 'java',
    program: ['Clients', 'services'],
    tries: 'user pool, administration, identity pool, Secrets Manager',
  },
  {
    name: 'Nimbus OAuth 2.0 SDK',
    engine: 'java',
    program: ['Clients', 'nimbus'],
    tries: 'discovery, code flow with PKCE, Basic and form, refresh, client credentials',
  },
]
