// The kinds of bodies that React Native has, with what differs from a browser: a `Blob` that only a `FileReader` reads, and
// a `FormData` without an iterator. What lies below them, the native side, is an array of bytes here.

/** Text as its UTF-8, one character for each byte. */
const latin1Of = (text: string): string => unescape(encodeURIComponent(text))

const bytesOf = (text: string): number[] => Array.from(latin1Of(text), (one) => one.charCodeAt(0))

/** As that of React Native: without `arrayBuffer`, `text` and `stream`. */
class NativeBlob {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly size: number
  readonly type: string

  constructor(parts: readonly (string | NativeBlob)[] = [], { type = '' } = {}) {
    const pieces = parts.map((part) => (typeof part === 'string' ? bytesOf(part) : [...part.bytes]))
    this.bytes = new Uint8Array(pieces.reduce((all, piece) => all.concat(piece), []))
    this.size = this.bytes.length
    this.type = type
  }
}

class NativeFileReader {
  result: ArrayBuffer | undefined
  error: Error | undefined
  onload: (() => void) | undefined
  #listeners: readonly (() => void)[] = []

  addEventListener(type: string, listener: () => void): void {
    if (type === 'load') this.#listeners = [...this.#listeners, listener]
  }

  readAsArrayBuffer(blob: NativeBlob): void {
    setTimeout(() => {
      this.result = blob.bytes.slice().buffer
      this.onload?.()
      for (const listener of this.#listeners) listener()
    }, 1)
  }
}

class NativeFormData {
  readonly #parts: { fieldName: string; string: string }[] = []

  append(fieldName: string, string: string): void {
    this.#parts.push({ fieldName, string })
  }

  getParts(): readonly object[] {
    return this.#parts
  }
}

class NativeUrlSearchParams {
  readonly #entries: readonly (readonly [string, string])[]

  constructor(entries: Readonly<Record<string, string>> = {}) {
    this.#entries = Object.entries(entries)
  }

  toString(): string {
    const encode = (text: string): string => encodeURIComponent(text).replace(/%20/g, '+')
    return this.#entries.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
  }
}

Object.assign(globalThis, {
  Blob: NativeBlob,
  FileReader: NativeFileReader,
  FormData: NativeFormData,
  URLSearchParams: NativeUrlSearchParams,
})
