import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { stackFromTemplate, type TemplateOptions, type TemplateStack } from '../../src/index.ts'

/** Writes files into a new folder, which is removed after the test. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'template-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

/** Reads a template that is given as text. */
export const readText = (text: string, options: TemplateOptions = {}): TemplateStack =>
  stackFromTemplate(join(folderWith({ 'template.yaml': text }), 'template.yaml'), options)

/** A user pool with one client, and the identity pool that takes its tokens. */
export const POOLS = `
  Users: { Type: AWS::Cognito::UserPool, Properties: {} }
  Page: { Type: AWS::Cognito::UserPoolClient, Properties: { UserPoolId: !Ref Users } }
  Pool:
    Type: AWS::Cognito::IdentityPool
    Properties:
      AllowUnauthenticatedIdentities: false
      CognitoIdentityProviders: [{ ProviderName: !GetAtt Users.ProviderName, ClientId: !Ref Page }]
`

/** A function with its code in the template. */
export const FUNCTION = `
  Answer:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Code: { ZipFile: "exports.handler = async (event) => ({ statusCode: 200, body: 'answer' })" }
`

/** A role that an identity pool may give out, allowed to call what is named. */
export const role = (name: string, resource: string, more = ''): string => `
  ${name}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: { Federated: cognito-identity.amazonaws.com }
            Action: sts:AssumeRoleWithWebIdentity
            Condition: { StringEquals: { 'cognito-identity.amazonaws.com:aud': !Ref Pool } }
      ${more}
      Policies:
        - PolicyName: Call
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - { Effect: Allow, Action: 'execute-api:Invoke', Resource: !Sub '${resource}' }
              - { Effect: Allow, Action: 'dynamodb:GetItem', Resource: !GetAtt Nowhere.Arn }
`
