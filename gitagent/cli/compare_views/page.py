"""Page: a comparison as one HTML page that needs nothing else, neither a network nor scripts."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import islice

from gitagent.agent.compare.comparison import ChangeKind, Comparison, FileChange
from gitagent.agent.compare.keys import KeyChange
from gitagent.agent.compare.lines import LineChanges
from gitagent.agent.compare.visible import visible
from gitagent.cli.compare_views.headings import count, name, notes, nothing, sides, totals
from gitagent.cli.compare_views.pageheader import About, agent_line, footer, sides_list
from gitagent.cli.compare_views.pagelines import lines_of, marked
from gitagent.cli.compare_views.pagestyle import CSS
from gitagent.cli.compare_views.valuetext import sides_of, text_changes

_MOST_KEYS = 1_000
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

BEGINNING = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="gitagent compare">
"""
"""How every page begins, and by what one is known again."""


def html(comparison: Comparison, about: About | None = None) -> str:
    """The page: every changed file with its keys and its lines side by side, and a list of the files to go to."""
    heading = escape(sides(comparison))
    title = heading if about is None else f"{escape(visible(about.agent))}: {heading}"
    return f"""{BEGINNING}<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{CSS}</style>
</head>
<body>
<a class="skip" href="#changes">Go to the changes</a>
<header>
{agent_line(about)}<h1>{heading}</h1>
{sides_list(comparison, about)}<p>{escape(totals(comparison) if comparison else nothing(comparison))}</p>
</header>
<div class="page">
{_navigation(comparison)}<main id="changes">
{"".join(_section(comparison, place, change) for place, change in enumerate(comparison.files, 1))}</main>
</div>
{footer(about)}</body>
</html>
"""


def _navigation(comparison: Comparison) -> str:
    if not comparison:
        return ""
    items = "".join(_link(place, change) for place, change in enumerate(comparison.files, 1))
    return f'<nav aria-labelledby="files"><h2 id="files">Files</h2>\n<ol>\n{items}</ol></nav>\n'


def _link(place: int, change: FileChange) -> str:
    path = f'<span class="path">{escape(visible(change.path))}</span>'
    return f'<li><a href="#file-{place}">{path}{_tally(change)}</a></li>\n'


def _tally(change: FileChange) -> str:
    """What became of the file, in a word and two numbers."""
    words = [] if change.kind is ChangeKind.MODIFIED else [str(change.kind)]
    if change.lines is not None and change.lines.added:
        words.append(f'<span class="plus">+{change.lines.added:,}</span>')
    if change.lines is not None and change.lines.removed:
        words.append(f'<span class="minus">&minus;{change.lines.removed:,}</span>')
    return f'<span class="tally">{" ".join(words) or str(change.kind)}</span>'


def _section(comparison: Comparison, place: int, change: FileChange) -> str:
    parts = [
        f'<section id="file-{place}" aria-labelledby="file-{place}-name">\n',
        f'<h2 id="file-{place}-name">{escape(name(change))}{_tally(change)}</h2>\n',
        _notes(change),
        *_keys(comparison, change),
        *lines_of(comparison, change),
        "</section>\n",
    ]
    return "".join(parts)


def _notes(change: FileChange) -> str:
    items = "".join(f"<li>{escape(note)}</li>" for note in notes(change))
    return f'<ul class="notes">{items}</ul>\n' if items else ""


def _keys(comparison: Comparison, change: FileChange) -> Iterator[str]:
    if change.keys is None or not change.keys.changes or change.old is None or change.new is None:
        return
    left, right = escape(visible(comparison.old_label)), escape(visible(comparison.new_label))
    yield '<table class="keys">\n<caption>Keys</caption>\n<thead><tr><th scope="col">Key</th>'
    yield f'<th scope="col">Change</th><th scope="col">{left}</th><th scope="col">{right}</th></tr></thead>\n<tbody>\n'
    for key in islice(change.keys.changes, _MOST_KEYS):
        yield _key(key)
    yield "</tbody>\n</table>\n"
    if (more := len(change.keys.changes) - _MOST_KEYS) > 0:
        yield f'<p class="left-out">… {count(more, "more key")}</p>\n'


def _key(key: KeyChange) -> str:
    old, new = sides_of(key)
    changes = text_changes(old or "", new or "")
    cells = _value(old, changes, "-") + _value(new, changes, "+")
    return f'<tr><th scope="row">{escape(visible(key.path))}</th><td>{key.kind}</td>{cells}</tr>\n'


def _value(text: str | None, changes: LineChanges, sign: str) -> str:
    """A value, with what changed in it marked where it is on both sides."""
    if text is None:
        return "<td></td>"
    lines = [row.old if sign == "-" else row.new for row in changes.rows(changes.blocks)]
    tag = "del" if sign == "-" else "ins"
    shown = [marked(line.text, line.spans, tag) for line in lines if line is not None]
    return f'<td class="{"old" if sign == "-" else "new"}"><pre>{"<br>".join(shown)}</pre></td>'
