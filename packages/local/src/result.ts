/** What a step came to: its value, or why it was refused. */
export type Result<Value, Refusal> = { ok: true; value: Value } | { ok: false; refusal: Refusal }

/** The result of a step that succeeded. */
export const accepted = <Value>(value: Value): { ok: true; value: Value } => ({ ok: true, value })

/** The result of a step that was refused. */
export const refused = <Refusal>(refusal: Refusal): { ok: false; refusal: Refusal } => ({
  ok: false,
  refusal,
})
