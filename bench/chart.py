"""Results as a drawing for README.md: one bar a row, in SVG.

It lies on a card of its own, so that it can be read on a light and on a dark page, and follows what the reader's system
prefers. A bar that is much longer than all others is cut, and its figure tells the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bench.records import Record, Results

WIDTH, LABEL, LINE, HEAD, EDGE = 780, 265, 26, 40, 18
ROOM = WIDTH - LABEL - 2 * EDGE - 70
"""What is left for the longest bar, beside its figure."""

STYLE = """
.card { fill: #ffffff; stroke: #d0d7de } text { fill: #24292f; font: 13px system-ui, sans-serif }
.title { font-weight: 600; font-size: 14px } .small { fill: #57606a; font-size: 12px }
.ours { fill: #1a6b8f } .theirs { fill: #9aa4ae } .cut { fill: #ffffff }
@media (prefers-color-scheme: dark) {
.card { fill: #161b22; stroke: #30363d } text { fill: #e6edf3 } .small { fill: #9198a1 }
.ours { fill: #4fb0d8 } .theirs { fill: #6e7681 } .cut { fill: #161b22 } }
"""

OURS = {"PDF": ("print", "screen", "print-word"), "EPUB": ("epub", "epub-word")}


def draw(results: Results) -> str:
    """Draw the chart."""
    size = results.texts.get("novel", "")
    groups = [(makes, chosen) for makes in OURS if (chosen := _chosen(results, makes))]
    parts: list[str] = []
    top = EDGE
    for makes, rows in groups:
        parts += _group(f"Seconds to make the {makes}", rows, top)
        top += HEAD + LINE * len(rows)
    height = top + 28
    foot = f"{escape(size)} Cold: nothing is remembered."
    parts.append(f'<text class="small" x="{EDGE}" y="{height - 16}">{foot}</text>')
    card = f'<rect class="card" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>'
    size_of_all = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    root = f'<svg xmlns="http://www.w3.org/2000/svg" {size_of_all} role="img">'
    title = "<title>Seconds to make the same book, diptych and its peers</title>"
    return "\n".join((root, title, f"<style>{STYLE}</style>", card, *parts, "</svg>")) + "\n"


def _chosen(results: Results, makes: str) -> list[Record]:
    rows = [row for row in results.records if row.makes == makes and row.runs]
    chosen = [row for row in rows if row.program != "diptych" or row.key in OURS[makes]]
    return sorted(chosen, key=lambda row: (row.seconds or 0, row.key))


def _group(title: str, rows: Sequence[Record], top: int) -> list[str]:
    limit = _limit([row.seconds or 0 for row in rows])
    lines = [f'<text class="title" x="{EDGE}" y="{top + 16}">{escape(title)}</text>']
    for number, row in enumerate(rows):
        lines += _bar(row, limit, top + HEAD - 12 + LINE * number)
    return lines


def _limit(seconds: Sequence[float]) -> float:
    """Give the seconds of a whole bar: the longest, or a little more than the second where that is far behind."""
    *_, second, longest = [0.0, *sorted(seconds)]
    return longest if not second or longest <= 3 * second else 1.3 * second


def _bar(row: Record, limit: float, y: int) -> list[str]:
    seconds = row.seconds or 0.0
    width = max(2.0, ROOM * min(1.0, seconds / limit))
    left = EDGE + LABEL
    kind = "ours" if row.program == "diptych" else "theirs"
    name = (
        f"diptych: {row.label}"
        if kind == "ours"
        else row.label + (" (notes at the end)" if _at_end(row) else "")
    )
    drawn = [
        f'<text x="{left - 10}" y="{y + 14}" text-anchor="end">{escape(name)}</text>',
        f'<rect class="{kind}" x="{left}" y="{y + 2}" width="{width:.1f}" height="16" rx="2"/>',
        f'<text x="{left + width + 8:.1f}" y="{y + 14}">{seconds:.{1 if seconds >= 1 else 2}f}</text>',
    ]
    if seconds > limit:
        drawn.insert(2, f'<rect class="cut" x="{left + width - 30:.1f}" y="{y}" width="5" height="20"/>')
    return drawn


def _at_end(row: Record) -> bool:
    return row.makes == "PDF" and row.notes == "end"
