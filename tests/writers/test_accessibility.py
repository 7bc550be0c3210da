"""What an EPUB says of who can read it: nothing but what is so, and a claim only where the book keeps it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from xml.etree.ElementTree import fromstring

import pytest
from lxml import etree
from PIL import Image

from diptych import words
from diptych.model import Break, Catalogue, Claim, Edition, Forme, Manifest, Metadata, Page, Theme
from diptych.writers.epub import accessibility
from diptych.writers.epub.accessibility import Facts

UUID = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"
STANDARD = "EPUB Accessibility 1.1 - WCAG 2.1 Level AA"
CLAIM = f'[accessibility]\nconforms-to = "{STANDARD}"\ncertified-by = "Nobody & Sons"\n'
TOML = f'[book]\ntitle = "T"\nlanguage = "en"\n[identifier]\nuuid = "{UUID}"\n'


def painted(kind="PNG", frames=1):
    out = io.BytesIO()
    pictures = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")[:frames]]
    more = {"save_all": True, "append_images": pictures[1:]} if frames > 1 else {}
    pictures[0].save(out, kind, **more)
    return out.getvalue()


class Told:
    """A small book, and what its package says."""

    def __init__(self, bench, text, toml=TOML, **changes):
        files = {
            "book.toml": toml,
            "1.md": f"# One\n\n{text}\n",
            "a.png": painted(),
            "m.gif": painted("GIF", 2),
        }
        book = bench.read(files)
        made = bench.make(book, "epub", plain=True, **changes)
        self.problems = [
            (p.code, str(p.place)) for p in (*book.problems, *made.problems) if p.severity == "warning"
        ]
        self.sentences = [p.sentence for p in made.problems]
        with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
            self.opf = etree.fromstring(archive.read("EPUB/content.opf"))
            self.chapter = archive.read("EPUB/c1.xhtml").decode()

    def said(self, name):
        return [e.text for e in self.opf.iter("{*}meta") if e.get("property") == name]

    def schema(self, name):
        return self.said(f"schema:{name}")


ALWAYS = ["structuralNavigation", "tableOfContents", "readingOrder", "displayTransformability", "unlocked"]


@pytest.mark.parametrize(
    ("text", "modes", "sufficient", "described"),
    [
        ("Words.", ["textual"], ["textual"], False),
        ("![What it shows](a.png)", ["textual", "visual"], ["textual", "textual,visual"], True),
        ('![](a.png){alt=""}', ["textual"], ["textual"], False),
        ("![](a.png)", ["textual", "visual"], ["textual,visual"], False),
        ("![A](a.png)\n\n![](a.png)", ["textual", "visual"], ["textual,visual"], False),
        ('![A](a.png)\n\n![](a.png){alt=""}', ["textual", "visual"], ["textual", "textual,visual"], True),
        ("<svg><title>A</title></svg>", ["textual", "visual"], ["textual", "textual,visual"], True),
        ("<svg></svg>", ["textual", "visual"], ["textual,visual"], False),
        ('<svg aria-hidden="true"></svg>', ["textual"], ["textual"], False),
        ("Words.[^1]\n\n[^1]: ![](a.png)", ["textual", "visual"], ["textual,visual"], False),
    ],
)
def test_it_is_said_which_senses_are_needed_and_which_suffice(bench, text, modes, sufficient, described):
    told = Told(bench, text)
    assert told.schema("accessMode") == modes
    assert told.schema("accessModeSufficient") == sufficient
    assert told.schema("accessibilityFeature") == [*ALWAYS, *(["alternativeText"] if described else [])]


MOVING = ["noSoundHazard", "unknownFlashingHazard", "unknownMotionSimulationHazard"]


@pytest.mark.parametrize(
    ("text", "hazards"),
    [
        ("![A](a.png)", ["none"]),
        ("<svg><title>A</title><path><animate></animate></path></svg>", MOVING),
        ("![A](m.gif)", MOVING),
    ],
)
def test_nobody_knows_whether_a_picture_that_moves_flashes(bench, text, hazards):
    assert Told(bench, text).schema("accessibilityHazard") == hazards


def test_on_a_kindle_nothing_moves(bench):
    assert Told(bench, "![A](m.gif)", simple=True).schema("accessibilityHazard") == ["none"]


# --- Words for those who do not see a picture -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("![What it shows](a.png)", False),
        ("![](a.png)", True),
        ("![ ](a.png)", True),
        ("![][r]\n\n[r]: a.png", True),
        ('![](a.png){alt=""}', False),
        ("![](a.png){alt=''}", False),
        ('Words ![](a.png){.wide alt="" } and more.', False),
        ("Words ![](a.png) and more.", True),
        ('<img src="a.png" alt="">', False),
        ('<img src="a.png" alt=" ">', True),
        ('<img src="a.png">', True),
        ('<div markdown="1">![](a.png) <img src="a.png" alt=""></div>', True),
        ("| A |\n|---|\n| ![](a.png) |", True),
        ("<svg><title>A</title></svg>", False),
        ("<svg></svg>", True),
    ],
)
def test_words_are_missing_where_the_brackets_are_empty_but_not_where_alt_is(bench, text, missing):
    told = Told(bench, text)
    line = 3 if "|" not in text else 5
    assert told.problems == ([("image-without-alt", f"book/1.md:{line}")] if missing else [])


def test_decoration_is_marked_and_missing_words_are_not_made_up(bench):
    told = Told(bench, '![](a.png){alt=""}\n\n![](a.png)\n\n![A](a.png)\n\n<svg><title>A</title></svg>')
    assert '<img alt="" src="a.png" role="presentation"/>' in told.chapter
    assert '<img src="a.png"/>' in told.chapter
    assert '<img alt="A" src="a.png"/>' in told.chapter
    assert 'role="img"><title>A</title></svg>' in told.chapter


# --- The summary ------------------------------------------------------------------------------------------------------


def test_the_summary_is_in_the_language_of_the_book(bench):
    toml = TOML.replace('"en"', '"de-AT"')
    told = Told(bench, "![](a.png)\n\n| A |\n|---|\n| 1 |\n\nWorte.[^1]\n\n[^1]: Eine.", toml)
    (summary,) = told.schema("accessibilitySummary")
    assert summary == (
        "Schriftgröße, Schriftart und Farben lassen sich ändern. Inhaltsverzeichnis und Überschriften führen durch das "
        "Buch. Einige Bilder sind nicht mit Worten beschrieben. Tabellen haben Kopfzellen. Anmerkungen und die Stellen, "
        "zu denen sie gehören, sind in beide Richtungen verknüpft."
    )


@pytest.mark.parametrize(("language", "own"), [("en-GB", None), ("xx", "en")])
def test_a_summary_in_another_language_says_so(bench, language, own):
    told = Told(bench, "Words.", TOML.replace('"en"', f'"{language}"'))
    found = [e for e in told.opf.iter("{*}meta") if e.get("property") == "schema:accessibilitySummary"]
    assert [e.get("{http://www.w3.org/XML/1998/namespace}lang") for e in found] == [own]
    assert found[0].text


LACKING = Facts(2, frozenset({"mathml", "drawn"}), 1, notes=True, moving=True, pages=True)


def test_every_sentence_that_is_chosen_exists():
    lacks = tuple(
        accessibility.Lack(kind, accessibility.Place("a")) for kind in ("picture", "table", "formula")
    )
    for facts in (Facts(), LACKING, replace(LACKING, lacks=lacks)):
        text, _ = words.tell(accessibility._summary(facts), "en")
        assert text.count(".") == len([*accessibility._summary(facts)])


# --- Formulas, pages, tables ------------------------------------------------------------------------------------------

MATHML = '<math xmlns="http://www.w3.org/1998/Math/MathML"{}><mi>x</mi></math>'


def facts_of(body, breaks=(), marked=()):
    section = fromstring(f'<section data-line="7"><h1>One</h1>{body}</section>')
    page = Page("c1", "One", "chapter", "body", section, "book/1.md")
    edition = Edition("epub", "epub", pages="print")
    about = Manifest("book", Metadata("T", UUID, isbn={"print": "9781861978769"}), (), (edition,))
    forme = Forme((page,), edition, Theme((), ()), about, Catalogue({}, {}, ()), {}, 0, tuple(breaks))
    return forme, accessibility.look(forme, forme.pages, {}, marked)


def said_of(body, name, **how):
    forme, facts = facts_of(body, **how)
    return [each.value for each in accessibility.of(forme, facts) if each.name == name]


@pytest.mark.parametrize(
    ("body", "features", "modes"),
    [
        (MATHML.format(' alttext="x"'), ["MathML", "latex"], ["textual"]),
        (MATHML.format(""), ["MathML"], ["textual"]),
        (
            '<img class="math" alt="x"/>',
            ["alternativeText", "latex"],
            ["textual", "visual", "mathOnVisual"],
        ),
        ('<img class="math"/>', [], ["textual", "visual", "mathOnVisual"]),
    ],
)
def test_formulas_say_how_they_can_be_read(body, features, modes):
    assert said_of(body, "schema:accessibilityFeature")[len(ALWAYS) :] == features
    assert said_of(body, "schema:accessMode") == modes


def test_without_a_wording_a_drawn_formula_must_be_seen():
    assert said_of('<img class="math"/>', "schema:accessModeSufficient") == ["textual,visual"]
    assert said_of('<img class="math" alt="x"/>', "schema:accessModeSufficient") == [
        "textual",
        "textual,visual",
    ]


def test_marked_pages_name_their_source():
    pages = {"breaks": [Break("1", "c1", 0)], "marked": ["1"]}
    assert said_of("", "pageBreakSource", **pages) == ["urn:isbn:9781861978769"]
    assert said_of("", "schema:accessibilityFeature", **pages)[-2:] == ["pageBreakMarkers", "pageNavigation"]
    assert said_of("", "pageBreakSource") == []


def test_pages_without_an_isbn_are_named_in_words(bench):
    toml = (
        TOML.replace('"en"', '"en"\npublisher = "P"\ndate = 2026-03-01')
        + '[edition.epub]\npages = "print"\n[edition.print]\n'
    )
    assert Told(bench, "Words.", toml).said("pageBreakSource") == [f"P, 2026-03-01, print, {UUID}"]


# --- The claim --------------------------------------------------------------------------------------------------------


def test_a_claim_is_made_where_the_book_keeps_it(bench):
    more = 'credential = "Exam of 2026"\nreport = "https://example.org/report"\n'
    told = Told(bench, "![A](a.png)\n\n| A |\n|---|\n| 1 |\n\n## Two\n\n### Three", f"{TOML}{CLAIM}{more}")
    assert told.problems == []
    claim = next(e for e in told.opf.iter("{*}meta") if e.get("property") == "dcterms:conformsTo")
    certifier = claim.getnext()
    grounds = [certifier.getnext(), certifier.getnext().getnext()]
    assert claim.text == STANDARD
    assert (certifier.get("property"), certifier.text) == ("a11y:certifiedBy", "Nobody & Sons")
    assert certifier.get("refines") == f"#{claim.get('id')}"
    assert (grounds[0].get("property"), grounds[0].text) == ("a11y:certifierCredential", "Exam of 2026")
    assert (grounds[1].get("rel"), grounds[1].get("href")) == (
        "a11y:certifierReport",
        "https://example.org/report",
    )
    assert {e.get("refines") for e in grounds} == {f"#{certifier.get('id')}"}
    assert "a11y: http://www.idpf.org/epub/vocab/package/a11y/#" in told.opf.get("prefix")


def test_nothing_is_claimed_that_nobody_asked_for(bench):
    told = Told(bench, "Words.")
    assert told.said("dcterms:conformsTo") == []
    assert "a11y" not in told.opf.get("prefix")


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        ("Words.\n\n![](a.png)", "1 picture without words", 5),
        ("<svg></svg>", "1 picture without words", 3),
        ("<table><tr><td>1</td></tr></table>", "1 table without header cells", 3),
        ("Words [![](a.png){alt=''}](https://example.org).", "1 link without words", 3),
    ],
)
def test_a_claim_is_left_out_where_the_book_does_not_keep_it(bench, text, why, line):
    told = Told(bench, text, TOML + CLAIM)
    assert told.said("dcterms:conformsTo") == told.said("a11y:certifiedBy") == []
    assert ("claim-left-out", f"book/1.md:{line}") in told.problems
    assert f"because of {why}" in told.sentences[-1]
    assert f"(book/1.md:{line})" in told.sentences[-1]


def test_a_heading_in_a_note_may_be_too_deep_where_the_note_comes_to_stand(bench):
    text = "## Two\n\n### Three\n\nWords.[^1]\n\n[^1]: Words.\n\n    #### Four"
    told = Told(bench, text, f'{TOML}{CLAIM}[notes]\nplace = "book"\n')
    assert told.problems == [("claim-left-out", "book/1.md:11")]
    assert "because of 1 heading of a level too deep" in told.sentences[0]


def test_a_note_at_the_end_of_the_book_is_found_in_its_own_file(bench):
    toml = f'{TOML}{CLAIM}[notes]\nplace = "book"\n'
    assert ("claim-left-out", "book/1.md:5") in Told(bench, "Words.[^1]\n\n[^1]: ![](a.png)", toml).problems


def test_many_places_are_told_in_one_sentence(bench):
    told = Told(bench, "\n\n".join(["![](a.png)"] * 8), TOML + CLAIM)
    (sentence,) = told.sentences
    assert "8 pictures" in sentence
    assert "book/1.md:11, 3 more places" in sentence


def test_a_formula_needs_a_wording_and_a_page_its_mark():
    found = facts_of(MATHML.format(""), [Break("1", "c1", 0), Break("2", "c1", 9)], ["1"])[1].lacks
    assert [(lack.kind, str(lack.place)) for lack in found] == [
        ("formula", "book/1.md:7"),
        ("page", "book/book.toml"),
    ]


def test_a_book_that_does_not_say_its_language_claims_nothing(bench):
    told = Told(bench, "Words.", (TOML + CLAIM).replace('language = "en"\n', ""))
    assert told.said("dcterms:conformsTo") == []
    assert [code for code, _ in told.problems] == ["claim-left-out"]


def test_each_reason_has_its_words():
    claim = Metadata("T", UUID, claim=Claim(STANDARD, "N"))
    place = accessibility.Place("a.md", 3)
    forme = replace(facts_of("")[0], manifest=Manifest("book", claim, (), ()))
    for kind in accessibility._LACKS:
        facts = Facts(
            lacks=(accessibility.Lack(kind, place), accessibility.Lack(kind, replace(place, line=5)))
        )
        (problem,) = accessibility.unclaimed(forme, facts)
        assert f"2 {kind}s" in problem.sentence
        assert "(a.md:3, a.md:5)" in problem.sentence
