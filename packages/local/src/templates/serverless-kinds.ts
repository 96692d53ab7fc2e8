import type { ReadApi } from './api-model.ts'
import type { Dictionary } from './values.ts'

/** The two kinds of APIs of SAM. */
export interface ServerlessKind {
  type: 'http' | 'rest'
  /** Of the resource, and of the event without its prefix. */
  resource: string
  event: 'HttpApi' | 'Api'
  /** The API of events that name none. */
  implicit: string
  /** The member of an event that names its API. */
  reference: 'ApiId' | 'RestApiId'
}

export const KINDS: readonly ServerlessKind[] = [
  {
    type: 'http',
    resource: 'AWS::Serverless::HttpApi',
    event: 'HttpApi',
    implicit: 'ServerlessHttpApi',
    reference: 'ApiId',
  },
  {
    type: 'rest',
    resource: 'AWS::Serverless::Api',
    event: 'Api',
    implicit: 'ServerlessRestApi',
    reference: 'RestApiId',
  },
]

/** An API with what its events need. */
export interface ReadServerlessApi {
  api: ReadApi
  auth: Dictionary
  /**
   * Whether events of functions create routes. If a REST API has an OpenAPI document, SAM gives their functions the permission to
   * be called and nothing more, unless `MergeDefinitions` is set.
   */
  hasEvents: boolean
}
