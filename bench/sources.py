"""What the peers are given: the same manuscript in the form that each reads, and the same page for all of them.

The page is that of diptych's print edition at 6 x 9 inches: 113 mm of measure, 37 lines of 10.6 on 14.2 points, notes
of 8.5 on 11.1, the same face from the same files, justified and hyphenated, chapters on recto pages, page numbers at
the foot. A peer's own way of doing things is kept where this does not ask otherwise.
"""

from __future__ import annotations

import html
import importlib.util
import re
import shutil
from pathlib import Path

import markdown

FACES = {"Regular": "Regular", "It": "Italic", "Bold": "Bold", "BoldIt": "BoldItalic"}
"""The faces that a book needs: how the files of Source Serif Pro call them, and what fontspec does."""

_SHOWN = {"Regular": "400 normal", "It": "400 italic", "Bold": "700 normal", "BoldIt": "700 italic"}

CSS = """
@page { size: 6in 9in; margin: 20.6mm 17.3mm 22.65mm 22.1mm;
  @bottom-center { content: counter(page); font: 9pt "Source Serif Pro" } }
@page :left { margin-left: 17.3mm; margin-right: 22.1mm }
html { font: 10.6pt/14.2pt "Source Serif Pro"; hyphens: auto; text-align: justify; orphans: 2; widows: 2 }
body { margin: 0 }
p { margin: 0; text-indent: 12.7pt }
h1 { break-before: right; font-weight: normal; font-size: 19.4pt; line-height: 24.85pt; margin: 99.4pt 0 28.4pt }
h2 { font-size: 12.4pt; line-height: 14.2pt; margin: 21.3pt 0 7.1pt }
h1, h2 { text-align: left; hyphens: manual; break-after: avoid }
ul, blockquote { margin: 14.2pt 0 14.2pt 12.7pt; padding: 0 }
blockquote p { text-indent: 0 }
table { font-size: 9pt; line-height: 12pt; margin: 14.2pt 0; width: 100%; border-collapse: collapse; text-align: left }
sup { line-height: 0 }
img { max-width: 100%; height: auto }
.toc ul { list-style: none; margin: 0 0 0 12.7pt }
.toc > ul { margin: 0 }
.toc li { text-align: left }
.toc a { color: inherit; text-decoration: none }
.toc a::after { content: "  " target-counter(attr(href), page) }
.note { float: footnote; font-size: 8.5pt; line-height: 11.1pt }
.footnote { break-before: right; font-size: 8.5pt; line-height: 11.1pt }
"""

TYPST = """
#set page(width: 6in, height: 9in, numbering: "1",
  margin: (inside: 22.1mm, outside: 17.3mm, top: 20.6mm, bottom: 22.65mm))
#set text(font: "Source Serif Pro", size: 10.6pt, lang: "en", hyphenate: true, top-edge: .75em, bottom-edge: -.25em)
#set par(justify: true, leading: 3.6pt, spacing: 3.6pt, first-line-indent: 12.7pt)
#show footnote.entry: set text(size: 8.5pt)
#show footnote.entry: set par(leading: 2.6pt, spacing: 2.6pt)
#show heading: set text(hyphenate: false)
#show heading: set par(justify: false)
#show heading.where(level: 1): it => {
  pagebreak(weak: true, to: "odd"); v(99.4pt); text(size: 19.4pt, weight: "regular", it.body); v(28.4pt)
}
#show heading.where(level: 2): it => block(above: 21.3pt, below: 7.1pt, text(size: 12.4pt, it.body))
#show table: set text(size: 9pt)
#show figure: set block(breakable: true)
#outline(depth: 2)
$body$
"""

LATEX = r"""
\makeatletter
\renewcommand\normalsize{\@setfontsize\normalsize{10.6}{14.2}}
\renewcommand\footnotesize{\@setfontsize\footnotesize{8.5}{11.1}}
\AtBeginEnvironment{longtable}{\@setfontsize\small{9}{12}\selectfont}
\makeatother
\normalsize
"""

LATEX_SETTINGS = (
    *("documentclass=book", "classoption=twoside", "classoption=10pt", "pagestyle=plain", "indent=true"),
    *(
        "geometry:paperwidth=6in",
        "geometry:paperheight=9in",
        "geometry:inner=22.1mm",
        "geometry:outer=17.3mm",
    ),
    *("geometry:top=20.6mm", "geometry:bottom=22.65mm", "mainfont=SourceSerifPro"),
    *("mainfontoptions=Path=faces/", "mainfontoptions=Extension=.ttf"),
    *(f"mainfontoptions={latex}Font=*-{name}" for name, latex in FACES.items() if latex != "Regular"),
    *("mainfontoptions=UprightFont=*-Regular",),
)
"""What pandoc's template for LaTeX is told of the page and the face."""


def write(folder: Path) -> None:
    """Put what the peers read beside a manuscript's `whole.md`."""
    faces(folder / "faces")
    text = (folder / "whole.md").read_text(encoding="utf-8")
    title = re.search(r"^title: (.+)$", text, re.MULTILINE)
    body = text.split("---\n", 2)[2]
    name = title[1] if title else ""
    (folder / "foot.html").write_text(page(name, with_notes_in_place(body)), encoding="utf-8")
    (folder / "end.html").write_text(page(name, body, "footnotes"), encoding="utf-8")
    (folder / "page.typ").write_text(TYPST, encoding="utf-8")
    (folder / "page.tex").write_text(LATEX, encoding="utf-8")
    for_mdbook(name, folder / "book", folder / "mdbook")


def for_mdbook(title: str, book: Path, folder: Path) -> None:
    """Lay the chapters out as mdBook wants them."""
    shutil.copytree(book, folder / "src", ignore=shutil.ignore_patterns("book.toml"))
    chapters = sorted(book.glob("[0-9]*.md"))
    lines = [f"- [Chapter {number}]({path.name})" for number, path in enumerate(chapters, 1)]
    (folder / "src" / "SUMMARY.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "book.toml").write_text(f'[book]\ntitle = "{title}"\n', encoding="utf-8")


def faces(folder: Path) -> None:
    """Copy the face that diptych sets a book in, so that all can set it."""
    found = importlib.util.find_spec("font_source_serif_pro")
    if found is None or found.origin is None:
        raise FileNotFoundError("font_source_serif_pro")
    folder.mkdir()
    for name in FACES:
        shutil.copy(Path(found.origin).parent / "files" / f"SourceSerifPro-{name}.ttf", folder)


_NOTE = re.compile(r"^\[\^([\w-]+)\]: (.*)\n?", re.MULTILINE)


def with_notes_in_place(text: str) -> str:
    """Put each note where it is called, as `float: footnote` wants it."""
    notes = dict(_NOTE.findall(text))
    return re.sub(
        r"\[\^([\w-]+)\]", lambda call: f'<span class="note">{notes[call[1]]}</span>', _NOTE.sub("", text)
    )


def page(title: str, text: str, *more: str) -> str:
    """Make one HTML document of Markdown, with contents; `more` are other extensions of Python-Markdown."""
    body = markdown.markdown(
        f"[TOC]\n\n{text}",
        extensions=["attr_list", "tables", "toc", *more],
        extension_configs={"toc": {"toc_depth": "1-2"}},
    )
    rules = "".join(
        f'@font-face {{ font-family: "Source Serif Pro"; font-weight: {shown.split()[0]}; '
        f'font-style: {shown.split()[1]}; src: url("faces/SourceSerifPro-{name}.ttf") }}\n'
        for name, shown in _SHOWN.items()
    )
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n'
        f"<style>\n{rules}{CSS}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
