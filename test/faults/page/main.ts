import { serve, type Setup, type Task } from './page.ts'

// For a page: the test calls these through the driver's own protocol, which the page's CSP does not stop.
let run: ((task: Task) => Promise<unknown>) | undefined
Object.assign(globalThis, {
  start: (setup: Setup) => void (run = serve(setup)),
  run: (task: Task) => run?.(task),
  viaWorker: (setup: Setup, task: Task) =>
    new Promise((resolve) => {
      const worker = new Worker('/worker.js', { type: 'module' })
      worker.addEventListener('message', ({ data }) => {
        worker.terminate()
        resolve(data)
      })
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
      worker.postMessage({ setup, task })
    }),
  viaServiceWorker: async (setup: Setup, task: Task) => {
    const registration = await navigator.serviceWorker.register('/worker.js', { type: 'module' })
    const worker = registration.active ?? registration.waiting ?? registration.installing
    return new Promise((resolve) => {
      const channel = new MessageChannel()
      channel.port1.addEventListener('message', ({ data }) => resolve(data))
      channel.port1.start()
      const ask = (): void => worker?.postMessage({ setup, task }, [channel.port2])
      if (worker?.state === 'activated') ask()
      else
        worker?.addEventListener('statechange', () => {
          if (worker.state === 'activated') ask()
        })
    })
  },
})
