import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModel } from 'ai'

/** A model behind an API that IAM guards, for `generateText` and `streamText`. Without `apiKey` no other authorization is sent. */
export const signedModel = (iamFetch: typeof fetch, url: string, model: string): LanguageModel =>
  createOpenAICompatible({ name: 'own-api', baseURL: url, fetch: iamFetch })(model)
