/** The Chromium that tests use: one on PATH, else the one that Playwright downloaded. */
export function findChromium(): Promise<string | undefined>
/** Finds a Chromium or gets one; rejects with what to do when it cannot. */
export function ensureChromium(): Promise<string>
/** What a Chromium is started with here. */
export const chromiumFlags: string[]
