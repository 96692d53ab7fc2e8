import { CfnResource, Stack, Validations } from 'aws-cdk-lib'
import { CfnPolicy, CfnRole } from 'aws-cdk-lib/aws-iam'
import type { IConstruct } from 'constructs'

/**
 * Acknowledges findings of cdk-nag on a construct, each with the reason why it stays.
 *
 * Call it next to what creates the construct, so that the reason is removed together with its cause.
 *
 * @param reasons  The rule, or the finding as `rule[finding]`, and the reason.
 */
export function acknowledge(
  construct: IConstruct,
  reasons: Readonly<Record<string, string>>,
): void {
  const known = Object.entries(reasons).map(([id, reason]) => ({ id, reason }))
  Validations.of(construct).acknowledge(...known)
}

/**
 * Acknowledges the wildcards and managed policies that a construct of aws-cdk-lib adds to its own role.
 *
 * They are read from the role and not listed: they name the bucket of CDK assets, which depends on how the account
 * was bootstrapped.
 */
export function acknowledgeLibrary(construct: IConstruct, reason: string): void {
  const findings = construct.node.findAll().flatMap((child) => {
    if (!CfnResource.isCfnResource(child)) return []
    const stack = Stack.of(child)
    if (child instanceof CfnRole) {
      const policies: unknown[] = stack.resolve(child.managedPolicyArns) ?? []
      return policies.map((arn) => `AwsSolutions-IAM4[Policy::${findingText(arn)}]`)
    }
    if (!(child instanceof CfnPolicy)) return []
    const { Statement }: { Statement: LibraryStatement[] } = stack.resolve(child.policyDocument)
    return Statement.flatMap(({ Action, Resource }) => [
      ...[Action].flat().map((action) => `Action::${action}`),
      ...[Resource].flat().map((resource) => `Resource::${findingText(resource)}`),
    ])
      .filter((finding) => finding.includes('*'))
      .map((finding) => `AwsSolutions-IAM5[${finding}]`)
  })
  acknowledge(construct, Object.fromEntries(findings.map((finding) => [finding, reason])))
}

interface LibraryStatement {
  Action: string | string[]
  Resource: unknown
}

/** A resolved value as cdk-nag writes it: `<LogicalId>` for what is known only when it is deployed. */
export function findingText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const [[name, argument] = ['', undefined]] = Object.entries<unknown>({ ...value })
  if (name === 'Ref') return `<${String(argument)}>`
  if (name === 'Fn::GetAtt') return `<${[argument].flat().join('.')}>`
  if (name === 'Fn::Sub')
    return String([argument].flat()[0]).replaceAll('${', '<').replaceAll('}', '>')
  if (name === 'Fn::Join' && Array.isArray(argument)) {
    const [separator, parts]: unknown[] = argument
    return [parts].flat().map(findingText).join(String(separator))
  }
  return JSON.stringify(value)
}
