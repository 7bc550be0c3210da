"""The small complete book that `new` begins with: a page or two that show an author what can be written.

It deliberately knows neither the clock nor chance: the same arguments give the same bytes. It shows what most
books need and names the rest in comments; it is no manual.
"""

from __future__ import annotations

from diptych.model import File

_BOOK = """\
# What a catalogue, a shop and a reading system are told about your book. A line that begins with # is asleep:
# take the # away to wake it. Only title, language, one contributor, the uuid and the chapters are needed.

[book]
title = {title}
# subtitle = "And How It Grew"
# title-sort = "Small Book, A"        # as a shelf sorts it
language = "en"                       # en, de, fr, es, it, nl, pt, ...; "en-GB" is finer
# publisher = "Your Press"
# place = "Your Town"
# date = 2026-01-01                   # when this edition comes out
# first-published = 1986              # if the text is older than this edition
# source = "Some Journal, No. 4"      # where it stood first
# printing = "1"                      # on paper; or a number line, "5 4 3 2 1"
# frontispiece = "images/door.jpg"    # faces the title page
# frontispiece-alt = "What it shows."
# colophon = true                     # a last page on how the book was made
# rights = "© 2026 Your Name"
# licence = "CC-BY-4.0"               # or the licence's address
# lists = ["figures", "tables"]       # lists of these, behind the contents
# description = "Two or three sentences for the back cover and the shop."

# One block for each person. `sort` is the name as a shelf sorts it. `role` is a code of the Library of
# Congress: aut wrote the book, edt edited it, trl translated it, ill drew for it.
[[contributor]]
name = "Your Name"
sort = "Name, Your"
role = "aut"

# The uuid was made for this book alone. Keep it for the book's whole life; each edition may add an ISBN.
[identifier]
uuid = {uuid}
# isbn.epub = "978-..."
# isbn.print = "978-..."

# What the book is about: words of your own, and codes of the trade (bisg.org, editeur.org/151/Thema).
# [subjects]
# keywords = ["bread", "patience"]
# bisac = ["CKB009000"]
# thema = ["WBVS1"]

# [series]
# name = "Small Books"
# position = "1"

# The reading order. A file that is not named here is not in the book.
[chapters]
front = ["00-preface.md"]
body = [
    "01-beginning.md",
    "02-second.md",
]

# numbering: "chapter" begins at 1 in each chapter, "book" counts through, "page" begins anew on each page.
# place: "foot" of the page, end of the "chapter", end of the "book".
# marks: "arabic", "roman", "letters", "symbols", or signs of your own with spaces between them.
# [notes]
# numbering = "chapter"
# place = "foot"
# marks = "arabic"

# Numbers of chapters ("arabic", "roman", "none"), of figures and tables with captions ("chapter" as in 2.1, "book",
# "none"). Without a word from you, what a reference like [](#figures) asks a number of gets one.
# [numbering]
# chapters = "arabic"
# figures = "chapter"
# tables = "chapter"

# A second series of notes counts for itself: [^tr:label] is the translator's. Other names need a table like this.
# [notes.tr]
# marks = "symbols"
# place = "foot"
# heading = "Translator's notes"

# Without any of these you get three: epub, screen and print. With some, you get those that you name.
# `pages` marks in the e-book where the pages of the printed book begin, so that both can be cited alike.
# [edition.epub]
# pages = "print"
# [edition.print]
# colour = "black"                    # or "colour": what the press prints with
# pdf = "x-1a:2001"                   # only if the printer asks for it; then also condition = "FOGRA39" or the like
# urls = "show"                       # addresses of links: "show", as a "note" at the foot, or "hide"
# [edition.pocket]
# like = "print"
# trim = "5x8"                        # or 6x9, a5, 148x210mm, ...
# theme = "modern"                    # or "classic", "large"
# bleed = "0.125in"                   # for pictures up to the edge; bleed-edges = 3 leaves the fold without
# drop-caps = true                    # chapters begin with a large letter
# openings = "next"                   # chapters open on the next page, not always on the right
# running-heads = "author book"       # over left and right pages: book, author, part, chapter, section, or "none"
# folios = "head-outside"             # or "foot-centre", "foot-outside"
# half-title = false
# [edition.kindle]
# [edition.kobo]
# [edition.archive]                   # PDF/A; attach = "sources" puts the book's own files into it

# What the book claims about its accessibility, and who answers for it. It is left out where the book does not keep it.
# [accessibility]
# conforms-to = "EPUB Accessibility 1.1 - WCAG 2.1 Level AA"
# certified-by = "Your Press"
"""

_PREFACE = """\
# Preface

This is a whole book, though a small one. Build it as it is and leaf through it; then replace these words by
yours, a paragraph at a time. Nothing here is precious except the folder's shape: `book.toml` says what the
book is, each chapter is a file of plain text, and pictures live in `images`.

A paragraph is a few lines with an empty line below them. *One star* on each side makes emphasis, **two
stars** make it strong. That is most of what you need on an ordinary day.

When something is wrong, the press names the file and the line, and says what you can do about it.
"""

_BEGINNING = """\
# A Beginning

/// epigraph
Begin anywhere. The middle will come looking for you.

— an old saying of this house, made up last week
///

The first line of a file, with one `#`, is the chapter's title. Smaller headings have two.

## How a note is written {#notes}

Put a mark where the note is called,[^1] and write its text at the end of the file, under the same mark. The
mark may be a number or a word; the press counts for itself, so you never renumber anything. A remark too
short for all that can stand inside the sentence,^[Like this one: a caret, and brackets round the text.] and
comes out as a note all the same.

***

Three stars on a line of their own are a scene break: time has passed, or somebody has left the room. What
remains is said in [the next chapter](02-second.md#figures), and that is how one place in the book points to
another.

[^1]: Here is the text of the note. It may be long.

    A second paragraph of the same note begins with four spaces.
"""

_SECOND = """\
# A Second Chapter

This chapter is here so that there is something to turn the page for. It shows what is not plain text.

## A figure {#figures}

A picture is a file in `images`. The words in the square brackets are for those who cannot see it: say what it
shows, not that it is a picture. The caption below is for everybody.

![Two facing pages on one hinge, ruled with lines; a small sun stands on the left one.](images/diptych.svg)

/// caption
A diptych is two panels on one hinge: here, one text and its two shapes.
///

## A table {#tables}

| What you write            | What it becomes         |
|---------------------------|-------------------------|
| an empty line             | a new paragraph         |
| `#` before a line         | a title                 |
| `***` on a line           | a scene break           |
| `[^1]` after a word       | a note                  |

How notes work stands in [the first chapter](01-beginning.md#notes).[^again] The rest is yours.

[^again]: Notes begin at 1 again in each chapter, unless `book.toml` says otherwise.
"""

_FIGURE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200" width="320" height="200" role="img">
  <title>A diptych</title>
  <g fill="none" stroke="#222222" stroke-width="3" stroke-linejoin="round" stroke-linecap="round">
    <path d="M160 36 L44 20 V164 L160 180 Z"/>
    <path d="M160 36 L276 20 V164 L160 180 Z"/>
    <path d="M64 76 L140 87 M64 96 L140 107 M64 116 L140 127 M64 136 L140 147" stroke-width="2"/>
    <path d="M180 67 L256 56 M180 87 L256 76 M180 107 L256 96" stroke-width="2"/>
    <path d="M180 127 L256 116 M180 147 L256 136" stroke-width="2"/>
    <circle cx="102" cy="54" r="9"/>
  </g>
</svg>
"""


def files(uuid: str, title: str = "A Small Book") -> tuple[File, ...]:
    """Give the files of the small book. `uuid` stands without `urn:uuid:`; `title` is one line of text."""
    book = _BOOK.format(title=_quoted(title), uuid=_quoted(f"urn:uuid:{uuid}"))
    texts = {
        "book.toml": book,
        "00-preface.md": _PREFACE,
        "01-beginning.md": _BEGINNING,
        "02-second.md": _SECOND,
        "images/diptych.svg": _FIGURE,
    }
    return tuple(File(path, text.encode()) for path, text in texts.items())


def _quoted(text: str) -> str:
    """Give a TOML basic string (toml.io/en/v1.0.0#string)."""
    controls = {code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F)}
    return '"' + text.translate({**controls, ord("\\"): "\\\\", ord('"'): '\\"'}) + '"'
