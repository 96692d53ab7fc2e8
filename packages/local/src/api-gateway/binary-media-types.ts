/** Whether a media type is one that the API treats as bytes. */
export type IsBinary = (mediaType: string | undefined) => boolean

/**
 * Compares media types with those of a definition: `image/png`, `image/*` or every type. A request's own wildcard is
 * compared as it is written.
 *
 * @param types  Defaults to none, and then nothing is bytes.
 * @see [AWS: content type conversions](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html)
 * @see Measured: ministackorg/ministack@f1bdbd8 `apigateway_v1.py`
 */
export function binaryMediaTypes(types: readonly string[] = []): IsBinary {
  const known = types.map((type) => type.toLowerCase())
  return (mediaType) => {
    if (known.length === 0) return false
    if (known.includes('*/*')) return true
    const [type = ''] = (mediaType ?? '').split(';')
    const name = type.trim().toLowerCase()
    const [family] = name.split('/')
    return name !== '' && (known.includes(name) || known.includes(`${family}/*`))
  }
}

/** The first media type of an `Accept` header, which alone counts on AWS. */
export const firstAccepted = (accept: string | undefined): string | undefined =>
  accept?.split(',')[0]
