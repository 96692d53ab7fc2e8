import type { PolicyDocument, PolicyStatement } from '../../src/document.ts'
import { evaluate } from '../../src/evaluate.ts'
import type { AccessRequest } from '../../src/request.ts'

/** `GET /test` of an API. */
export const GET_TEST = 'arn:aws:execute-api:eu-central-1:123456789012:abc/prod/GET/test'

/** A statement that allows everything. */
export const BASE: PolicyStatement = {
  Effect: 'Allow',
  Action: 'execute-api:Invoke',
  Resource: '*',
}

/** A policy of statements that allow everything, but for what is given. */
export const policy = (...statements: Partial<PolicyStatement>[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements.map((one) => ({ ...BASE, ...one })),
})

/** What IAM decides about `GET /test`, or about another request. */
export const decide = (document: PolicyDocument, request: Partial<AccessRequest> = {}): string =>
  evaluate(document, { action: 'execute-api:Invoke', resource: GET_TEST, ...request }).effect
