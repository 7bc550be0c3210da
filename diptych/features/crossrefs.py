"""References: links whose words the press writes, in the book's language.

`[](#map)` names what it leads to by kind and number ("figure 2.1", "chapter 3", "note 17"), or by its title where it
has no number. `{.number}` asks for the number alone, `{.title}` for the title, `{.page}` for the page as well,
`{.pageref}` for the page alone; the author's own words stand before what a class asks for: `[see](#map){.page}`. A note
is led to by its label: `[](#^label)`. `{.capital}` and `{.small}` say what the first letter is, where its place in the
sentence says it wrongly.

Pages are named where there are pages: the folio is left to the layout (`span.folio`). What stands in such an edition
alone is in `span.pageref`, and so is the mark of a note in `span.mark`, for those who compare editions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Chapter, Edition, Kind, Thing
from diptych.problems import Place, Problem, error
from diptych.words import around, capital

_ASKING = frozenset({"number", "title", "page", "pageref", "capital", "small"})

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ENDED = re.compile(r"(\S*)[.!?…。！？][\"'”’»)\]]*\s*$")
_SHORTENED = frozenset(
    "abb anm bzw ca cap cf cfr ch cp d.h ebd eds e.g etc fig i.e ibid kap nr no op p pp por s siehe tab u.a v vgl vol "
    "vs z.b zob см ср т.е".split()
)
"""Words that a full stop shortens: no sentence ends with them."""

Leading = Callable[[str], Thing | None]
"""Says what an address within the book leads to."""


def is_empty(link: Element) -> bool:
    """Whether a link has no words of the author's, and nothing else to show."""
    return len(link) == 0 and not (link.text or "").strip()


def is_reference(link: Element) -> bool:
    """Whether the press has words to write into this link."""
    return link.tag == "a" and (is_empty(link) or not _ASKING.isdisjoint(tree.classes(link)))


def asked(chapter: Chapter, leading: Leading) -> Iterator[Kind]:
    """Give the kinds of things that a chapter's references ask a number of."""
    for link, _ in _links(chapter):
        thing = leading(link.get("href", ""))
        if thing is not None and is_reference(link) and _asks_number(link):
            yield thing.kind


def _asks_number(link: Element) -> bool:
    own = tree.classes(link)
    return "number" in own or (is_empty(link) and "title" not in own)


def check(chapter: Chapter, leading: Leading) -> Iterator[Problem]:
    """Find references for which there are no words, and those in headings, whose words the contents need at once."""
    for heading in (e for e in chapter.body.iter() if e.tag in _HEADINGS):
        if any(is_reference(link) and leading(link.get("href", "")) for link in heading.iter("a")):
            place = Place(chapter.source, int(heading.get("data-line", "0")))
            sentence = "A heading cannot hold a reference whose words the press writes."
            yield error(
                "reference-in-heading", place, sentence, "Write the words between the square brackets."
            )
    for link, line in _links(chapter):
        thing = leading(link.get("href", ""))
        if thing is None or not is_reference(link):
            continue
        place, own = Place(chapter.source, line), tree.classes(link)
        numbered = thing.number or thing.note
        if "number" in own and not numbered:
            yield _unnumbered(thing, place)
        elif is_empty(link) and thing.kind == "place" and not {"page", "pageref", "title"} & set(own):
            sentence = (
                "This link has no words, and what it leads to has no number and no title to make them of."
            )
            yield error("link-wordless", place, sentence, "Write them between the square brackets.")
        elif is_empty(link) and not numbered and not thing.title:
            yield _unnumbered(thing, place)


def _unnumbered(thing: Thing, place: Place) -> Problem:
    how = {
        "figure": 'Write figures = "book" under [numbering] in book.toml, or write words between the brackets.',
        "table": 'Write tables = "book" under [numbering] in book.toml, or write words between the brackets.',
        "chapter": 'Write chapters = "arabic" under [numbering] in book.toml, or ask for its {.title}.',
    }
    advice = how.get(thing.kind, "Ask for its {.title} or {.page}, or write words between the brackets.")
    return error(
        "reference-unnumbered",
        place,
        f"This reference asks for a number, and {_what(thing)} has none.",
        advice,
    )


def _what(thing: Thing) -> str:
    return f'the {thing.kind} "{thing.title}"' if thing.title else "what it leads to"


def _links(chapter: Chapter) -> Iterator[tuple[Element, int]]:
    holders = [(chapter.body, 0), *((n.body, n.line) for n in chapter.notes if n.body is not None)]
    for holder, start in (each for each in holders if next(each[0].iter("a"), None) is not None):
        yield from ((e, line) for e, line in tree.with_lines(holder, start) if e.tag == "a" and e.get("href"))


def resolve(body: Element, things: Mapping[str, Thing], edition: Edition, language: str) -> None:
    """Write the words of references; works on a tree whose links lead to ids of the book."""
    for link, before in [each for each in tree.with_text_before(body) if each[0].tag == "a"]:
        target = link.get("href", "").removeprefix("#")
        thing = things.get(target) if "internal" in tree.classes(link) else None
        if thing is not None and is_reference(link):
            empty = is_empty(link)
            _write(link, thing, edition, language)
            asks = not {"page", "pageref"}.isdisjoint(tree.classes(link))
            if (edition.paged and asks) or _counts_by_page(thing, edition):
                _append_page(link, target, empty, language)
            if empty and _begins_sentence(before, tree.classes(link)):
                _capitalise(link)
            if thing.note is not None:
                _lead_to_note(link, thing, edition)
            kept = [name for name in tree.classes(link) if name not in _ASKING]
            link.set("class", " ".join([*kept, "reference"]))


def _write(link: Element, thing: Thing, edition: Edition, language: str) -> None:
    """Write what a reference says without its page; the author's own words stay in front."""
    own, empty = tree.classes(link), is_empty(link)
    number = thing.note.mark(edition) if thing.note else thing.number
    if "number" in own:
        _append(link, "" if empty else "\u00a0")
        _append_number(link, number, thing, edition)
    elif "title" in own:
        _append(link, thing.title if empty else f" {thing.title}")
    elif empty and number and not _only_page(link, edition):
        before, behind = around(thing.kind, language)
        _append(link, before)
        _append_number(link, number, thing, edition)
        _append(link, behind)
    elif empty and not _only_page(link, edition):
        _append(link, thing.title)


def _only_page(link: Element, edition: Edition) -> bool:
    return "pageref" in tree.classes(link) and edition.paged


def _append_number(link: Element, number: str, thing: Thing, edition: Edition) -> None:
    if thing.note is None:
        _append(link, number)
        return
    mark = tree.add(link, "span", number, class_="mark")
    if _counts_by_page(thing, edition):
        mark.set("data-mark", thing.note.id)


def _counts_by_page(thing: Thing, edition: Edition) -> bool:
    """Whether only a layout knows the number, and the number says little without its page."""
    note = thing.note
    return note is not None and edition.paged and edition.policy(note.apparatus).numbering == "page"


def _append_page(link: Element, target: str, empty: bool, language: str) -> None:  # noqa: FBT001 - a fact of the link
    made = empty or {"number", "title"} & set(tree.classes(link))
    joint = "" if is_empty(link) else ", " if made else " "
    before, behind = around("page", language)
    span = tree.add(link, "span", joint + before, class_="pageref")
    tree.add(span, "span", "", class_="folio").set("data-target", target)
    span[0].tail = behind


def _append(link: Element, text: str) -> None:
    if len(link):
        link[-1].tail = (link[-1].tail or "") + text
    else:
        link.text = (link.text or "") + text


def _begins_sentence(before: str, own: list[str]) -> bool:
    """Whether a reference is its sentence's first word: its block's first, or behind a full stop that shortens none."""
    if "capital" in own or "small" in own or "title" in own:
        return "capital" in own
    before = before.strip().lstrip("(\"'“”„«‚‘[")
    ended = _ENDED.search(before)
    if not before or not ended:
        return not before
    word = ended[1].casefold().lstrip("([")
    return word not in _SHORTENED and not (len(word) == 1 and word.isalpha())


def _capitalise(link: Element) -> None:
    first = link if link.text else next(iter(link), link)
    first.text = capital(first.text or "")


def _lead_to_note(link: Element, thing: Thing, edition: Edition) -> None:
    """Lead to the call in an e-book: reading systems hide a note that stands at its chapter's end (Apple Books)."""
    note = thing.note
    if note is not None and not edition.paged and edition.policy(note.apparatus).place != "book":
        link.set("href", f"#{note.calls[0].id}")
