import type { Duplex } from 'node:stream'

/** The length of a frame is in two more bytes, or in eight, if the first one has these values. */
const IN_TWO_BYTES = 126
const IN_EIGHT_BYTES = 127

/**
 * Watches the sizes of the frames that a client sends, which the WebSocket library does not report.
 *
 * @param largest     In bytes.
 * @param onTooLarge  Called as soon as the header of a larger frame is there.
 * @see [RFC 6455 §5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2)
 */
export function watchFrames(socket: Duplex, largest: number, onTooLarge: () => void): void {
  let header: number[] = []
  let payloadLeft = 0
  // Before the listener of the library, which handles a message as soon as its last byte is there.
  socket.prependListener('data', (chunk: Uint8Array) => {
    for (let at = 0; at < chunk.length;) {
      if (payloadLeft > 0) {
        const passed = Math.min(payloadLeft, chunk.length - at)
        payloadLeft -= passed
        at += passed
        continue
      }
      header.push(chunk[at] ?? 0)
      at++
      if (header.length < sizeOfHeader(header)) continue
      payloadLeft = sizeOfPayload(header)
      header = []
      if (payloadLeft > largest) onTooLarge()
    }
  })
}

const shortLength = (header: readonly number[]): number => (header[1] ?? 0) & 0x7f

function sizeOfHeader(header: readonly number[]): number {
  const mask = ((header[1] ?? 0) & 0x80) === 0 ? 0 : 4
  const length = shortLength(header)
  if (length === IN_TWO_BYTES) return 4 + mask
  return (length === IN_EIGHT_BYTES ? 10 : 2) + mask
}

function sizeOfPayload(header: readonly number[]): number {
  const length = shortLength(header)
  if (length < IN_TWO_BYTES) return length
  const bytes = header.slice(2, length === IN_TWO_BYTES ? 4 : 10)
  return bytes.reduce((size, byte) => size * 256 + byte, 0)
}
