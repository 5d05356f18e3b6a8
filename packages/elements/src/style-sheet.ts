let sheet: CSSStyleSheet | undefined;

/** One sheet for all elements of a document. Their looks are changed by the custom properties in its first rule. */
export function styleSheet(): CSSStyleSheet {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
  }
  return sheet;
}

// Contrast of the colours, on their surface: text at least 4.5:1, edges of controls and signs at least 3:1.
const css = `
:host {
  --accent: var(--linchpin-accent, light-dark(#17468f, #9cc0ff));
  --on-accent: var(--linchpin-on-accent, light-dark(#ffffff, #0b1c38));
  --surface: var(--linchpin-surface, light-dark(#ffffff, #141a22));
  --key: var(--linchpin-key, light-dark(#f1f4f8, #212a35));
  --ink: var(--linchpin-ink, light-dark(#14202e, #eef2f7));
  --muted: var(--linchpin-muted, light-dark(#4c5b6c, #adb9c6));
  --edge: var(--linchpin-edge, light-dark(#7b8a9a, #74838f));
  --failure: var(--linchpin-failure, light-dark(#a8261c, #ffb3a8));
  --success: var(--linchpin-success, light-dark(#1a6a3d, #84d7a6));
  --radius: var(--linchpin-radius, 0.875rem);
  display: block;
  max-inline-size: 22rem;
  color: var(--ink);
  font: 400 1rem / 1.5 var(--linchpin-font, system-ui, sans-serif);
  -webkit-user-select: none;
  user-select: none;
  -webkit-tap-highlight-color: transparent;
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; margin: 0; }
/* A sentence in another language than the page's has a direction of its own. */
p, span, button { unicode-bidi: plaintext; }
.spoken { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

[part~=panel] { position: relative; padding: 1.75rem 1.5rem 1.5rem; border-radius: calc(var(--radius) * 1.5); background: var(--surface); }
[part~=heading] { text-align: center; }
[part~=step] { color: var(--muted); font-size: 0.875rem; }
[part~=text] { margin-block-start: 0.25rem; }
[part~=title] { font-size: 1.3125rem; font-weight: 600; line-height: 1.3; letter-spacing: -0.01em; text-wrap: balance; }
[part~=text] { color: var(--muted); text-wrap: balance; }

[part~=field] { display: flex; direction: ltr; justify-content: center; gap: 0.625rem; margin-block-start: 1.25rem; }
[part~=cell] { display: grid; place-items: center; flex: 0 1 3rem; min-inline-size: 0.5rem; block-size: 3.5rem; inline-size: 3rem; border: 1.5px solid var(--edge); border-radius: calc(var(--radius) * 0.75); }
[part~=full]::after { content: ""; border: 0.4375rem solid var(--ink); border-radius: 50%; }
[part~=field]:focus [part~=cell] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
[part~=field]:focus [part~=next] { box-shadow: inset 0 0 0 1px var(--accent), 0 0 0 3px color-mix(in srgb, var(--accent) 30%, transparent); }
.many { align-items: center; block-size: 3.5rem; }
.many [part~=cell] { flex-basis: 0.9375rem; block-size: 0.9375rem; border-radius: 50%; }
.many [part~=full] { border: 0.46875rem solid var(--ink) !important; }
.many [part~=full]::after { content: none; }
.wrong [part~=cell], .wrong:focus [part~=cell] { border-color: var(--failure); box-shadow: inset 0 0 0 1px var(--failure); }
.below { display: grid; place-content: center; min-block-size: 5.5rem; margin-block: 0.875rem 1rem; }
[part~=notice] { color: var(--failure); font-weight: 500; text-align: center; text-wrap: balance; }
[part~=notice]:empty { display: none; }

[part~=advice] { color: var(--muted); font-size: 0.9375rem; text-wrap: balance; }
[part~=advice] > p { text-align: center; }
[part~=rules] { padding: 0; list-style: none; }
[part~=rule] { display: flex; align-items: center; gap: 0.5rem; padding-block: 0.125rem; }
[part~=met] { color: var(--success); }
[part~=broken] { color: var(--failure); }
.bullet { display: grid; flex: none; place-items: center; inline-size: 1.125rem; block-size: 1.125rem; }
.bullet:empty::before { content: ""; border: 0.1875rem solid currentColor; border-radius: 50%; }
svg { inline-size: 100%; block-size: 100%; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }

[part~=pad] { display: grid; direction: ltr; grid-template-columns: repeat(3, 1fr); gap: 0.5rem; }
button { min-block-size: 3rem; padding: 0.5rem 1rem; border: 1px solid transparent; border-radius: var(--radius); color: inherit; font: inherit; cursor: pointer; touch-action: manipulation; }
[part~=key] { min-block-size: var(--linchpin-key-size, 3.5rem); touch-action: none; background: var(--key); font-size: 1.5rem; font-weight: 500; font-variant-numeric: tabular-nums; line-height: 1; }
[part~=key]:nth-of-type(11) { grid-column: 2; }
[part~=quiet-key] { display: grid; place-items: center; padding: 0; background: none; color: var(--muted); font-size: 0.9375rem; line-height: 1.25; }
[part~=quiet-key] svg { inline-size: 1.75rem; block-size: 1.75rem; stroke-width: 1.5; }
[part~=button] { inline-size: 100%; margin-block-start: 1rem; background: var(--accent); color: var(--on-accent); font-weight: 600; }
[part~=button][aria-disabled=true] { background: var(--key); color: var(--muted); }
[part~=quiet] { margin-block-start: 0.5rem; background: none; color: var(--accent); }
@media (hover: hover) {
  [part~=key]:hover { background: color-mix(in srgb, var(--ink) 10%, var(--key)); }
  [part~=button]:hover { filter: brightness(1.1); }
  [part~=quiet]:hover { background: var(--key); filter: none; }
}
[part~=key]:active { background: color-mix(in srgb, var(--ink) 20%, var(--key)); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
[part~=field]:focus-visible, [part~=result]:focus-visible { outline: none; }

[part~=result] { display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 0.5rem; min-block-size: 34rem; text-align: center; }
[part~=result] [part~=button] { margin-block-start: 1.5rem; }
[part~=sign], [part~=progress] { flex: none; inline-size: 4rem; block-size: 4rem; margin-block-end: 0.75rem; border-radius: 50%; }
[part~=sign] { display: block; padding: 1rem; border: 1px solid transparent; background: color-mix(in srgb, currentColor 12%, transparent); }
[part~=success] { color: var(--success); }
[part~=failure] { color: var(--failure); }
[part~=progress] { border: 4px solid color-mix(in srgb, var(--accent) 20%, transparent); border-block-start-color: var(--accent); animation: turn 0.9s linear infinite; }
@keyframes turn { to { rotate: 1turn; } }

[part~=stage] { display: grid; place-items: center; grid-template-rows: 1fr auto; block-size: 9rem; margin-block: 1.25rem; padding: 0.75rem 1rem; border-radius: var(--radius); background: var(--key); }
[part~=stage] > * { margin: 0; }
[part~=reveal] [part~=text] { min-block-size: 3rem; }
[part~=reveal] [part~=button] { margin: 0; }
[part~=reveal] [part~=quiet] { border-color: var(--edge); }
[part~=stage] > [part~=progress] { inline-size: 2.5rem; block-size: 2.5rem; }
[part~=mask] { display: flex; gap: 1.5rem; }
[part~=dot] { border: 0.4375rem solid var(--muted); border-radius: 50%; }
[part~=digits] { inline-size: 100%; block-size: 4rem; color: var(--ink); font-variant-numeric: tabular-nums; pointer-events: none; }
[part~=countdown] { inline-size: 100%; color: var(--muted); font-size: 0.875rem; font-variant-numeric: tabular-nums; text-align: center; }
[part~=bar] { display: block; block-size: 0; margin-block-end: 0.5rem; border-block-start: 4px solid var(--accent); border-radius: 2px; transform: scaleX(var(--left)); transition: transform 1s linear; }

@media (prefers-reduced-motion: reduce) {
  [part~=progress] { animation-duration: 6s; }
  [part~=bar] { transition: none; }
}
@media (forced-colors: active) {
  [part~=panel], [part~=stage], button { border: 1px solid; }
  [part~=field]:focus [part~=cell] { border: 4px solid Highlight; }
  [part~=progress] { border-block-start-color: Highlight; }
  [part~=button][aria-disabled=true] { border-color: GrayText; color: GrayText; }
}
@media print { [part~=digits] { visibility: hidden; } }
`;
