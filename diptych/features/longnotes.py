"""Long notes at the foot of the page are cut into pieces: WeasyPrint never splits one (its issue 1833).

Between paragraphs where that will do, behind a sentence where a paragraph is longer than a page can take. The pieces
follow each other over the pages as one note. Nothing here knows numbers, or where notes stand.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from diptych import tree
from diptych.model import Edition

_LONG_NOTE = 600
"""Characters (about eight lines) above which a note at the foot is cut."""

_LONG_PARAGRAPH = 1400
"""Characters above which a paragraph of a note is cut too; on a small page fewer (see `room`)."""

_USUAL = 10.4
"""Points of the type for which those numbers were found; larger letters fill a page with fewer."""

_FORMULA = 250
"""Characters whose place a formula on lines of its own takes."""

_HOLDERS = ("ul", "ol", "dl", "blockquote", "div")
_SENTENCE_ENDS = (*".!?”’»…)",)


def cut(text: Element, most: int) -> list[Element]:
    """Cut a note longer than `most` characters: between its paragraphs, in a long paragraph behind a sentence."""
    whole = min(_LONG_NOTE, most)
    if _length(text) <= whole:
        return [text]
    pieces: list[Element] = []
    for block in list(text):
        for part in _parts(block, most):
            if (
                pieces
                and "continued" not in tree.classes(part)
                and _length(pieces[-1]) + _length(part) <= whole
            ):
                pieces[-1].append(part)
            else:
                pieces.append(tree.make("aside", "", None, part))
    return pieces


def _length(element: Element) -> int:
    displays = sum("formula" in tree.classes(each) for each in element.iter())
    return len(tree.text_of(element)) + _FORMULA * displays


def _parts(block: Element, most: int) -> list[Element]:
    """Cut one block of a note: a paragraph in its text, a list or a quotation between what it holds."""
    block.tail = None
    if _length(block) <= most:
        return [block]
    if block.tag in _HOLDERS:
        return _by_children(block, most)
    parts = [block]
    while block.tag == "p" and _length(parts[-1]) > most:
        rest = _split(parts[-1], _where("".join(parts[-1].itertext()), most))
        tree.add_class(rest, "continued")
        parts.append(rest)
    return parts


def _by_children(holder: Element, most: int) -> list[Element]:
    inner = [
        part
        for child in holder
        for part in (_parts(child, most) if child.tag in (*_HOLDERS, "p") else [child])
    ]
    parts: list[Element] = []
    for n, child in enumerate(inner):
        if not parts or _length(parts[-1]) + _length(child) > most:
            kept = {key: value for key, value in holder.attrib.items() if key != "id" or not parts}
            parts.append(tree.make(holder.tag, "", kept))
            if holder.tag == "ol" and n:
                parts[-1].set("start", str(int(holder.get("start", "1")) + n))
        parts[-1].append(child)
    return parts


def _where(text: str, most: int) -> int:
    """Say where to cut a text: behind the last sentence that fits, else behind the last word."""
    for at in range(most, most // 2, -1):
        if (
            text[at - 1].isspace()
            and text[:at].rstrip()[-1:] in _SENTENCE_ENDS
            and text[at : at + 1].isupper()
        ):
            return at
    return next((at for at in range(most, most // 2, -1) if text[at - 1].isspace()), most)


def _split(element: Element, at: int) -> Element:
    """Cut an element behind `at` characters of its text, through whatever stands there; returns the second part."""
    kept = {key: value for key, value in element.attrib.items() if key not in ("id", "data-note")}
    rest = tree.make(element.tag, "", kept)
    length = len(element.text or "")
    if at <= length:
        element.text, rest.text = (element.text or "")[:at], (element.text or "")[at:]
        rest[:], element[:] = list(element), []
        return rest
    for n, child in enumerate(element):
        at -= length
        length = len("".join(child.itertext()))
        if at < length:
            part = _split(child, at)
            part.tail, child.tail = child.tail, None
            rest[:], element[n + 1 :] = [part, *element[n + 1 :]], []
            return rest
        at -= length
        length = len(child.tail or "")
        if at <= length:
            child.tail, rest.text = (child.tail or "")[:at], (child.tail or "")[at:]
            rest[:], element[n + 1 :] = element[n + 1 :], []
            return rest
    return rest


def sign(piece: Element, after: Element, word: str) -> None:
    """Put signs into two pieces that follow each other, for the case that a page ends between them.

    A stylesheet hides them and gives them no room; the writer shows those that tell the truth.
    """
    piece.set("data-next", after.get("id", ""))
    for each in (piece, after):
        each.set("data-piece", "part")
    tree.add(_last_words(piece), "span", class_="runs-on")
    tree.add(after, "div", word, class_="run-over")


def _last_words(element: Element) -> Element:
    """Find the block in which an element's last words stand."""
    inner = [child for child in element if child.tag in tree.BLOCKS and child.get("class") != "run-over"]
    return _last_words(inner[-1]) if inner else element


def room(edition: Edition) -> int:
    """Say how many characters the notes of a page may have: its area is 70 % of the text block, and lines end early."""
    lines = (edition.height - 0.25 * edition.width - 6) * 0.7 / 3.9
    room = min(_LONG_PARAGRAPH, max(60, int(lines * edition.width * 0.75 / 1.45 * 0.7)))
    room = max(60, int(room * min(1.0, _USUAL / edition.type_size) ** 2))
    return room // 2 if edition.gentle > 1 else room
