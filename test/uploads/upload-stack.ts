import { defineStack, startLocalStack, type LocalStack } from '@iamfetch/local'
import { startS3, type S3Server } from '@iamfetch/testing/servers'

const mayCall = (place: string) => ({
  Version: '2012-10-17' as const,
  Statement: {
    Effect: 'Allow' as const,
    Action: 'execute-api:Invoke',
    Resource: `arn:aws:execute-api:REGION:ACCOUNT_ID:API_ID/*/${place}`,
  },
})

const uploads = (presign: S3Server['presign']) => {
  let count = 0
  return defineStack({
    groups: {
      Authors: { policy: mayCall('POST/uploads') },
      Readers: { policy: mayCall('GET/files') },
    },
    users: { alice: { groups: ['Authors'] }, bob: { groups: ['Readers'] } },
    apis: {
      files: {
        type: 'http',
        cors: { allowOrigins: ['*'] },
        routes: {
          'POST /uploads': {
            auth: 'iam',
            // The function chooses the key, and the URL works for a minute.
            handler: async () => {
              count += 1
              const key = `photo-${count}.png`
              return { statusCode: 201, body: JSON.stringify({ key, url: await presign(key, 60) }) }
            },
          },
        },
      },
    },
  })
}

export type UploadStack = LocalStack<ReturnType<typeof uploads>>

/** A local stack with a route that IAM guards, whose function presigns uploads to a server in the form of S3. */
export async function startUploads(
  now?: () => number,
): Promise<{ stack: UploadStack; s3: S3Server; stop(): Promise<void> }> {
  const s3 = await startS3(now)
  const stack = await startLocalStack(uploads(s3.presign))
  return {
    stack,
    s3,
    async stop() {
      await stack.stop()
      await s3.stop()
    },
  }
}
