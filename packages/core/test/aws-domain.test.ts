import { expect, test } from 'vitest'
import { checkEndpoint, isAwsHost } from '../src/index.ts'

test.each([
  'abc.execute-api.eu-central-1.amazonaws.com',
  'ABC.Execute-API.eu-central-1.AmazonAWS.com:443',
  'abc.execute-api.cn-north-1.amazonaws.com.cn',
  'abc.execute-api.eusc-de-east-1.amazonaws.eu',
  'abc.lambda-url.eu-central-1.on.aws',
  'abc.lambda-url.eu-central-1.on.aws.',
  'abc.lambda-url.eu-central-1.on.aws..',
  'amazonaws.com',
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

test.each([
  'http://cognito-identity.eu-central-1.amazonaws.com/',
  'HTTP://Cognito-Identity.eu-central-1.AmazonAWS.com.:80',
  'http://cognito-identity.eu-central-1.amazonaws。com',
  'http://cognito-identity.eu-central-1.amazonaws.com。/',
  'http://cognito-identity.eu-central-1.%61mazonaws.com',
  'http://cognito-identity.eu-central-1.ａmazonaws.com',
  'http://cognito-identity.eu-central-1.amazon\u00ADaws.com',
  'http://cognito-identity.eu-central-1.amazon\taws.com',
  'http://local.test\\@cognito-identity.eu-central-1.amazonaws.com',
])('%j, which URL parsers take for an AWS host, is not an endpoint', (endpoint) => {
  expect(() => checkEndpoint('test', endpoint)).toThrow(/^test: "endpoint" must /)
})

test.each([
  'https://cognito-identity.eu-central-1.amazonaws.com/',
  'https://bücher.example/',
  'http://127.0.0.1:9400',
  'http://localhost:9400/path?a=b',
  'http://[::1]:9400/',
  'http://stack_1.internal',
])('%s is an endpoint', (endpoint) => {
  expect(() => checkEndpoint('test', endpoint)).not.toThrow()
})
