"""Page: the statistics of a version's calls as one HTML page that needs nothing else, neither a network nor scripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from gitagent.cli.call_views.figures import compared
from gitagent.cli.call_views.summary import charts, figures, heading, sides
from gitagent.cli.compare_views.pagestyle import CSS

if TYPE_CHECKING:
    from gitagent import Statistics
    from gitagent.cli.call_views.plots import Span

BEGINNING = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="gitagent calls stats">
"""
"""How every page begins, and by what one is known again."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_OWN = """
.figures { width: auto; margin: 0 0 1rem; } .figures th, .figures td { padding: .2rem .9rem; text-align: left; }
.figures tbody th { font-weight: normal; color: var(--quiet); } .figures td { font-variant-numeric: tabular-nums; }
figure { margin: 0; padding: .75rem; } figcaption { color: var(--quiet); font-size: .875rem; }
svg { width: 100%; max-width: 44rem; height: auto; } svg text { fill: var(--fore); font: 13px system-ui, sans-serif; }
svg .axis { stroke: var(--line); } svg rect { fill: var(--link); } main { padding: 1rem 1.5rem; }
section > p { padding: 0 .75rem; }
"""
_WIDTH, _LEFT, _RIGHT, _ROW = 700, 60, 250, 26


def html(found: Statistics, made: str) -> str:
    """The page; `made` says when and by whom."""
    title = f"{escape(found.agent)}: calls of {escape(heading(found))}"
    plots = "".join(_figure(*chart) for chart in charts(sides(found)))
    return f"""{BEGINNING}<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{CSS}{_OWN}</style>
</head>
<body>
<header>
<p class="agent">{escape(found.agent)}</p><h1>Calls of {escape(heading(found))}</h1>
</header>
<main>
<section aria-labelledby="figures"><h2 id="figures">Figures</h2>
{_table(found)}{_verdict(found)}</section>
{plots}</main>
<footer>{escape(made)}</footer>
</body>
</html>
"""


def _table(found: Statistics) -> str:
    head, *rows = figures(found)
    columns = "".join(f'<th scope="col">{escape(each)}</th>' for each in head[1:])
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(each)}</td>" for each in values)}</tr>\n'
        for name, *values in rows
    )
    return f'<table class="figures">\n<thead><tr><td></td>{columns}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n'


def _verdict(found: Statistics) -> str:
    return "" if found.difference is None else f"<p>Success rate: {escape(compared(found.difference))}.</p>\n"


def _figure(title: str, spans: Sequence[Span], scale: float) -> str:
    height = _ROW * len(spans) + 8
    bars = "".join(_bars(spans, scale))
    return (
        f"<section><h2>{escape(title.partition(',')[0])}</h2><figure>\n"
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}">\n'
        f'<line class="axis" x1="{_LEFT}" y1="0" x2="{_LEFT}" y2="{height}"/>\n{bars}</svg>\n'
        f"<figcaption>{escape(title)}</figcaption></figure></section>\n"
    )


def _bars(spans: Sequence[Span], scale: float) -> Iterator[str]:
    room = _WIDTH - _LEFT - _RIGHT
    for row, span in enumerate(spans):
        top, begin = row * _ROW + 4, _LEFT + span.begin / scale * room
        width = max((span.end - span.begin) / scale * room, 2)
        yield f'<text x="0" y="{top + 15}">{escape(span.label)}</text>'
        yield f'<rect x="{begin:.1f}" y="{top}" width="{width:.1f}" height="18" rx="3"/>'
        yield f'<text x="{_WIDTH - _RIGHT + 12}" y="{top + 15}">{escape(span.text)}</text>\n'
