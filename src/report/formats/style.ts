/** The style of a report's file, whole: it stands by itself, on a screen of any width, in light and dark, and on paper. Contrasts are of at least 4.5. */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --ground: #f5f6f4; --panel: #fff; --line: #d3d7d3; --line-strong: #8a918c; --ink: #14181a; --quiet: #565f5c; --link: #0b4fb3;
  --good: #0b6b2e; --good-ground: #e2f3e6; --unsure: #7a5200; --unsure-ground: #fbf0cf; --bad: #b3111c; --bad-ground: #fde5e4;
  --best: #7a17b8; --best-ground: #f3e6fb; --live: #0b4fb3; --live-ground: #e3edfb; --focus: #0b4fb3;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", "Liberation Mono", monospace;
  --sans: "Helvetica Neue", "Liberation Sans", "DejaVu Sans", system-ui, sans-serif;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #0b0d0e; --panel: #121517; --line: #2a3033; --line-strong: #666f73; --ink: #e8ebe9; --quiet: #9aa5a3; --link: #7db7ff;
    --good: #56d77f; --good-ground: #0f2a19; --unsure: #ffd24a; --unsure-ground: #2e2508; --bad: #ff7b76; --bad-ground: #381213;
    --best: #d59bff; --best-ground: #2a1538; --live: #7db7ff; --live-ground: #10233b; --focus: #ffd24a;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { font: 15px / 1.45 var(--sans); background: var(--ground); color: var(--ink); font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0.2rem 0 0.6rem; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 2rem 0 0.5rem; padding-bottom: 0.25rem; border-bottom: 2px solid var(--line-strong); overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 0 0 0.4rem; overflow-wrap: anywhere; }
p, li { max-width: 78ch; overflow-wrap: anywhere; }
p { margin: 0.4rem 0; }
ul { margin: 0.4rem 0; padding-left: 1.3rem; }
li { margin: 0.25rem 0; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
.kicker, .made, nav { color: var(--quiet); font-size: 0.87rem; }
.kicker { text-transform: uppercase; letter-spacing: 0.08em; }
.made { overflow-wrap: anywhere; }
nav ul { list-style: none; padding: 0; margin: 0.8rem 0 0; display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; }
nav li { margin: 0; }
.outcome { display: inline-block; margin: 0.3rem 0; padding: 0.15rem 0.7rem; font-size: 1.5rem; font-weight: 700; border: 2px solid currentcolor; }
.good { color: var(--good); } .bad { color: var(--bad); } .unsure { color: var(--unsure); } .quiet { color: var(--quiet); }
.mark { white-space: nowrap; font-weight: 600; }
.problem { margin: 0.8rem 0; padding: 0.7rem 0.9rem; background: var(--panel); border: 1px solid var(--line); border-left: 5px solid var(--bad); }
.problem.unsure-edge { border-left-color: var(--unsure); }
.problem h3 { color: var(--bad); }
.problem.unsure-edge h3 { color: var(--unsure); }
.todo { margin: 0.5rem 0; padding: 0.4rem 0.6rem; background: var(--ground); border: 1px solid var(--line); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.1rem 0.8rem; margin: 0.4rem 0; font-size: 0.93rem; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
code { font-family: var(--mono); font-size: 0.92em; }
pre { margin: 0.3rem 0 0; padding: 0.5rem 0.6rem; background: var(--ground); border: 1px solid var(--line); font: 0.85rem / 1.4 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; background: var(--panel); border: 1px solid var(--line); }
table { width: 100%; border-collapse: collapse; font-size: 0.93rem; }
th, td { padding: 0.25rem 0.6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
td { min-width: 5ch; }
thead th { font-size: 0.8rem; color: var(--quiet); white-space: nowrap; }
tbody th { font-weight: 500; }
tbody tr:last-child > * { border-bottom: 0; }
.more { color: var(--quiet); }
@media (max-width: 40rem) {
  body { padding: 0.7rem 0.6rem 2rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 0.3rem; }
  .outcome { font-size: 1.2rem; }
  .scroll > table { min-width: 34rem; }
}
@media print {
  :root { --ground: #fff; }
  html { font-size: 10pt; }
  body { max-width: none; padding: 0; }
  nav { display: none; }
  .scroll { overflow: visible; border: 0; }
  .problem, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
`;
