"""Every block carries the line on which it stands in the author's file, whatever stands around it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diptych import markup, tree
from diptych.model import Chapter, File, Reading

# What a block says of itself, "line 12", must be true. Markers that have no words stand where they like.
CASES = {
    "paragraphs": """\
# line 1

line 3
goes on, *line 4* and
`line 5`

## line 7 {#seven}


### line 10

line 12 with [line 12](x.md) and
**line 13 *line 13*** and ![line](x.png) *line 13*
""",
    "setext headings": """\
line 1
======

line 4
------

line 7
""",
    "lists": """\
# line 1

* line 3
* line 4
    * line 5
        * line 6

            line 8

    * line 10

1.  line 12

    line 14

    > line 16

2.  line 18
    lazily on

    ## line 21

* line 23

line 25
""",
    "quotations": """\
# line 1

> line 3
>
> line 5
> on
>
> > line 8
> >
> > * line 10
> > * line 11
>
> line 13

line 15
""",
    "tables": """\
# line 1

| line 3 | *line 3* |
|--------|--------|
| line 5 | line 5 |
| line 6 | **line 6** |

/// caption
line 9
///

line 12
""",
    "definition lists": """\
# line 1

line 3
:   line 4

    line 6

line 8
line 9
:   line 10
:   line 11

line 13
""",
    "raw HTML": """\
# line 1

<div><p>line 3</p></div>

line 5

<blockquote markdown="1">

line 9

* line 11

</blockquote>

line 15

<p>line 17</p>

<!-- a comment
of several lines -->

line 22
""",
    "code": """\
# line 1

line 3

```python
x = 1

# no heading
```

line 11

    indented

line 15

* line 17

    ```
    code
    ```

    line 23

~~~ text
not a ``` fence
~~~

line 29
""",
    "notes": """\
# line 1[^a]

line 3[^b] and^[line 3] more^[of *line 3*]

[^a]: line 5

    line 7

    * line 9

[^b]: line 11
    goes on[^c] *line 12*
[^c]: line 13

line 15
""",
    "blocks": """\
# line 1

/// epigraph
line 4

line 6
///

/// verse
line 10
///

![x](x.png)

/// caption
line 16
///

line 19
""",
    "abbreviations and references": """\
# line 1

*[NEP]: New Economic Policy
[ref]: other.md

line 6 with NEP

[more]: other.md "title"

line 10
""",
    "the same words again": """\
# line 1

The same.

line 5

The same.

* The same.

* line 11

The same.

line 15
""",
}
FRONT_MATTER = "---\ntitle: A Title\n\nrole: chapter\n---\n"


def parse(text: str) -> Chapter:
    return markup.parse(File("a.md", text.encode()), Reading("a.md", "body"), "a", "en", "book")


def said_and_found(chapter: Chapter) -> list[tuple[int, int]]:
    """Give for each element that names its line (what it says, what it carries)."""
    holders = [
        (chapter.body, 0),
        *((note.body, note.line) for note in chapter.notes if note.body is not None),
    ]
    return [
        (int(match[1]), line)
        for holder, start in holders
        for element, line in tree.with_lines(holder, start)
        for match in re.finditer(r"\bline (\d+)", (element.text or "").split("\n")[0])
    ]


def wrong(pairs: list[tuple[int, int]], above: int = 0) -> list[tuple[int, int]]:
    return [(said, found) for said, found in pairs if said + above != found]


@pytest.mark.parametrize("name", CASES)
def test_each_block_knows_its_line(name: str) -> None:
    pairs = said_and_found(parse(CASES[name]))
    assert len(pairs) >= len(set(re.findall(r"line (\d+)", CASES[name]))) - 1
    assert not wrong(pairs)


@pytest.mark.parametrize("name", CASES)
def test_front_matter_stands_above(name: str) -> None:
    assert not wrong(said_and_found(parse(FRONT_MATTER + CASES[name])), FRONT_MATTER.count("\n"))


@pytest.mark.parametrize("ends", ["\r\n", "\r"], ids=["CRLF", "CR"])
@pytest.mark.parametrize("name", CASES)
def test_other_line_ends(name: str, ends: str) -> None:
    assert not wrong(said_and_found(parse(CASES[name].replace("\n", ends))))


@pytest.mark.parametrize("name", CASES)
def test_blank_lines_above(name: str) -> None:
    assert not wrong(said_and_found(parse("\n\n\n" + CASES[name])), 3)


# --- Random documents: each paragraph holds a word that stands nowhere else -------------------------------------------

PLACE = "@"
BLOCKS = [
    "@", "@\nand on", "# @", "## @ {#@}", "> @", "> @\n>\n> @", "* @", "* @\n* @", "1. @\n2. @",
    "* @\n\n    @", "* @\n    * @", "> * @", "[^@]: @", "[^@]: @\n\n    @", "@\n:   @",
    "| @ | b |\n|---|---|\n| @ | d |", "```\n# code\n\n> code\n```", "    code", "***", "<div><p>@</p></div>",
    "/// verse\n@\nand on\n///", "![a](b.png)", "<!-- gone -->", "@ *@* `code`", "words without a mark", "@\n===",
]  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Put blocks below each other, with one to three blank lines between; each mark becomes a word of its own."""
    parts: list[str] = []
    for block in draw(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=12)):
        parts.append(block)
        parts.append("\n" * draw(st.integers(2, 4)))
    pieces = "".join(parts).split(PLACE)
    return "".join(piece + f"word{n}" for n, piece in enumerate(pieces[:-1])) + pieces[-1]


@settings(max_examples=150, deadline=None, database=None)
@given(documents())
def test_a_word_is_found_on_its_line(text: str) -> None:
    chapter = parse(text)
    lines = {word: n for n, line in enumerate(text.split("\n"), 1) for word in re.findall(r"word\d+", line)}
    holders = [
        (chapter.body, 0),
        *((note.body, note.line) for note in chapter.notes if note.body is not None),
    ]
    for holder, start in holders:
        for element, line in tree.with_lines(holder, start):
            for word in re.findall(r"word\d+", (element.text or "").split("\n")[0]):
                assert (word, line) == (word, lines[word])
