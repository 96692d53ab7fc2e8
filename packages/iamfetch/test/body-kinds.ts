const bytes = new TextEncoder().encode('bytes')

const form = (): FormData => {
  const data = new FormData()
  data.set('field', 'value')
  data.set('file', new File(['content'], 'a.txt', { type: 'text/plain' }))
  return data
}

/** Each kind of body that the `fetch` of every runtime takes. */
export const BODY_KINDS: Readonly<Record<string, () => BodyInit | undefined>> = {
  text: () => 'text: ü',
  'empty text': () => '',
  URLSearchParams: () => new URLSearchParams({ a: '1 2' }),
  Blob: () => new Blob(['blob'], { type: 'image/png' }),
  File: () => new File(['file'], 'a.txt'),
  FormData: form,
  ArrayBuffer: () => bytes.slice().buffer,
  'typed array': () => bytes.slice(),
  DataView: () => new DataView(bytes.slice().buffer, 1, 3),
  ReadableStream: () => new Blob(['stream']).stream(),
  nothing: () => undefined,
}

/** A POST of a body, as `fetch` takes it. */
export function postOf(body: BodyInit | undefined): RequestInit {
  return {
    method: 'POST',
    ...(body !== undefined && { body }),
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  }
}

/** A request with a form's boundary replaced: one is drawn for each form. */
export function withoutBoundary(delivered: {
  contentType: string | null
  base64: string
}): unknown {
  const boundary = /boundary=(.*)/.exec(delivered.contentType ?? '')?.[1] ?? '\0'
  return {
    contentType: delivered.contentType?.replace(boundary, 'BOUNDARY'),
    text: atob(delivered.base64).replaceAll(boundary, 'BOUNDARY'),
  }
}
