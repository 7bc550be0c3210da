"""Lines cast in one piece: every box of every line comes out as WeasyPrint would make it."""

from __future__ import annotations

import random

import pytest
import weasyprint.layout.inline
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from diptych.writers.pdf import casting, glyphs, thrift

TOML = (
    '[book]\ntitle = "Cast"\nlanguage = "en"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n'
    '[edition.print]\ntrim = "5x8"\n'
)
CSS = """
blockquote { letter-spacing: .02em }
u { text-decoration: underline }
.relative { position: relative; top: 2px }
.padded { padding: 0 2px }
.high { vertical-align: 20% }
.top { vertical-align: top }
.small { font-size: 60%; vertical-align: middle }
.cloned { box-decoration-break: clone }
.away { float: right }
.hidden { position: absolute }
.line { white-space: nowrap }
.other { direction: rtl; unicode-bidi: embed }
"""
WORDS = (
    "The harbour master counted the boats twice and wrote nothing down because neither number agreed with the order he "
    "had been given in the morning. Understanding came slowly: representatives of the administration had promised "
    "transportation for everybody—and nobody remembered who had countersigned “the correspondence”. "
)
EVERYTHING = f"""# A chapter

{WORDS} An *emphatic* and a **strong *nested* word**, `code()`, H~2~O, and a call.[^a] {WORDS}[^b] {WORDS}

> A quotation of some length. {WORDS}

1. One thing, with a note.[^c] {WORDS}

## Words of many kinds

<span class="high">Raised</span> and <span class="top">high</span>, <span class="small">small</span>, <a id="x"></a>
<span class="padded">padded</span> {WORDS} <span class="relative">moved</span> <u>underlined</u> {WORDS}
<span class="cloned">in one piece {WORDS}</span> {WORDS} $x^2$ <span class="line">not to be broken</span> {WORDS}

naïve Œuvre, שלום and <span class="other">שלום abc</span>. {WORDS}

<span class="away">away</span> {WORDS} <span class="hidden">hidden</span> {WORDS}

[^a]: A *note* of several lines. {WORDS * 6}
[^b]: Short.
[^c]: With a call of its own.[^d] {WORDS}
[^d]: The last one.
"""


class Watch:
    """Lays every line out both ways."""

    def __init__(self, monkeypatch):
        self.cast = self.left = 0
        self.differences: list[str] = []
        inline = weasyprint.layout.inline
        self.theirs, self.ours = inline.get_next_linebox.__wrapped__, casting._cast
        monkeypatch.setattr(casting, "_cast", self.both)

    def both(self, context, box, y, skip, around):
        forget_sides(box)
        made = self.ours(context, box, y, skip, around)
        forget_sides(box)
        if made is None:
            self.left += 1
            return None
        self.cast += 1
        line, resume = self.theirs(context, box, y, 0.0, skip, around, [], [], None, None)
        self.differences += [] if made[1] == resume else [f"goes on at {made[1]}, not at {resume}"]
        self.differences += compared(made[0], line)
        return made


def forget_sides(box):
    """Let boxes forget which of their sides were cut, for WeasyPrint lets a box and its copies share that."""
    for inner in box.descendants():
        inner.remove_decoration_sides = set()


def compared(ours, theirs):
    """Everything in which two boxes differ."""
    if type(ours) is not type(theirs) or ours.style is not theirs.style:
        return [f"{ours} is {theirs}"]
    mine, other = told(ours), told(theirs)
    found = [
        f"{ours}: {name} is {mine.get(name)!r}, not {other.get(name)!r}"
        for name in sorted(mine.keys() | other.keys())
        if mine.get(name) != other.get(name)
    ]
    if len(ours.children) != len(theirs.children):
        return [*found, f"{ours} has other children"]
    pairs = zip(ours.children, theirs.children, strict=True)
    return [*found, *(each for pair in pairs for each in compared(*pair))]


def told(box):
    found = {name: value for name, value in vars(box).items() if name not in ("children", "style")}
    if layout := found.pop("pango_layout", None):
        found |= {
            name: getattr(layout, name) for name in ("text", "justification_spacing", "first_line_direction")
        }
    return found


@pytest.fixture
def watch(bench, monkeypatch):
    return Watch(monkeypatch)


def test_each_box_of_a_line_is_as_weasyprint_makes_it(bench, watch):
    bench.build({"book.toml": TOML, "styles/book.css": CSS, "a.md": EVERYTHING})
    assert watch.differences == []
    assert watch.cast > 80
    assert watch.left > 10, "nothing here is left to WeasyPrint"


MARKS = "{}|{}|{}|*{}*|**{} *{}* x**|`{}`|{},|({})|“{}”|{}—{}|{}[^1]|{}-{}|[{}](a.md)|*{} {}*[^1]".split("|")
PLAIN = "a I harbour representative of countersignature in administration 1917 naïve Œuvre x שלום".split()


@pytest.mark.slow
@settings(
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    max_examples=12,
)
@given(st.integers(0, 1 << 30))
def test_random_lines_are_as_weasyprint_makes_them(bench, seed):
    dice = random.Random(seed)
    text = " ".join(dice.choice(MARKS).format(*dice.choices(PLAIN, k=2)) for _ in range(300))
    note = text.replace("[^1]", "")
    with pytest.MonkeyPatch.context() as patch:
        watch = Watch(patch)
        bench.build({"book.toml": TOML, "a.md": f"# A\n\nharbour {text}\n\n[^1]: Note. {note}\n"})
        assert watch.differences == []
        assert watch.cast > 20


def test_most_lines_are_drawn_as_they_were_measured(bench, monkeypatch):
    """Pango sets the words of a line once; only what WeasyPrint filled, or what has a space put behind it, is set again."""
    told, kept = [], []
    original = glyphs.shown
    monkeypatch.setattr(thrift.Told, "line", lambda *a, line=thrift.Told.line: told.append(1) or line(*a))
    monkeypatch.setattr(glyphs, "shown", lambda *a: kept.append(1) or original(*a))
    bench.build(
        {
            "book.toml": TOML,
            "a.md": f"# A\n\n{WORDS * 9} And *so* on.[^1] {WORDS}\n\n[^1]: Note. {WORDS * 3}\n",
        }
    )
    assert len(told) < 0.5 * len(kept)
