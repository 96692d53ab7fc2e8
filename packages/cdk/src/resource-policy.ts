import { fillPlaceholders, type PolicyDocument } from '@iamfetch/local'
import type { Stack } from 'aws-cdk-lib'
import { PolicyDocument as Document } from 'aws-cdk-lib/aws-iam'

/**
 * Creates the resource policy of a REST API. Its own ARN becomes the short form `execute-api:/…`, because the policy is a part
 * of the API, whose ID is not known yet. Other words in capitals are filled in.
 *
 * @param where  What the policy belongs to, for messages.
 */
export function resourcePolicyOf(
  { region, account: accountId }: Stack,
  document: PolicyDocument,
  where: string,
): Document {
  const copy: PolicyDocument = JSON.parse(JSON.stringify(document), (_, value: unknown) =>
    typeof value === 'string' ? value.replace(OWN_ARN, 'execute-api:/') : value,
  )
  // A document may have one statement without a list; aws-cdk-lib takes lists only.
  const filled = fillPlaceholders(copy, { region, accountId, apiIds: {} }, where)
  return Document.fromJson({ ...filled, Statement: [filled.Statement].flat() })
}

const OWN_ARN = /^arn:aws:execute-api:[^:]*:[^:]*:API_ID(?:_[^/]*)?\//
