/**
 * Uploads a file to a presigned URL. `fetch` does not report the progress of an upload; `XMLHttpRequest` does.
 *
 * @param onProgress  Receives how many bytes have left, and how many there are.
 */
export function uploadWithProgress(
  presignedUrl: string,
  file: Blob,
  onProgress: (sentBytes: number, totalBytes: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', presignedUrl)
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded, total))
    request.addEventListener('load', () => {
      if (request.status === 200) resolve()
      else reject(new Error(`S3 refused the upload with a ${request.status}.`))
    })
    // Not the URL: it is as good as a key until it expires.
    request.addEventListener('error', () => reject(new Error('The upload failed.')))
    request.addEventListener('abort', () => reject(signal?.reason))
    signal?.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}
