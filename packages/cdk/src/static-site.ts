import { invalidOption } from '@iamfetch/core'
import { CfnResource, Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib'
import {
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  PriceClass,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment'
import { Construct } from 'constructs'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { acknowledge, acknowledgeLibrary } from './acknowledge.ts'
import { stackUuid } from './per-stack.ts'
import { logGroupOf } from './route-function.ts'

/** What the page reads when it starts. It contains no secret. */
export interface SiteConfig {
  readonly mode: 'aws'
  readonly region: string
  readonly userPoolId: string
  /** The `iss` of the user pool's tokens. */
  readonly issuer?: string
  readonly userPoolClientId: string
  readonly identityPoolId: string
  readonly apis: Readonly<Record<string, { readonly url: string }>>
  /** Has no member: function URLs are not deployed. A page reads the same `config.json` here and from the local stack. */
  readonly functionUrls?: Readonly<Record<string, never>>
  /** The domain of the user pool, where keys and machines get their tokens. */
  readonly endpoints?: { readonly oauth: string }
}

/** The props of {@link StaticSite}. */
export interface StaticSiteProps {
  /** What `vite build` wrote. Files below `assets/` must have a hash in their names. */
  readonly folder: string
  /** Is stored next to the page as `config.json`: see {@link IamGuardedApi.siteConfig}. */
  readonly config: SiteConfig
  /** More origins that the page may call, in addition to Cognito and the APIs of `config`. Defaults to none. */
  readonly connectTo?: readonly string[]
}

/**
 * A built page behind CloudFront, with its `config.json`.
 *
 * The bucket is private; only this distribution reads it (origin access control). The content security policy lets the
 * page call Cognito and its APIs, and no other origin.
 *
 * @throws `TypeError` with the code `INVALID_OPTION` if the folder has no `index.html`.
 */
export class StaticSite extends Construct {
  /** `https://<host>` */
  readonly url: string

  constructor(scope: Construct, id: string, props: StaticSiteProps) {
    super(scope, id)
    const { folder } = props
    if (!existsSync(join(folder, 'index.html'))) {
      throw invalidOption(
        'StaticSite',
        '"folder" must have an index.html (build the page first)',
        folder,
      )
    }
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      autoDeleteObjects: true,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    acknowledge(bucket, {
      'AwsSolutions-S1': 'It holds the public page, and only CloudFront reads it.',
    })
    const distribution = new Distribution(this, 'Distribution', {
      defaultRootObject: 'index.html',
      priceClass: PriceClass.PRICE_CLASS_100,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(bucket, {
          originAccessControl: new S3OriginAccessControl(this, 'OriginAccess', {
            originAccessControlName: cloudFrontName(this),
          }),
        }),
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        responseHeadersPolicy: securityHeaders(this, props),
      },
    })
    acknowledge(distribution, {
      'AwsSolutions-CFR1': 'The page is for every country.',
      'AwsSolutions-CFR2':
        'Static files; a web ACL has a price of its own and would guard nothing here.',
      'AwsSolutions-CFR3': 'Static files; the calls that matter are in the access log of the API.',
      'AwsSolutions-CFR4':
        "CloudFront's own certificate allows no minimum version. A domain of yours has one: minimumProtocolVersion.",
    })
    upload(this, bucket, props)
    adoptFunctions(this)
    this.url = `https://${distribution.distributionDomainName}`
  }
}

function upload(scope: Construct, bucket: Bucket, { folder, config }: StaticSiteProps): void {
  const logGroup = logGroupOf(scope, 'UploadLog')
  // Files below assets/ have a hash in their names and never change; index.html and config.json do.
  new BucketDeployment(scope, 'Assets', {
    destinationBucket: bucket,
    sources: [Source.asset(folder)],
    exclude: ['*'],
    include: ['assets/*'],
    prune: false,
    cacheControl: [CacheControl.fromString('public, max-age=31536000, immutable')],
    logGroup,
  })
  new BucketDeployment(scope, 'Page', {
    destinationBucket: bucket,
    sources: [Source.asset(folder), Source.jsonData('config.json', config)],
    exclude: ['assets/*'],
    prune: false,
    cacheControl: [CacheControl.noCache()],
    logGroup,
  })
}

/** Both uploads are made by one function, which aws-cdk-lib adds under this name. */
const UPLOADS = 'Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C'
/** The function that empties the bucket before it is deleted. aws-cdk-lib adds it, too. */
const AUTO_DELETE = 'Custom::S3AutoDeleteObjectsCustomResourceProvider'

/** What the functions of aws-cdk-lib need: acknowledged findings, and a log that ends. */
function adoptFunctions(scope: Construct): void {
  const stack = Stack.of(scope)
  const uploads = stack.node.findChild(UPLOADS)
  acknowledgeLibrary(
    uploads,
    "aws-cdk-lib's own: it reads the bucket of CDK assets, writes the bucket of the page, and its log.",
  )
  acknowledge(uploads, {
    'AwsSolutions-L1': "aws-cdk-lib's own: its runtime moves with the library.",
  })
  const handler = stack.node.findChild(AUTO_DELETE).node.findChild('Handler')
  if (!CfnResource.isCfnResource(handler)) return
  // It has no property for a log group. Without one Lambda creates a group that keeps everything and stays.
  handler.addPropertyOverride(
    'LoggingConfig.LogGroup',
    logGroupOf(scope, 'EmptyingLog').logGroupName,
  )
}

/** CloudFront's names are those of an account in all regions, so they contain the UUID of the stack. */
const cloudFrontName = (scope: Construct): string =>
  `Site-${scope.node.addr.slice(-8)}-${stackUuid(Stack.of(scope))}`

function securityHeaders(
  scope: Construct,
  { config, connectTo = [] }: StaticSiteProps,
): ResponseHeadersPolicy {
  const hosts = ['cognito-idp', 'cognito-identity'].map(
    (service) => `https://${service}.${config.region}.amazonaws.com`,
  )
  const apiOrigins = Object.values(config.apis).map(({ url }) => originOf(url))
  const policy = {
    'default-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'", ...hosts, ...apiOrigins, ...connectTo],
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
    responseHeadersPolicyName: cloudFrontName(scope),
    securityHeadersBehavior: {
      contentSecurityPolicy: { contentSecurityPolicy, override },
      contentTypeOptions: { override },
      frameOptions: { frameOption: HeadersFrameOption.DENY, override },
      referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override },
      strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override },
    },
  })
}

/** The URL without its path. It may contain values that are known only when the stack is deployed. */
const originOf = (url: string): string => `https://${Fn.select(2, Fn.split('/', url))}`
