import { describe, expect, test } from 'vitest'
import { awsHostOf, createSigner, scopeFor } from '../src/index.ts'

/** Host, region, signing name. The European Sovereign Cloud and the isolated partitions are unverified. */
const HOSTS: readonly (readonly [host: string, region: string, service: string])[] = [
  // API Gateway
  ['abc123.execute-api.eu-central-1.amazonaws.com', 'eu-central-1', 'execute-api'],
  ['abc123.execute-api.us-east-1.amazonaws.com', 'us-east-1', 'execute-api'],
  ['ABC123.Execute-API.ap-southeast-2.AmazonAWS.com', 'ap-southeast-2', 'execute-api'],
  ['abc123.execute-api.ap-southeast-4.amazonaws.com:443', 'ap-southeast-4', 'execute-api'],
  ['abc123.execute-api.eu-central-1.amazonaws.com.', 'eu-central-1', 'execute-api'],
  ['abc123.execute-api.me-central-1.amazonaws.com', 'me-central-1', 'execute-api'],
  ['abc123.execute-api.mx-central-1.amazonaws.com', 'mx-central-1', 'execute-api'],
  ['abc123.execute-api.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'execute-api'],
  ['abc123.execute-api.us-gov-east-1.amazonaws.com', 'us-gov-east-1', 'execute-api'],
  ['abc123.execute-api.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'execute-api'],
  ['abc123.execute-api.cn-northwest-1.amazonaws.com.cn', 'cn-northwest-1', 'execute-api'],
  ['abc123.execute-api.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1', 'execute-api'],
  ['abc123.execute-api.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1', 'execute-api'],
  ['abc123.execute-api.us-isob-east-1.sc2s.sgov.gov', 'us-isob-east-1', 'execute-api'],
  ['abc123.execute-api.eu-isoe-west-1.cloud.adc-e.uk', 'eu-isoe-west-1', 'execute-api'],
  ['abc123.execute-api.us-isof-south-1.csp.hci.ic.gov', 'us-isof-south-1', 'execute-api'],
  ['abc123.execute-api.ap-southeast-2.api.aws', 'ap-southeast-2', 'execute-api'],
  ['abc123.execute-api.cn-north-1.api.amazonwebservices.com.cn', 'cn-north-1', 'execute-api'],
  ['abc123.execute-api.eusc-de-east-1.api.amazonwebservices.eu', 'eusc-de-east-1', 'execute-api'],
  ['abc123.execute-api-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'execute-api'],
  ['abc123-vpce-0123.execute-api.us-west-2.amazonaws.com', 'us-west-2', 'execute-api'],
  ['vpce-0123-abcd.execute-api.us-west-2.vpce.amazonaws.com', 'us-west-2', 'execute-api'],
  [
    'vpce-0123-abcd-us-west-2a.execute-api.us-west-2.vpce.amazonaws.com',
    'us-west-2',
    'execute-api',
  ],
  ['vpce-0123.execute-api.cn-north-1.vpce.amazonaws.com.cn', 'cn-north-1', 'execute-api'],
  // Lambda
  ['abcdefg.lambda-url.eu-central-1.on.aws', 'eu-central-1', 'lambda'],
  ['abcdefg.lambda-url.us-east-1.on.aws', 'us-east-1', 'lambda'],
  ['abcdefg.lambda-url.ap-northeast-1.on.aws:443', 'ap-northeast-1', 'lambda'],
  ['lambda.eu-central-1.amazonaws.com', 'eu-central-1', 'lambda'],
  ['lambda.eu-central-1.api.aws', 'eu-central-1', 'lambda'],
  ['lambda-fips.us-east-1.amazonaws.com', 'us-east-1', 'lambda'],
  ['vpce-1-2.lambda.eu-west-1.vpce.amazonaws.com', 'eu-west-1', 'lambda'],
  // AppSync
  ['abcdef.appsync-api.eu-central-1.amazonaws.com', 'eu-central-1', 'appsync'],
  ['abcdef.appsync-api.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'appsync'],
  ['abcdef.appsync-api.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'appsync'],
  ['abcdef.appsync-realtime-api.eu-central-1.amazonaws.com', 'eu-central-1', 'appsync'],
  ['abcdef.appsync-realtime-api.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'appsync'],
  ['vpce-1-2.appsync-api.eu-west-1.vpce.amazonaws.com', 'eu-west-1', 'appsync'],
  ['appsync.eu-central-1.amazonaws.com', 'eu-central-1', 'appsync'],
  // VPC Lattice
  ['svc-0a1b.7d67968.vpc-lattice-svcs.eu-central-1.on.aws', 'eu-central-1', 'vpc-lattice-svcs'],
  ['s3-proxy-0a1b.7d67968.vpc-lattice-svcs.us-west-2.on.aws', 'us-west-2', 'vpc-lattice-svcs'],
  // Bedrock and AgentCore
  ['bedrock.us-east-1.amazonaws.com', 'us-east-1', 'bedrock'],
  ['bedrock-runtime.us-east-1.amazonaws.com', 'us-east-1', 'bedrock'],
  ['bedrock-runtime-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'bedrock'],
  ['bedrock-runtime.eu-central-1.api.aws', 'eu-central-1', 'bedrock'],
  ['vpce-1-2.bedrock-runtime.us-east-1.vpce.amazonaws.com', 'us-east-1', 'bedrock'],
  ['bedrock-agent.eu-central-1.amazonaws.com', 'eu-central-1', 'bedrock'],
  ['bedrock-agent-runtime.eu-central-1.amazonaws.com', 'eu-central-1', 'bedrock'],
  ['bedrock-agentcore.eu-central-1.amazonaws.com', 'eu-central-1', 'bedrock-agentcore'],
  ['bedrock-agentcore-control.us-west-2.amazonaws.com', 'us-west-2', 'bedrock-agentcore'],
  ['my-gw-abc.gateway.bedrock-agentcore.us-east-1.amazonaws.com', 'us-east-1', 'bedrock-agentcore'],
  ['vpce-1-2.bedrock-agentcore.us-east-1.vpce.amazonaws.com', 'us-east-1', 'bedrock-agentcore'],
  // OpenSearch
  ['search-logs-abc.eu-west-3.es.amazonaws.com', 'eu-west-3', 'es'],
  ['vpc-logs-abc.us-gov-west-1.es.amazonaws.com', 'us-gov-west-1', 'es'],
  ['search-s3-logs-abc.cn-north-1.es.amazonaws.com.cn', 'cn-north-1', 'es'],
  ['search-logs-abc.aos.us-east-1.on.aws', 'us-east-1', 'es'],
  ['abc123.eu-central-1.aoss.amazonaws.com', 'eu-central-1', 'aoss'],
  ['abc123.us-gov-west-1.aoss.amazonaws.com', 'us-gov-west-1', 'aoss'],
  // IoT
  ['iot.eu-central-1.amazonaws.com', 'eu-central-1', 'iot'],
  ['iot-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'iot'],
  ['abc123-ats.iot.eu-central-1.amazonaws.com', 'eu-central-1', 'iotdata'],
  ['abc123.ats.iot.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'iotdata'],
  ['data-ats.iot.eu-central-1.amazonaws.com:8443', 'eu-central-1', 'iotdata'],
  ['vpce-0a1-b2c.data.iot.eu-central-1.vpce.amazonaws.com', 'eu-central-1', 'iotdata'],
  // AWS's own services
  ['sts.amazonaws.com', 'us-east-1', 'sts'],
  ['sts.eu-central-1.amazonaws.com', 'eu-central-1', 'sts'],
  ['sts.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'sts'],
  ['sts-fips.us-east-1.amazonaws.com', 'us-east-1', 'sts'],
  ['sts.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'sts'],
  ['sts.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1', 'sts'],
  ['vpce-1-2.sts.eu-west-1.vpce.amazonaws.com', 'eu-west-1', 'sts'],
  ['secretsmanager.eu-central-1.amazonaws.com', 'eu-central-1', 'secretsmanager'],
  ['secretsmanager-fips.us-east-2.amazonaws.com', 'us-east-2', 'secretsmanager'],
  ['secretsmanager.eu-central-1.api.aws', 'eu-central-1', 'secretsmanager'],
  ['vpce-1-2.secretsmanager.eu-west-1.vpce.amazonaws.com', 'eu-west-1', 'secretsmanager'],
  ['cognito-identity.ca-central-1.amazonaws.com', 'ca-central-1', 'cognito-identity'],
  ['cognito-identity-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'cognito-identity'],
  ['cognito-identity.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'cognito-identity'],
  ['cognito-idp.eu-central-1.amazonaws.com', 'eu-central-1', 'cognito-idp'],
  ['cognito-idp-fips.us-east-1.amazonaws.com', 'us-east-1', 'cognito-idp'],
  ['cognito-idp.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1', 'cognito-idp'],
  ['dynamodb.eu-central-1.amazonaws.com', 'eu-central-1', 'dynamodb'],
  ['sqs.eu-central-1.api.aws', 'eu-central-1', 'sqs'],
  ['sns.us-east-1.amazonaws.com', 'us-east-1', 'sns'],
  ['kms-fips.us-east-1.amazonaws.com', 'us-east-1', 'kms'],
  ['states.eu-central-1.amazonaws.com', 'eu-central-1', 'states'],
  ['events.eu-central-1.amazonaws.com', 'eu-central-1', 'events'],
  ['ssm.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1', 'ssm'],
]

test('the table has at least 80 hosts', () => {
  expect(HOSTS.length).toBeGreaterThanOrEqual(80)
})

describe.each(HOSTS)('%s', (host, region, service) => {
  test(`is signed for ${service} in ${region}`, async () => {
    expect(awsHostOf(host)).toEqual({ region, service })
    const payload = service === 'vpc-lattice-svcs' ? 'unsigned' : 'signed'
    expect(scopeFor('f', {}, { host })).toEqual({ region, service, payload })
    expect(scopeFor('f', { region, service }, { host })).toEqual({ region, service, payload })
    const signer = createSigner({ credentials: { accessKeyId: 'AKIA', secretAccessKey: 's' } })
    const { headers } = await signer.sign(`https://${host}/x`)
    expect(headers.get('authorization')).toContain(`/${region}/${service}/aws4_request`)
  })

  test('contradicts another region and another service, and the error says what contradicts what', () => {
    const wrongRegion = region === 'eu-west-2' ? 'eu-west-1' : 'eu-west-2'
    expect(() => scopeFor('f', { region: wrongRegion }, { host })).toThrow(
      `f: "region" is "${wrongRegion}", but ${host} is in ${region}`,
    )
    expect(() => scopeFor('f', { service: 'other' }, { host })).toThrow(
      `f: "service" is "other", but ${host} accepts signatures for "${service}"`,
    )
    expect(() => scopeFor('f', { service: 'other' }, { host })).toThrow(TypeError)
  })
})

test.each(['wss:', 'ws:'])(
  'the endpoint of IoT devices has another signing name for %s',
  async (protocol) => {
    const host = 'abc123-ats.iot.eu-central-1.amazonaws.com'
    expect(awsHostOf(host, protocol)?.service).toBe('iotdevicegateway')
    const signer = createSigner({
      credentials: { accessKeyId: 'ASIA', secretAccessKey: 's', sessionToken: 'token' },
    })
    const url = await signer.presign(`wss://${host}/mqtt`)
    expect(url.searchParams.get('X-Amz-Credential')).toContain('/iotdevicegateway/')
    // Outside of the signature, as AWS IoT asks for: after everything that is signed, which is sorted.
    expect(url.search).toMatch(
      /&X-Amz-SignedHeaders=host&X-Amz-Security-Token=token&X-Amz-Signature=/,
    )
  },
)

test.each([
  's3.eu-central-1.amazonaws.com',
  's3.amazonaws.com',
  's3-us-west-2.amazonaws.com',
  'my-bucket.s3.eu-central-1.amazonaws.com',
  'my-bucket.s3.amazonaws.com',
  'my.bucket.s3.dualstack.eu-central-1.amazonaws.com',
  'my-bucket.s3-us-west-2.amazonaws.com',
  'eu-west-1.s3.amazonaws.com',
  'my-bucket.s3-fips.us-gov-west-1.amazonaws.com',
  'my-bucket.s3.cn-north-1.amazonaws.com.cn',
  'ap-123456789012.s3-accesspoint.eu-central-1.amazonaws.com',
  'my-bucket--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com',
  'bucket.vpce-1-2.s3.eu-west-1.vpce.amazonaws.com',
  'my-bucket.s3-website.eu-central-1.amazonaws.com',
  'my-bucket.s3-website-us-east-1.amazonaws.com',
  '123456789012.s3-control.eu-central-1.amazonaws.com',
])('%s is a host of S3, which is refused with a pointer', async (host) => {
  expect(awsHostOf(host)?.service).toBe('s3')
  for (const service of [undefined, 's3', 'execute-api']) {
    expect(() => scopeFor('f', { region: 'eu-central-1', service }, { host })).toThrow(
      /is an S3 host.*@aws-sdk\/client-s3/,
    )
  }
})

test.each([
  'api.example.com',
  'localhost:3000',
  '127.0.0.1',
  '[::1]:3000',
  'my.lambda.example.com',
  'execute-api.eu-central-1.example.com',
  'abc.execute-api.eu-central-1.amazonaws.com.example.com',
  'abc.execute-api.eu-central-1.notamazonaws.com',
  'abc.execute-api.eusc-de-east-1.amazonaws.eu.example.com',
])(
  '%s is not an AWS host: execute-api unless "service" says otherwise, and "region" is needed',
  (host) => {
    expect(awsHostOf(host)).toBeUndefined()
    expect(scopeFor('f', {}, { host })).toEqual({
      region: undefined,
      service: 'execute-api',
      payload: 'signed',
    })
    expect(scopeFor('f', { region: 'a-b-1', service: 's' }, { host })).toEqual({
      payload: 'signed',
      region: 'a-b-1',
      service: 's',
    })
  },
)

test.each([
  'new-service.eu-central-1.amazonaws.com',
  'abc.new-service.eu-central-1.on.aws',
  'data.jobs.iot.eu-central-1.amazonaws.com',
  'abc.credentials.iot.eu-central-1.amazonaws.com',
  'api.tunneling.iot.eu-central-1.amazonaws.com',
  'api.fleethub.iot.eu-central-1.amazonaws.com',
  'd111111abcdef8.cloudfront.net',
  'iam.amazonaws.com',
  'abc.lambda-url.on.aws',
])('%s is an AWS host of no known service, which needs "service"', (host) => {
  expect(() => scopeFor('f', { region: 'eu-central-1' }, { host })).toThrow(
    `f: "service" is required for ${host}, whose name does not tell it`,
  )
  expect(scopeFor('f', { region: 'eu-central-1', service: 'other' }, { host })).toEqual({
    payload: 'signed',
    region: 'eu-central-1',
    service: 'other',
  })
})
