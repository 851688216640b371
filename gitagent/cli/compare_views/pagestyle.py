"""Page style: what an HTML page of a comparison looks like, light and dark, wide, narrow and on paper."""

from __future__ import annotations

CSS = """
:root {
  color-scheme: light dark;
  --back: #fff; --fore: #1f2328; --quiet: #59636e; --line: #d1d9e0; --panel: #f6f8fa; --link: #0550ae;
  --old: #ffebe9; --old-mark: #ffc1bc; --old-edge: #cf222e; --new: #e6ffec; --new-mark: #a6f0b8; --new-edge: #1a7f37;
  --note: #7d4e00; --note-back: #fff8c5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0d1117; --fore: #e6edf3; --quiet: #9198a1; --line: #30363d; --panel: #161b22; --link: #79b8ff;
    --old: #3c1618; --old-mark: #842029; --old-edge: #ff7b72; --new: #12301c; --new-mark: #1f6f37; --new-edge: #56d364;
    --note: #f2cc60; --note-back: #2d2600;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 3.5rem; }
body { margin: 0; background: var(--back); color: var(--fore); font: 15px/1.5 system-ui, sans-serif; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:not(:focus) { position: absolute; left: -100vw; }
header { padding: 1.25rem 1.5rem 1rem; border-bottom: 1px solid var(--line); }
h1 { margin: 0; font-size: 1.5rem; overflow-wrap: anywhere; }
header p { margin: .25rem 0 0; color: var(--quiet); }
header .agent { margin: 0; }
header dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem .75rem; margin: .5rem 0; }
header dt { font-weight: 600; }
header dd { margin: 0; overflow-wrap: anywhere; }
footer { padding: .75rem 1.5rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .875rem; }
.page { display: grid; grid-template-columns: minmax(12rem, 18rem) minmax(0, 1fr); }
nav { border-right: 1px solid var(--line); padding: 1rem; font-size: .875rem; }
nav h2 { margin: 0 0 .5rem; font-size: .875rem; color: var(--quiet); }
nav ol { list-style: none; margin: 0; padding: 0; position: sticky; top: 1rem; max-height: calc(100vh - 2rem);
  overflow-y: auto; }
nav a { display: flex; gap: .5rem; padding: .2rem .4rem; border-radius: 4px; color: inherit; text-decoration: none; }
nav a:hover { background: var(--panel); text-decoration: underline; }
nav .path { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.tally { white-space: nowrap; color: var(--quiet); font-weight: normal; font-variant-numeric: tabular-nums; }
.plus { color: var(--new-edge); } .minus { color: var(--old-edge); }
main { padding: 1rem 1.5rem 4rem; }
section { margin: 0 0 1.5rem; border: 1px solid var(--line); border-radius: 6px; }
section > h2 { position: sticky; top: 0; z-index: 1; margin: 0; padding: .5rem .75rem; font-size: 1rem;
  background: var(--panel); border-bottom: 1px solid var(--line); border-radius: 6px 6px 0 0;
  overflow-wrap: anywhere; }
section > h2 .tally { margin-left: .75rem; font-size: .875rem; }
.notes { margin: .6rem .75rem; padding: 0; list-style: none; }
.notes li { display: inline-block; margin: 0 .5rem .2rem 0; padding: .05rem .5rem; border-radius: 4px;
  color: var(--note); background: var(--note-back); font-size: .875rem; }
table { width: 100%; border-collapse: collapse; }
caption { padding: .5rem .75rem .25rem; text-align: left; font-size: .8125rem; font-weight: 600; color: var(--quiet); }
.keys { font-size: .875rem; border-bottom: 1px solid var(--line); }
.keys th, .keys td { padding: .25rem .75rem; text-align: left; vertical-align: top; font-weight: normal;
  border-top: 1px solid var(--line); }
.keys thead th { color: var(--quiet); font-size: .8125rem; }
.keys tbody th, .keys td pre, .lines { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas,
  "DejaVu Sans Mono", monospace; }
.keys tbody th { font-weight: 600; overflow-wrap: anywhere; width: 26%; }
.keys td:nth-child(2) { width: 6.5rem; }
.keys td pre { margin: 0; font-size: .8125rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.lines { font-size: .8125rem; line-height: 1.45; }
.lines table { table-layout: fixed; }
.lines col.number { width: 3.6rem; }
.lines th { padding: .15rem .75rem; font-weight: normal; text-align: left; color: var(--quiet); }
.lines td { padding: 0 .5rem; vertical-align: top; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4; }
.lines td.number { text-align: right; color: var(--quiet); user-select: none; white-space: nowrap; }
.lines td.number ~ td.number { border-left: 1px solid var(--line); }
.lines td.text { padding-left: 1.6rem; text-indent: -1.1rem; }
.sign { display: inline-block; width: 1.1rem; text-indent: 0; user-select: none; }
.old { background: var(--old); } .new { background: var(--new); } .none { background: var(--panel); }
del, ins { text-decoration: none; border-radius: 2px; }
del { background: var(--old-mark); box-shadow: inset 0 -2px var(--old-edge); }
ins { background: var(--new-mark); box-shadow: inset 0 -2px var(--new-edge); }
.tab { position: relative; } .tab::before { content: "\\2192"; position: absolute; opacity: .5; text-indent: 0; }
summary { padding: .15rem .75rem; cursor: pointer; color: var(--quiet); background: var(--panel); }
.left-out { margin: 0; padding: .15rem .75rem; color: var(--quiet); background: var(--panel); }
@media (max-width: 760px) {
  .page { display: block; } nav { border-right: 0; border-bottom: 1px solid var(--line); }
  nav ol { position: static; max-height: none; } main { padding: 1rem .5rem; }
  .sides thead, .keys thead { display: none; }
  .keys tbody, .keys { display: block; }
  .keys tr { display: grid; grid-template-columns: minmax(0, 1fr) auto; border-top: 1px solid var(--line); }
  .keys tbody th, .keys td { width: auto; border: 0; } .keys td:nth-child(n+3) { grid-column: 1 / -1; }
  .keys td:empty { display: none; }
  .keys td.old pre::before { content: "- "; } .keys td.new pre::before { content: "+ "; }
  .sides table, .sides tbody { display: block; }
  .sides tr { display: grid; grid-template-columns: 3.2rem minmax(0, 1fr); }
  .sides td.number ~ td.number { border-left: 0; }
  .sides .none, .sides tr.same td:nth-child(-n+2) { display: none; }
}
@media print { nav, .skip { display: none; } .page { display: block; } section > h2 { position: static; } }
"""
