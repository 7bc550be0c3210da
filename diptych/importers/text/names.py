"""Names of people: what one looks like, and how a shelf sorts it.

It deliberately knows no names. What is none shows by its words: articles, numbers, the usual words of headings.
Words that are also surnames, such as Power or Story, are not among those: an author would be lost for each.
"""

from __future__ import annotations

import re

_PARTICLES = frozenset("de del della der den di da du la le ten ter van von zu zur y bin ibn al el".split())
_NOT_A_NAME = frozenset(
    "a an the of in on to for from with at by is are was or as part chapter section book introduction "
    "preface prologue foreword epilogue conclusion notes appendix first second third some my our what why "
    "how when".split()
)
_OF_HEADINGS = frozenset(
    "war wars party parties class classes state states society culture government movement development policy "
    "politics economy theory theories practice method methods history histories problem problems crisis crises "
    "struggle struggles lesson lessons roots origins beginning beginnings end aftermath background debate "
    "debates critique thesis theses results prospects perspectives rise decline dictatorship army soviets workers "
    "peasants masses congress program programme world century decade year years age ages days life death tale tales "
    "road roads journey today tomorrow afterword postscript summary contents bibliography acknowledgments "
    "acknowledgements one two three four five six seven eight nine chapters parts book books scene act "
    "krieg frage fragen jahre zeit geschichte leben teil kapitel einleitung vorwort nachwort schluss guerre années "
    "partie chapitre histoire années años parte capítulo historia capitolo storia oorlog jaren deel hoofdstuk "
    "anos história".split()
)
_BEGIN_HEADINGS = frozenset(
    "der die das ein eine los las il gli het early late new old great modern social political economic "
    "international national civil soviet".split()
)
_ABSTRACT = re.compile(
    r"\w{3}(?:isms?|ismus|isme|ismo|tions?|ción|ção|zione|heit|keit|schaft)$|\w{4}sions?$|['’]s$",
    re.IGNORECASE,
)
"""Lenin’s and Communism end no name. The letters before are counted to spare Andrew Motion and Roger Sessions."""

_SUFFIXES = frozenset({"Jr", "Jr.", "Sr", "Sr.", "II", "III", "IV"})


def is_name(text: str) -> bool:
    """Tell whether words can be a name: each has a capital, and nothing speaks against it."""
    words = text.split()
    capital = all(word[0].isupper() or word in _PARTICLES for word in words) and words[-1][0].isupper()
    letters = not re.search(r"[^\w\s.'’-]|[\d_]", text)
    return capital and letters and not any(word.casefold() in _NOT_A_NAME for word in words)


def is_unsigned_name(text: str) -> bool:
    """Tell whether words without a “by” are a name: Rosa Luxemburg is one, War Communism is not.

    Two to four words, not counting such as `de` and `von`; none that headings are made of.
    """
    words = [word for word in text.split() if word not in _PARTICLES]
    folded = [word.casefold() for word in words]
    return (
        2 <= len(words) <= 4
        and is_name(text)
        and folded[0] not in _BEGIN_HEADINGS
        and _OF_HEADINGS.isdisjoint(folded)
        and not any(map(_ABSTRACT.search, words))
    )


def sort_name(name: str) -> str:
    """`Rosa van der Berg` becomes `van der Berg, Rosa`: last name first, with its small words."""
    words = name.split()
    suffix = [words.pop()] if len(words) > 2 and words[-1] in _SUFFIXES else []
    cut = len(words) - 1
    while cut > 1 and words[cut - 1] in _PARTICLES:
        cut -= 1
    last, first = " ".join(words[cut:]), " ".join([*words[:cut]]).rstrip(",")
    return ", ".join(part for part in (last.rstrip(","), first, *suffix) if part)
