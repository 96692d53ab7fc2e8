import { expect, test } from 'vitest'
import { regionOf } from '../src/index.ts'

test.each([
  ['abc.execute-api.eu-central-1.amazonaws.com', 'eu-central-1'],
  ['abc.execute-api.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  ['abc.execute-api.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1'],
  ['abc.execute-api.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
  ['abc.execute-api.ap-southeast-2.api.aws', 'ap-southeast-2'],
  ['vpce-0123-abcd.execute-api.us-west-2.vpce.amazonaws.com', 'us-west-2'],
  ['abc-vpce-0123.execute-api.us-west-2.amazonaws.com', 'us-west-2'],
  ['abc.lambda-url.us-east-1.on.aws', 'us-east-1'],
  ['abc.appsync-api.us-east-1.amazonaws.com', 'us-east-1'],
  ['abc.appsync-realtime-api.us-east-1.amazonaws.com', 'us-east-1'],
  ['cognito-identity.ca-central-1.amazonaws.com', 'ca-central-1'],
  ['search-x.eu-west-3.es.amazonaws.com', 'eu-west-3'],
  ['abc.execute-api.eu-central-1.amazonaws.com:8443', 'eu-central-1'],
])('the region of %s is %s', (host, region) => {
  expect(regionOf(host)).toBe(region)
})

test.each([
  'api.example.com',
  'localhost:3000',
  'amazonaws.com',
  'iam.amazonaws.com',
  's3.amazonaws.com',
  'eu-west-1.s3.amazonaws.com',
  'abc.execute-api.eu-central-1.amazonaws.com.example.com',
  'execute-api.eu-central-1.example.com',
  'abc.execute-api.eu-central-1.notamazonaws.com',
  'abc.execute-api.eusc-de-east-1.amazonaws.eu.example.com',
  'my-bucket.s3-us-west-2.amazonaws.com',
  'abc.lambda-url.on.aws',
  'd111.cloudfront.net',
  '',
])('%s tells no region', (host) => {
  expect(regionOf(host)).toBeUndefined()
})
