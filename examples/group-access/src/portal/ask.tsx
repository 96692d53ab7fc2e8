import { useEffect, useId, useRef, type ReactNode } from 'react'
import { useAction } from './action.ts'
import { ProblemNote } from './problem.tsx'

/**
 * Asks before something is done that cannot be undone. The platform's dialog keeps the focus inside, ends with
 * Escape and gives the focus back.
 *
 * @param act  What is done when it is confirmed. While it fails the dialog stays, and says why.
 */
export function Ask({
  title,
  confirm,
  danger = false,
  act,
  onClose,
  children,
}: {
  title: ReactNode
  confirm: string
  danger?: boolean
  act: (answers: FormData) => Promise<void>
  onClose: () => void
  children: ReactNode
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const { busy, problem, run } = useAction()
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal()
  }, [])
  // Not in the dialog's own event, which comes later: a second question in between would be closed as well.
  const close = (): void => {
    dialog.current?.close()
    onClose()
  }
  return (
    <dialog
      ref={dialog}
      className="card ask"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const answers = new FormData(event.currentTarget)
          void run(async () => {
            await act(answers)
            close()
          })
        }}
      >
        <h2 id={heading}>{title}</h2>
        {children}
        <ProblemNote problem={problem} />
        <div className="ask-buttons">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button className={danger ? 'danger' : 'primary'} disabled={busy}>
            {busy ? '…' : confirm}
          </button>
        </div>
      </form>
    </dialog>
  )
}
