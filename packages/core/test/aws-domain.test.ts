import { expect, test } from 'vitest'
import { isAwsHost } from '../src/index.ts'

test.each([
  'abc.execute-api.eu-central-1.amazonaws.com',
  'ABC.Execute-API.eu-central-1.AmazonAWS.com:443',
  'abc.execute-api.cn-north-1.amazonaws.com.cn',
  'abc.execute-api.eusc-de-east-1.amazonaws.eu',
  'abc.lambda-url.eu-central-1.on.aws',
  'abc.lambda-url.eu-central-1.on.aws.',
  'abc.execute-api.eu-central-1.api.aws',
  'service.123.vpc-lattice-svcs.us-west-2.on.aws',
  'cognito-identity.cn-north-1.api.amazonwebservices.com.cn',
  'mine.auth.eu-central-1.amazoncognito.com',
  'd111111abcdef8.cloudfront.net',
  'sts.us-iso-east-1.c2s.ic.gov',
])('%s belongs to AWS', (host) => {
  expect(isAwsHost(host)).toBe(true)
})

test.each([
  'localhost:3000',
  '127.0.0.1',
  'api.example.com',
  'amazonaws.com.example.com',
  'notamazonaws.com',
  'x.amazonaws-mock.local',
])('%s does not belong to AWS', (host) => {
  expect(isAwsHost(host)).toBe(false)
})
