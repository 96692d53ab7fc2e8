/** What the sign-in page shows. */
export interface SignInPage {
  /** Of this one form. */
  formToken: string
  /** Filled in again after a wrong password. */
  username?: string
  problem?: string
}

/**
 * Writes the sign-in page. It posts to the address that it came from, whose query is the authorization request.
 *
 * No script, nothing from elsewhere.
 */
export const signInPage = ({ formToken, username = '', problem }: SignInPage): string =>
  page(
    'Sign in',
    `<form method="post">
<input type="hidden" name="_csrf" value="${escaped(formToken)}">
${problem === undefined ? '' : `<p role="alert">${escaped(problem)}</p>`}
<label>Username <input name="username" value="${escaped(username)}" autocomplete="username" autocapitalize="none" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form>
<p class="note">The user pool of a local stack. Its users are those of the definition.</p>`,
  )

/** Writes the page for a request whose response must not be sent to its callback. */
export const errorPage = (error: string, reason: string): string =>
  page(
    'Sign-in is not possible',
    `<p role="alert"><code>${escaped(error)}</code></p><p>${escaped(reason)}</p>`,
  )

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 ui-sans-serif, system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif;
  --go: light-dark(#17663f, #62cf95); --line: light-dark(#dcd7c9, #2c352f); --muted: light-dark(#5a625c, #9ca69f); --stop: light-dark(#ad2a1c, #ff9483) }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.25rem;
  background: light-dark(#f6f4ed, #101412); color: light-dark(#1a1f1c, #e8ece6) }
main { width: min(22rem, 100%); overflow-wrap: anywhere; padding: 1.75rem; border: 1px solid var(--line); border-radius: 0.75rem;
  background: light-dark(#fffdf7, #171c19) }
h1 { margin: 0 0 1.25rem; font: 600 1.4rem/1.2 'Iowan Old Style', Palatino, ui-serif, Georgia, serif }
form { display: grid; gap: 1rem }
p { margin: 0 } p + p { margin-top: 0.75rem }
label { display: grid; gap: 0.25rem; font-size: 0.9rem; font-weight: 600 }
input, button { font: inherit; width: 100%; padding: 0.6rem 0.75rem; border-radius: 0.4rem; border: 1px solid var(--muted) }
input { background: light-dark(#f6f4ed, #101412); color: inherit; font-weight: 400 }
button { border-color: var(--go); background: var(--go); color: light-dark(#ffffff, #0b1a12); font-weight: 600; cursor: pointer; min-height: 44px }
:focus-visible { outline: 3px solid var(--go); outline-offset: 2px }
[role=alert] { color: var(--stop) }
.note { margin-top: 1.25rem; font-size: 0.85rem; color: var(--muted) }
</style>
<main><h1>${title}</h1>
${body}</main></html>
`

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
