import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import {
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment'
import type { Construct } from 'constructs'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { acknowledge } from './acknowledge.ts'

/** What the page reads when it starts. Holds no secret. */
export interface SiteConfig {
  mode: 'aws'
  region: string
  userPoolId: string
  userPoolClientId: string
  identityPoolId: string
  apis: Record<string, { url: string }>
  /** The user pool's domain, where keys get their tokens. */
  endpoints?: { oauth: string }
}

/**
 * Puts the built page behind CloudFront, with its `config.json` beside it.
 *
 * The bucket is private; only this distribution reads it (origin access control). The content security policy
 * lets the page talk to Cognito and to its APIs, and to nobody else.
 *
 * @param folder      What `vite build` wrote.
 * @param apiOrigins  Whom the page may call besides Cognito.
 * @throws Error when there is no `index.html`.
 */
export function buildSite(
  scope: Construct,
  folder: string,
  config: SiteConfig,
  apiOrigins: readonly string[],
): void {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new Error(`${folder} has no index.html. Build the page first: npm run build`)
  }
  const bucket = new Bucket(scope, 'Site', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    autoDeleteObjects: true,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  acknowledge(bucket, {
    'AwsSolutions-S1': 'It holds the public page, and CloudFront alone reads it.',
  })
  const distribution = new Distribution(scope, 'Distribution', {
    defaultRootObject: 'index.html',
    priceClass: PriceClass.PRICE_CLASS_100,
    defaultBehavior: {
      origin: S3BucketOrigin.withOriginAccessControl(bucket),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      responseHeadersPolicy: securityHeaders(scope, config.region, apiOrigins),
    },
  })
  acknowledge(distribution, {
    'AwsSolutions-CFR1': 'An example page is for every country.',
    'AwsSolutions-CFR2':
      'Static files; a web ACL has a price of its own and would guard nothing here.',
    'AwsSolutions-CFR3': 'Static files; the calls that matter are in the access log of the API.',
    'AwsSolutions-CFR4':
      "CloudFront's own certificate allows no minimum version. A domain of yours has one: minimumProtocolVersion.",
  })
  // Files under assets/ have a hash in their names and never change; index.html and config.json do.
  new BucketDeployment(scope, 'Assets', {
    destinationBucket: bucket,
    sources: [Source.asset(folder)],
    exclude: ['*'],
    include: ['assets/*'],
    prune: false,
    cacheControl: [CacheControl.fromString('public, max-age=31536000, immutable')],
  })
  new BucketDeployment(scope, 'Page', {
    destinationBucket: bucket,
    sources: [Source.asset(folder), Source.jsonData('config.json', config)],
    exclude: ['assets/*'],
    prune: false,
    cacheControl: [CacheControl.noCache()],
  })
  acknowledgeUploads(Stack.of(scope), bucket)
  new CfnOutput(scope, 'PageUrl', { value: `https://${distribution.distributionDomainName}` })
}

/** Both uploads are the work of one function, which aws-cdk-lib brings along under this name. */
function acknowledgeUploads(stack: Stack, bucket: Bucket): void {
  const uploads = stack.node.findChild(
    'Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C',
  )
  const { bucketArn } = bucket
  const [id] = stack.resolve(bucketArn)['Fn::GetAtt']
  const assets = `cdk-hnb659fds-assets-<AWS::AccountId>-${stack.region}`
  const wildcards = [
    ...['GetObject', 'GetBucket', 'List', 'DeleteObject', 'Abort'].map(
      (name) => `Action::s3:${name}*`,
    ),
    `Resource::arn:<AWS::Partition>:s3:::${assets}/*`,
    `Resource::<${id}.Arn>/*`,
  ]
  const basic = 'arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'
  acknowledge(uploads, {
    ...Object.fromEntries(
      wildcards.map((finding) => [
        `AwsSolutions-IAM5[${finding}]`,
        "aws-cdk-lib's own: it reads the bucket of CDK assets and writes the bucket of the page.",
      ]),
    ),
    [`AwsSolutions-IAM4[Policy::${basic}]`]: "aws-cdk-lib's own: it writes its log.",
    'AwsSolutions-L1': "aws-cdk-lib's own: its runtime moves with the library.",
  })
}

function securityHeaders(
  scope: Construct,
  region: string,
  apiOrigins: readonly string[],
): ResponseHeadersPolicy {
  const hosts = ['cognito-idp', 'cognito-identity'].map(
    (service) => `https://${service}.${region}.amazonaws.com`,
  )
  const policy = {
    'default-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'", ...hosts, ...apiOrigins],
    'object-src': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  }
  const contentSecurityPolicy = Object.entries(policy)
    .map(([directive, values]) => [directive, ...values].join(' '))
    .join('; ')
  const override = true
  return new ResponseHeadersPolicy(scope, 'SecurityHeaders', {
    securityHeadersBehavior: {
      contentSecurityPolicy: { contentSecurityPolicy, override },
      contentTypeOptions: { override },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override },
      strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override },
    },
  })
}
