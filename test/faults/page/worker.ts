import { serve, type Setup, type Task } from './page.ts'

// The same file is a dedicated worker and a service worker.
addEventListener('message', (event: MessageEvent<{ setup: Setup; task: Task }>) => {
  const { setup, task } = event.data
  const reply = (answer: unknown): void => {
    const [port] = event.ports
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has none
    if (port) port.postMessage(answer)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- as above
    else (self as unknown as MessagePort).postMessage(answer)
  }
  serve(setup)(task).then(reply, (error: unknown) => reply(String(error)))
})
