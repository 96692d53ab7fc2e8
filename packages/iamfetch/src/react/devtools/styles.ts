/** The look of the panel, in light and dark. Everything is below its own class, so that no page changes. */
export const STYLES = `
.iamfetch-devtools {
  color-scheme: light dark;
  --text: light-dark(#1b1f24, #e6e9ee);
  --muted: light-dark(#545c66, #a4adb8);
  --back: light-dark(#fff, #16191d);
  --card: light-dark(#f5f6f8, #1f2429);
  --line: light-dark(#d3d8de, #3a424b);
  --good: light-dark(#0b6b3a, #63d297);
  --bad: light-dark(#b3261e, #ff9d94);
  box-sizing: border-box;
  display: grid;
  gap: 12px;
  padding: 12px;
  color: var(--text);
  background: var(--back);
  font: 14px/1.45 system-ui, sans-serif;
  text-align: left;
}
.iamfetch-devtools *, .iamfetch-devtools ::before { box-sizing: border-box; }
.iamfetch-devtools h2 { margin: 0 0 8px; font: 600 15px/1.45 system-ui, sans-serif; color: inherit; }
.iamfetch-devtools p { margin: 6px 0; max-width: none; }
.iamfetch-devtools small { display: block; font-size: 13px; color: var(--muted); }
.iamfetch-devtools ol, .iamfetch-devtools ul { margin: 8px 0; padding: 0; list-style: none; }
.iamfetch-devtools .iamfetch-card {
  min-width: 0;
  padding: 12px;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 8px;
}
.iamfetch-devtools dl {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(min(140px, 100%), 1fr));
  gap: 8px 16px;
  margin: 0;
}
.iamfetch-devtools details dl { grid-template-columns: repeat(auto-fit, minmax(min(110px, 100%), 1fr)); }
.iamfetch-devtools dt { font-size: 13px; color: var(--muted); }
.iamfetch-devtools dd { margin: 0; overflow-wrap: anywhere; }
.iamfetch-devtools .iamfetch-actions {
  display: flex;
  flex-wrap: wrap;
  gap: 8px 12px;
  align-items: center;
  margin: 8px 0 0;
}
.iamfetch-devtools label {
  display: inline-flex;
  flex-wrap: wrap;
  gap: 6px;
  align-items: center;
  width: auto;
  margin: 0;
  font: inherit;
}
.iamfetch-devtools input { flex: none; width: auto; margin: 0; }
.iamfetch-devtools button, .iamfetch-devtools select {
  min-height: 32px;
  max-width: 100%;
  padding: 4px 10px;
  color: var(--text);
  background: var(--back);
  border: 1px solid var(--line);
  border-radius: 6px;
  font: inherit;
}
.iamfetch-devtools button:disabled { color: var(--muted); }
.iamfetch-devtools :is(button, select, input, summary):focus-visible {
  outline: 2px solid currentColor;
  outline-offset: 2px;
}
.iamfetch-devtools details { padding: 8px 0; border-top: 1px solid var(--line); }
.iamfetch-devtools summary { display: flex; flex-wrap: wrap; gap: 4px 10px; cursor: pointer; }
.iamfetch-devtools summary::before { content: '▸'; color: var(--muted); }
.iamfetch-devtools [open] > summary::before { content: '▾'; }
.iamfetch-devtools [open] > summary { margin-bottom: 8px; }
.iamfetch-devtools .iamfetch-path { flex: 1 1 8em; overflow-wrap: anywhere; }
.iamfetch-devtools .iamfetch-result { color: var(--good); }
.iamfetch-devtools .iamfetch-failed { color: var(--bad); font-weight: 600; }
.iamfetch-devtools .iamfetch-explanation {
  margin-top: 8px;
  padding-left: 10px;
  border-left: 3px solid var(--bad);
  overflow-wrap: anywhere;
}
`
