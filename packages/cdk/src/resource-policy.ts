import type { PolicyDocument } from '@iamfetch/local'
import { PolicyDocument as Document } from 'aws-cdk-lib/aws-iam'

/**
 * Creates the resource policy of a REST API. Its own ARN becomes the short form `execute-api:/…`, because the policy is a part
 * of the API, whose ID is not known yet.
 */
export function resourcePolicyOf(document: PolicyDocument): Document {
  const copy: PolicyDocument = JSON.parse(JSON.stringify(document), (_, value: unknown) =>
    typeof value === 'string' ? value.replace(OWN_ARN, 'execute-api:/') : value,
  )
  // A document may have one statement without a list; aws-cdk-lib takes lists only.
  return Document.fromJson({ ...copy, Statement: [copy.Statement].flat() })
}

const OWN_ARN = /^arn:aws:execute-api:[^:]*:[^:]*:API_ID(?:_[^/]*)?\//
