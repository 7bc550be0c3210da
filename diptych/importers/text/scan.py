"""Spots that look like slips of a scanner, found by comparing a text with itself.

It deliberately knows no dictionary: a language has more words than any list, and an author more than a language.
It mends nothing, and of each kind it lists no more than help.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from diptych.importers.text.notes import NoteTexts
from diptych.importers.text.passages import Passage
from diptych.importers.text.sections import Section
from diptych.importers.text.spots import MOST_SPOTS, Spot, around, spot

Texts = Sequence[Passage]
"""All that is looked over, headings and notes as well."""


@dataclass(frozen=True)
class Words:
    """What the words of the whole text say about a single spot."""

    counts: Mapping[str, int]
    once: frozenset[str]
    language: str
    low_quotes: bool


_LETTERS = re.compile(r"[^\W\d_]+")
_PAIR = re.compile(r"(?<![^\W\d_])([^\W\d_]++)[ \n](?=([^\W\d_]++))")
"""Two words with nothing but a space or a line end between them."""

_STOP_WORDS = {
    "en": frozenset("the of and to in that is was for with it his".split()),
    "de": frozenset("der die und das ist nicht mit den ein zu von sich".split()),
    "fr": frozenset("le la les des et est dans que une pour du pas".split()),
    "es": frozenset("el la los que de y en las por con una se".split()),
    "it": frozenset("il di che e la per un del della non gli è".split()),
    "nl": frozenset("de het een van en dat niet op te zijn met voor".split()),
    "pt": frozenset("o que de não uma os para com as do da em".split()),
}


def count_words(passages: Texts) -> Words:
    """Count the words of the whole text, notes as well, and name its language if that is clear."""
    counts: Counter[str] = Counter()
    for passage in passages:
        counts.update(map(str.casefold, _LETTERS.findall(passage.text)))
    once = frozenset(word for word, count in counts.items() if count == 1)
    low = any("„" in passage.text for passage in passages)
    return Words(counts, once, _language(counts), low_quotes=low)


def _language(counts: Mapping[str, int]) -> str:
    """Name the language whose small words are clearly the commonest here; else nothing."""
    scores = {code: sum(counts.get(word, 0) for word in words) for code, words in _STOP_WORDS.items()}
    (best, most), (_, next_most), *_ = sorted(scores.items(), key=lambda item: -item[1])
    sure = most >= 5 and 3 * most > 4 * next_most and 12 * most > sum(counts.values())
    return best if sure else ""


def scan(sections: Iterable[Section], texts: NoteTexts, words: Words) -> Iterator[Spot]:
    """Look over headings, paragraphs and notes for each kind of slip."""
    passages = [p for section in sections for p in (Passage((section.heading,)), *section.passages)]
    passages += [passage for parts in texts.values() for passage in parts]
    for kind in _KINDS:
        found = kind(passages, words)
        yield from islice(found, MOST_SPOTS)
        if more := next(found, None):
            yield replace(
                more,
                sentence=f"There are more than {MOST_SPOTS} of these; from here on they are not listed.",
            )


_DIGIT = re.compile(r"(?<![\w.@/-])(?=\w{2,30}(?!\w))(?=\d*[^\W\d_])(?=[^\W\d_]*\d)\w++(?![@/]|\.\w)")
_ANY_DIGIT = re.compile(r"\d")
"""A quick look that spares most paragraphs the slow one; `_ANY_CAPITAL` is another."""

_MEASURED = re.compile(
    r"\d+(?:s|st|nd|rd|th|d|er|re|e|ème|km|m|cm|mm|kg|g|t|l|ha|am|pm|a|b|c|f|ff|n|x|k|bn|p|pp|h)"
    r"|(?:p|pp|n|nn|f|ff|v|vol|no|fn|c|ch|col)\d+"
    r"|[A-Z]{1,4}\d+[A-Za-z]?|\d+[A-Z]{1,3}|[A-Z][a-z]?\d[A-Z]\d?"
)
_LOOKALIKES = str.maketrans("10J5I", "lolsl")


def _digit_in_word(passages: Texts, words: Words) -> Iterator[Spot]:
    """`a11` for `all`; not `8th`, `1920s`, `A4` or an address."""
    for passage in passages:
        for found in _DIGIT.finditer(passage.text) if _ANY_DIGIT.search(passage.text) else ():
            if not _MEASURED.fullmatch(found[0]):
                advice = _perhaps(found[0], words)
                yield spot(
                    "scan-digit-in-word",
                    passage,
                    found.start(),
                    f"“{found[0]}” has a digit inside a word",
                    advice,
                )


def _perhaps(word: str, words: Words) -> str:
    """Suggest the word with its lookalikes put back, if the text knows such a word."""
    guess = word.translate(_LOOKALIKES)
    known = guess != word and words.counts.get(guess.casefold())
    return f"Perhaps “{guess}” is meant." if known else "Compare it with the page."


_CAPITALS = re.compile(
    r"(?<![\w’'.@/-])(?=\w{3,40}(?!\w))\w*?(?:[a-zß-ÿ][A-ZÀ-Þ]|[A-ZÀ-Þ]{2}[a-zß-ÿ]{2})\w*+(?![@/]|\.\w)"
)
_ANY_CAPITAL = re.compile(r"[a-zß-ÿ][A-ZÀ-Þ]|[A-ZÀ-Þ]{2}[a-zß-ÿ]{2}")
_JOINED = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ]+(?:[A-ZÀ-Þ][a-zß-ÿ]+)+$")
_NAME_PREFIX = re.compile(r"(?:Mc|Mac|Fitz|De|Del|Della|Des|Di|Du|Da|La|Le|Van|Von|Ver|Ap|Saint|O)[A-ZÀ-Þ]")
_INITIALS = re.compile(
    r"[A-ZÀ-Þ]{2,}(?:s|ed|er|ers|ing|ism|ist|ists|ian|ish|th)$|[a-z][A-Z]|[A-Z]\w*[A-Z]s?$"
)
_OFTEN = 3
"""A spelling met this often is the author's."""


def _run_together(passages: Texts, words: Words) -> Iterator[Spot]:
    """`EastGerman` for `East German`; not `McKay`."""
    for passage, found in _odd_capitals(passages, words):
        if _JOINED.match(found[0]):
            pieces = re.findall(r"[A-ZÀ-Þ][a-zß-ÿ]+", found[0])
            advice = f"Perhaps “{'-'.join(pieces)}” or “{' '.join(pieces)}” is meant."
            yield spot(
                "scan-run-together",
                passage,
                found.start(),
                f"“{found[0]}” may be two words run together",
                advice,
            )


def _capital_in_word(passages: Texts, words: Words) -> Iterator[Spot]:
    """`AJl` for `All`; not `SRs` or `PhD`."""
    for passage, found in _odd_capitals(passages, words):
        if not _JOINED.match(found[0]) and not _INITIALS.match(found[0]):
            advice = _perhaps(found[0], words)
            yield spot(
                "scan-odd-capitals",
                passage,
                found.start(),
                f"“{found[0]}” has a capital inside a word",
                advice,
            )


def _odd_capitals(passages: Texts, words: Words) -> Iterator[tuple[Passage, re.Match[str]]]:
    for passage in passages:
        for found in _CAPITALS.finditer(passage.text) if _ANY_CAPITAL.search(passage.text) else ():
            if not _NAME_PREFIX.match(found[0]) and words.counts.get(found[0].casefold(), 0) < _OFTEN:
                yield passage, found


_FIRST_WORDS = frozenset(
    "a an i in on no so to be by for any some every over under with out up off all may can it he me we is as "
    "at or if my not per well self non".split()
)
_LINE_END = re.compile(r"(?<=[^\W\d_])-\n(?=[^\W\d_A-ZÀ-Þ])")


def _split_word(passages: Texts, words: Words) -> Iterator[Spot]:
    """`ta ble` where `table` is known and `ble` is not, and words that a line end cuts."""
    for passage in passages:
        text = passage.text
        for found in _LINE_END.finditer(text):
            cut = around(text, found.start(), found.end()).replace("- ", "-")
            advice = "In the book it would read with a space after the hyphen: join it."
            yield spot(
                "scan-split-word", passage, found.start(), f"“{cut}” is cut by the end of a line", advice
            )
        for found in _PAIR.finditer(text):
            left, right = found.groups()
            if _is_split(left, right, words):
                sentence = f"“{left} {right}” may be one word"
                advice = f"Perhaps “{left}{right}” is meant."
                yield spot("scan-split-word", passage, found.start(), sentence, advice)


def _is_split(left: str, right: str, words: Words) -> bool:
    """Two rare pieces of a word that the text uses, or whose beginning it uses."""
    one, two = left.casefold(), right.casefold()
    alone = (one in words.once) + (two in words.once)
    if not alone or len(one) < 2 or len(one + two) > 40 or one in _FIRST_WORDS or not right.islower():
        return False
    if len(two) > 1 and one + two in words.counts:
        return True
    ends = range(len(one) + 3, len(one + two))
    return alone == 2 and len(one) > 2 and any((one + two)[:end] in words.counts for end in ends)


_AFTER_DASH = (
    "the|and|which|as|that|would|yet|but|is|was|were|are|whose|it|they|he|she|we|this|these|those|because|"
    "though|although|since|than|or|had|has|could|should|then|their|its|his"
)
_LOST_DASH = re.compile(
    rf"(?<=[^\W\d_])(?<!either)(?<!and)-(?=(?:{_AFTER_DASH})(?![\w’'-]))"
    r"|(?<![\w-])(?:1[4-9]|20)\d\d-(?=[a-z]{2,20}(?![\w-]))(?!style|era|vintage|type|model|born|built|present|date)"
)
_HALF_DASH = re.compile(r"(?<=\w)- (?=[^\W\d_])(?!(?:and|or|to|und|oder|bis|et|ou|y|o|e|en|of)\b)")


def _lost_dash(passages: Texts, words: Words) -> Iterator[Spot]:
    """`house-the` for `house–the`, `house- which`; not `pre- and post-war` or `rock-and-roll`."""
    for passage in passages:
        for found in _LOST_DASH.finditer(passage.text) if words.language == "en" else ():
            yield _dash(passage, found)
        for found in _HALF_DASH.finditer(passage.text):
            yield _dash(passage, found)


def _dash(passage: Passage, found: re.Match[str]) -> Spot:
    shown = around(passage.text, found.start(), found.end()).strip(".,;:()“”‘’")
    advice = "If so, write – or — for the hyphen."
    return spot("scan-lost-dash", passage, found.start(), f"“{shown}” may have lost a dash", advice)


_QUOTE = re.compile(r"[“”]|(?<!\w)‘|’(?!\w)")
_STRAIGHT = re.compile(r"(?<!\d)\"")


def _quotes(passages: Texts, words: Words) -> Iterator[Spot]:
    """Quotation marks that have no partner in their paragraph."""
    for passage, below in zip(passages, [*passages[1:], None], strict=True):
        opens = below.first.text[:1] if below else ""
        yield from _straight(passage, opens)
        if not words.low_quotes:
            yield from _curly(passage, opens)


def _straight(passage: Passage, opens: str) -> Iterator[Spot]:
    marks = [found.start() for found in _STRAIGHT.finditer(passage.text)]
    if len(marks) % 2 and opens != '"':
        shown = around(passage.text, marks[-1], marks[-1])
        sentence = f"The paragraph of “{shown}” has an odd number of quotation marks"
        yield spot("scan-quotes", passage, marks[-1], sentence, "Is one missing?")


def _curly(passage: Passage, opens: str) -> Iterator[Spot]:
    """Follow the marks; a paragraph may leave its quotation open if the next one opens it again."""
    still_open: list[tuple[str, int]] = []
    for found in _QUOTE.finditer(passage.text):
        mark, at = found[0], found.start()
        if mark in "“‘":
            still_open.append((mark, at))
        elif mark == "”":
            yield from _close(passage, still_open, at)
        elif still_open and still_open[-1][0] == "‘":
            still_open.pop()
    left = [at for mark, at in still_open if mark == "“"]
    if left and opens != "“":
        sentence = f"The quotation {_from(passage, left[-1])} is never closed"
        yield spot("scan-quotes", passage, left[-1], sentence, "Is a ” missing?")


def _close(passage: Passage, still_open: list[tuple[str, int]], at: int) -> Iterator[Spot]:
    """Take the partner of a ” off `still_open`, or tell that there is none."""
    if any(mark == "“" for mark, _ in reversed(still_open)):
        while still_open.pop()[0] != "“":
            pass
    elif still_open:
        sentence = f"The quotation {_from(passage, still_open.pop()[1])} opens with ‘ and closes with ”"
        yield spot("scan-quotes", passage, at, sentence, "Make the two marks a pair.")
    else:
        shown = around(passage.text, at, at + 1)
        advice = "Is an opening “ missing, or is this mark one too many?"
        yield spot("scan-quotes", passage, at, f"{shown} closes a quotation that was not opened", advice)


def _from(passage: Passage, at: int) -> str:
    """Name a quotation by its first words, with its mark."""
    cut = passage.text[at : at + 32]
    return " ".join(cut.split()[:4]) + " …"


_ELLIPSIS = re.compile(r"…[ ]?\.|\.…|\.(?: \.){2,}|\.{4,}")


def _ellipsis(passages: Texts, _: Words) -> Iterator[Spot]:
    """`….` and `. . .`, once for each line."""
    for passage in passages:
        told = 0
        for found in _ELLIPSIS.finditer(passage.text):
            shown = around(passage.text, found.start(), found.end())
            dots = spot(
                "scan-ellipsis", passage, found.start(), f"“{shown}” spells an ellipsis with its own dots"
            )
            if dots.line != told:
                yield replace(dots, advice="Write … alone, or … and a full stop, the same way throughout.")
            told = dots.line


_MAY_DOUBLE = frozenset("had that very no so ha nous vous die das der en".split())


def _doubled_word(passages: Texts, _: Words) -> Iterator[Spot]:
    """`the the`; not `had had`, nor names such as Sirhan Sirhan."""
    for passage in passages:
        for found in _PAIR.finditer(passage.text):
            left, right = found.groups()
            same = left.casefold() == right.casefold() and not right[0].isupper()
            if same and right not in _MAY_DOUBLE:
                sentence = f"“{left} {right}” stands twice"
                advice = "Delete one, unless both are meant."
                yield spot("scan-doubled-word", passage, found.start(), sentence, advice)


def _lost_character(passages: Texts, _: Words) -> Iterator[Spot]:
    """U+FFFD stands where a program before this one could not read a character."""
    for passage in passages:
        for found in re.finditer("\ufffd+", passage.text):
            shown = around(passage.text, found.start(), found.end())
            yield spot(
                "scan-lost-character",
                passage,
                found.start(),
                f"A character was lost in “{shown}”",
                "Write it anew.",
            )


_KINDS: tuple[Callable[[Texts, Words], Iterator[Spot]], ...] = (
    _digit_in_word,
    _run_together,
    _capital_in_word,
    _split_word,
    _lost_dash,
    _quotes,
    _ellipsis,
    _doubled_word,
    _lost_character,
)
