"""All chapters together become what only the whole book knows: ids, numbers, the contents.

Notes are numbered here and nowhere else, in the order in which a reader meets them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from string import ascii_lowercase

from diptych.features import crossrefs, headings, links, notes, numbers
from diptych.model import Call, Catalogue, Chapter, Counting, Entry, Heading, Note, Thing
from diptych.problems import Place, Problem, warning

UNLISTED = ("half-title", "frontispiece", "title-page", "imprint", "dedication", "epigraph", "colophon")
"""Roles that contents do not list (Chicago Manual of Style, 1.38)."""


def prefix(slug: str) -> str:
    """Give what every id of a chapter begins with: a letter, and nothing that ids of our own begin with."""
    return slug if slug[:1].isalpha() and not slug.startswith(("fn", "page-", "endnotes")) else f"c{slug}"


def collect(
    chapters: Sequence[Chapter],
    folder: str,
    apparatus: Collection[str] = (),
    counting: Counting = Counting(),  # noqa: B008 - it is frozen
    language: str = "en",
) -> Catalogue:
    """Collect the facts of the whole book. `apparatus` names the further series of notes, each with its own numbers."""
    targets = {key: value for chapter in chapters for key, value in _targets(chapter, folder).items()}
    numbered: dict[str, tuple[Note, ...]] = {}
    problems: list[Problem] = []
    before = Counter[str]()
    for chapter in chapters:
        numbered[chapter.slug] = _number(chapter, before, apparatus)
        before.update(note.apparatus for note in numbered[chapter.slug])
        problems.extend(_note_problems(chapter, numbered[chapter.slug]))
        targets |= {(_path(chapter, folder), f"^{note.label}"): note.id for note in numbered[chapter.slug]}
    things = _things(chapters, folder, targets, numbered)
    asked = {
        kind for each in chapters for kind in crossrefs.asked(each, _leading(each, folder, targets, things))
    }
    things = numbers.count(things, numbers.settle(counting, asked), language)
    for chapter in chapters:
        problems.extend(links.check(chapter, _path(chapter, folder), targets))
        problems.extend(crossrefs.check(chapter, _leading(chapter, folder, targets, things)))
    contents = tuple(
        _entry(chapter, targets, things, folder) for chapter in chapters if chapter.role not in UNLISTED
    )
    return Catalogue(targets, numbered, contents, tuple(problems), things)


_Targets = Mapping[tuple[str, str], str]


def _things(
    chapters: Iterable[Chapter], folder: str, targets: _Targets, numbered: Mapping[str, Iterable[Note]]
) -> dict[str, Thing]:
    found: dict[str, Thing] = {}
    own: dict[str, dict[str, str]] = {}
    for (path, name), target in targets.items():
        own.setdefault(path, {})[name] = target
    for chapter in chapters:
        found |= numbers.collect(chapter, prefix(chapter.slug), own[_path(chapter, folder)])
        for note in numbered[chapter.slug]:
            found[note.id] = Thing("note", page=prefix(chapter.slug), title="", note=note)
    return found


def _leading(
    chapter: Chapter, folder: str, targets: _Targets, things: Mapping[str, Thing]
) -> Callable[[str], Thing | None]:
    """Say what an address in this chapter leads to within the book."""
    path = _path(chapter, folder)
    return lambda href: things.get(
        "" if links.is_outside(href) else targets.get(links.inside(href, path), "")
    )


def _path(chapter: Chapter, folder: str) -> str:
    return chapter.source.removeprefix(f"{folder}/")


def _targets(chapter: Chapter, folder: str) -> dict[tuple[str, str], str]:
    """Give every id of a chapter the form in which it is unique in the book; "" stands for the chapter itself."""
    path = _path(chapter, folder)
    found = {(path, ""): prefix(chapter.slug)}
    taken: set[str] = set()
    for holder in (chapter.body, *(note.body for note in chapter.notes if note.body is not None)):
        for name in (element.get("id") for element in holder.iter()):
            if name:
                safe = headings.safe_id(name)
                while safe in taken:
                    safe += "x"
                taken.add(safe)
                found[path, name] = f"{prefix(chapter.slug)}_{safe}"
    return found


def _number(chapter: Chapter, before: Mapping[str, int], apparatus: Collection[str]) -> tuple[Note, ...]:
    texts = {note.label: note.body for note in chapter.notes}
    lines = {note.label: note.line for note in chapter.notes}
    calls: dict[str, list[int]] = {}
    for _, label, line in notes.calls_in_reading_order(chapter.body, texts):
        calls.setdefault(label, []).append(line)
    counts = Counter[str]()
    found: list[Note] = []
    for label, at in calls.items():
        own = notes.apparatus_of(label, apparatus)
        counts[own] += 1
        name = prefix(chapter.slug) + (f"_{own}" if own else "") + f"-{counts[own]}"
        found.append(
            Note(
                id=f"fn-{name}",
                label=label,
                nth_of_chapter=counts[own],
                nth_of_book=before[own] + counts[own],
                calls=tuple(Call(f"fnref-{name}{_suffix(k)}", line) for k, line in enumerate(at)),
                line=lines.get(label, at[0]),
                body=texts.get(label),
                apparatus=own,
            )
        )
    return tuple(found)


def _suffix(k: int) -> str:
    """Second and later calls of a note: -b, -c, ... -z, _27, ..."""
    if k == 0:
        return ""
    return f"-{ascii_lowercase[k]}" if k < len(ascii_lowercase) else f"_{k + 1}"


def _note_problems(chapter: Chapter, numbered: Iterable[Note]) -> Iterable[Problem]:
    called = {note.label for note in numbered}
    defined = {note.label for note in chapter.notes}
    for note in numbered:
        if note.body is None:
            how = (
                "Write it between the brackets."
                if note.label.startswith(notes.IN_PLACE)
                else f"Write it after [^{note.label}]: on this line."
                if note.label in defined
                else (f"Write it at the end of the file: [^{note.label}]: ...")
            )
            yield warning(
                "note-without-text",
                Place(chapter.source, note.line),
                f"The note {notes.spelt(note.label)} has no text; the edition says so in its place.",
                how,
            )
    for text in chapter.notes:
        if text.label not in called:
            yield warning(
                "note-never-called",
                Place(chapter.source, text.line),
                f"The note [^{text.label}] is never called; it is not printed.",
                f"Write [^{text.label}] where it belongs, or delete it.",
            )


def _entry(chapter: Chapter, targets: _Targets, things: Mapping[str, Thing], folder: str) -> Entry:
    path = _path(chapter, folder)
    first = next((heading for heading in chapter.headings if heading.level == 1), None)
    below = [heading for heading in chapter.headings if heading is not first and heading.level > 0]
    return Entry(
        text=chapter.title,
        target=targets[path, ""],
        page=prefix(chapter.slug),
        matter=chapter.matter,
        children=_nest(below, lambda heading: targets[path, heading.id], prefix(chapter.slug), chapter),
        number=_number_in_contents(things[targets[path, ""]]),
    )


def _number_in_contents(division: Thing) -> str:
    """Chapters have their figure alone in the contents; what is counted otherwise says what it is."""
    return division.number if division.label and division.kind == "chapter" else division.label


def _nest(
    found: list[Heading], target: Callable[[Heading], str], page: str, chapter: Chapter
) -> tuple[Entry, ...]:
    """Make a tree of a run of headings: each takes the deeper ones behind it for its children."""
    entries: list[Entry] = []
    at = 0
    while at < len(found):
        heading = found[at]
        end = at + 1
        while end < len(found) and found[end].level > heading.level:
            end += 1
        inner = _nest(found[at + 1 : end], target, page, chapter)
        entries.append(Entry(heading.text, target(heading), page, chapter.matter, inner))
        at = end
    return tuple(entries)
