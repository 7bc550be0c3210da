"""References in finished editions: every folio that is printed is the folio of the page of what it leads to."""

from __future__ import annotations

import io
import re
import zipfile

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from diptych.checks import ledger
from diptych.features import numbers, urls
from diptych.model import Counting, Thing
from diptych.problems import BookError
from diptych.writers.pdf import facts

TOML = """
[book]
title = "T"
language = "{}"
[identifier]
uuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"
[edition.{}]
trim = "5x8"
"""
WORDS = (
    "The ferry came late and nobody could say why the lamps were lit so early in the harbour that winter. "
)
TABLE = "| Year | What |\n|------|------|\n| 1917 | two |\n\n/// caption | #{}\nWhat happened.\n///\n"


class Pdf:
    """A PDF's pages as texts on one line, with their labels, and the page of each named place."""

    def __init__(self, data):
        with pikepdf.open(io.BytesIO(data)) as pdf:
            at = {tuple(page.objgen): n for n, page in enumerate(pdf.pages)}
            names = list(pdf.Root.Names.Dests.Names)
            self.links = {str(a.Dest) for page in pdf.pages for a in page.get("/Annots", []) if "/Dest" in a}
            pairs = zip(names[::2], names[1::2], strict=True)
            self.places = {str(name): at[tuple(target[0].objgen)] for name, target in pairs}
        with pypdfium2.PdfDocument(data) as document:
            pages = [document[n] for n in range(len(document))]
            self.texts = [re.sub(r"\s+", " ", page.get_textpage().get_text_range()) for page in pages]
            self.labels = [document.get_page_label(n) for n in range(len(document))]
        self.text = " ".join(self.texts)

    def folio(self, target):
        return self.labels[self.places[target]]


def book(language="en", edition="print"):
    one = (
        f"# The War\n\nSee [](#dates){{.page}}; [see](02.md#end){{.page}}; ([](02.md#end){{.pageref}}).[^a] {WORDS * 25}\n\n"
        f"{TABLE.format('dates')}\n{WORDS * 3}\n\n[^a]: Told [there](02.md#end){{.page}}, and in [](02.md#^b){{.page}}.\n"
    )
    two = f"# Peace\n\n{WORDS * 30}[^b]\n\nThe end.\n{{: #end }}\n\n[^b]: The last of them.\n"
    return {"book.toml": TOML.format(language, edition), "01.md": one, "02.md": two}


@pytest.mark.parametrize("edition", ["print", "screen"])
def test_a_printed_reference_names_the_folio_of_its_target(bench, edition):
    made = bench.build(book(edition=edition))
    assert ledger.of_pdf(made.data, made.wanted, made.edition).problems == ()
    found = Pdf(made.data)
    end = found.folio("c02_end")
    assert end != "1"
    assert f"See table 1, p. {found.folio('c01_dates')};" in found.text
    assert f"; see p. {end}; (p. {end})." in found.text
    assert f"Told there p. {end}, and in note 1, p. {found.folio('fn-c02-1')}." in found.text
    assert ("c02_end" in found.links) is (edition == "screen")


# --- What is numbered -------------------------------------------------------------------------------------------------


def things(*given):
    """Things of as many pages of ours, one each: (kind, title)."""
    return {f"p{n}": Thing(kind, title=title, page=f"p{n}") for n, (kind, title) in enumerate(given)}


@pytest.mark.parametrize(
    ("asked", "settled"),
    [
        (set(), Counting("none", "none", "none")),
        ({"section", "note"}, Counting("none", "none", "none")),
        ({"figure"}, Counting("none", "book", "none")),
        ({"chapter"}, Counting("arabic", "none", "none")),
        ({"appendix", "figure", "table"}, Counting("arabic", "chapter", "chapter")),
    ],
)
def test_what_a_reference_asks_a_number_of_is_numbered(asked, settled):
    assert numbers.settle(Counting(), asked) == settled


def test_what_the_author_says_of_numbers_holds():
    assert numbers.settle(Counting("none", "chapter", "none"), {"chapter", "table"}) == Counting(
        "none", "chapter", "none"
    )


@pytest.mark.parametrize(
    ("kind", "title", "number", "label"),
    [
        ("chapter", "The War", "1", "Chapter\u00a01"),
        ("chapter", "3. The War", "3", ""),
        ("chapter", "Chapter 3: The War", "3", ""),
        ("chapter", "Chapter I", "I", ""),
        ("chapter", "Chapter One", "1", ""),
        ("chapter", "Chapter and Verse", "1", "Chapter\u00a01"),
        ("part", "Part One: Before", "I", ""),
        ("chapter", "I. The War", "I", ""),
        ("chapter", "V. Woolf", "1", "Chapter\u00a01"),
        ("chapter", "A. Smith", "1", "Chapter\u00a01"),
        ("chapter", "1984", "1", "Chapter\u00a01"),
        ("chapter", "12 Angry Men", "1", "Chapter\u00a01"),
        ("appendix", "Appendix A", "A", ""),
        ("appendix", "Sources", "A", "Appendix\u00a0A"),
        ("part", "Before", "I", "Part\u00a0I"),
    ],
)
def test_an_authors_own_number_stays(kind, title, number, label):
    found = numbers.count(things((kind, title)), Counting("arabic", "none", "none"), "en")["p0"]
    assert (found.number, found.label) == (number, label)


def test_figures_are_counted_in_their_chapters_or_through_the_book():
    given = things(("section", "Preface"), ("chapter", "One"), ("chapter", "Two"))
    figures = {
        f"f{n}": Thing("figure", title="F", page=page) for n, page in enumerate(["p0", "p1", "p2", "p2"])
    }
    ordered = {**given, **figures}

    def told(*counting):
        counted = numbers.count(ordered, Counting(*counting), "en")
        return [counted[name].number for name in figures]

    assert told("arabic", "chapter", "none") == ["1", "1.1", "2.1", "2.2"]
    assert told("none", "chapter", "none") == ["1", "1.1", "2.1", "2.2"]
    assert told("roman", "chapter", "none") == ["1", "I.1", "II.1", "II.2"]
    assert told("arabic", "book", "none") == ["1", "2", "3", "4"]
    assert told("arabic", "none", "none") == ["", "", "", ""]


def test_appendices_have_letters_and_captions_in_them_too(bench):
    files = {
        **book(),
        "book.toml": TOML.format("ru", "epub").replace('trim = "5x8"', "")
        + '[chapters]\nbody = ["01.md", "02.md"]\nback = ["a.md", "b.md"]\n[numbering]\nchapters = "arabic"\n',
        "a.md": "# Sources\n\nWords.\n",
        "b.md": f"# More\n\n{TABLE.format('later')}\n[](#later).\n",
    }
    whole = bench.read(files).catalogue
    assert whole.things["b"].label == "Приложение\u00a0Б"
    assert whole.things["b_later"].label == "Таблица\u00a0Б.1"
    assert [entry.number for entry in whole.contents] == ["1", "2", "Приложение\u00a0А", "Приложение\u00a0Б"]


def test_numbers_of_chapters_stand_in_the_contents(bench):
    files = {
        **book(),
        "book.toml": TOML.format("en", "screen") + '[numbering]\nchapters = "roman"\n',
    }
    found = Pdf(bench.build(files).data)
    contents = next(text for text in found.texts if text.startswith("Contents"))
    assert re.search(r"I The War[ .]+1 II Peace[ .]+\d", contents)
    assert "Chapter I The War" in found.texts[found.places["c01"]]


def test_a_setting_that_is_no_scheme_is_refused(bench):
    files = {**book(), "book.toml": TOML.format("en", "screen") + '[numbering]\nfigures = "chapters"\n'}
    with pytest.raises(BookError) as wrong:
        bench.read(files)
    assert [(p.place.line, p.hint) for p in wrong.value.problems] == [(10, "Did you mean chapter?")]


# --- Contents and lists -----------------------------------------------------------------------------------------------

LISTED = 'lists = ["tables", "figures"]\n'


def listed(edition):
    files = book("en", edition)
    return {
        **files,
        "book.toml": files["book.toml"].replace('title = "T"', f'title = "T"\n{LISTED}'),
        "02.md": files["02.md"] + f"\n{TABLE.format('later')}",
    }


@pytest.mark.parametrize("edition", ["print", "screen"])
def test_lists_stand_behind_the_contents_with_folios(bench, edition):
    found = Pdf(bench.build(listed(edition)).data)
    contents = next(n for n, text in enumerate(found.texts) if text.startswith("Contents"))
    tables = next(n for n, text in enumerate(found.texts) if text.startswith("List of tables"))
    folios = [found.folio(name) for name in ("c01_dates", "c02_later")]
    assert re.search(
        r"^List of tables 1 What happened[ .]+{} 2 What happened[ .]+{}".format(*folios), found.texts[tables]
    )
    assert re.search(rf"List of tables[ .]+{found.labels[tables]} The War", found.texts[contents])
    assert "List of figures" not in found.text  # for there are none


def test_an_edition_may_have_lists_of_its_own(bench):
    files = listed("print")
    files["book.toml"] += 'lists = []\n[edition.screen]\n[edition.epub]\nlists = ["figures"]\n'
    editions = bench.read(files).manifest.editions
    assert [edition.lists for edition in editions] == [(), ("figure", "table"), ("figure",)]


def test_a_list_of_what_cannot_be_listed_is_refused(bench):
    files = listed("print")
    files["book.toml"] += 'lists = ["chapters"]\n'
    with pytest.raises(BookError) as wrong:
        bench.read(files)
    assert [p.hint for p in wrong.value.problems] == ['Known are: "figures", "tables".']


def test_lists_of_an_epub_are_pages_with_links_and_landmarks(bench):
    files = listed("epub")
    files["book.toml"] = files["book.toml"].replace('trim = "5x8"', "")
    with zipfile.ZipFile(io.BytesIO(bench.build(files, plain=True).data)) as archive:
        page = etree.fromstring(archive.read("EPUB/list-of-tables.xhtml"))
        nav = etree.fromstring(archive.read("EPUB/nav.xhtml"))
    found = [(a.get("href"), a.text) for a in page.iter("{*}a")]
    assert found == [
        ("c01.xhtml#c01_dates", "1\u2002What happened"),
        ("c02.xhtml#c02_later", "2\u2002What happened"),
    ]
    assert [a.get("href") for a in nav.iter("{*}a")].count("list-of-tables.xhtml") == 2
    assert "lot" in [a.get("{http://www.idpf.org/2007/ops}type") for a in nav.iter("{*}a")]


@pytest.mark.parametrize("depth", range(1, 7))
def test_contents_go_as_deep_as_asked(bench, depth):
    heads = [
        f"{'#' * level} Head of level {level} that is long enough for two lines of it"
        for level in range(1, 7)
    ]
    files = {
        "book.toml": TOML.format("en", "screen") + f"toc-depth = {depth}\n",
        "1.md": "\n\n".join(f"{head}\n\nWords." for head in heads),
        "2.md": "# Another\n\nWords.\n",
    }
    found = Pdf(bench.build(files).data)
    contents = next(text for text in found.texts if text.startswith("Contents"))
    assert re.findall(r"of level (\d)", contents) == [str(n) for n in range(1, depth + 1)]
    assert len(re.findall(r"(?:of it)[ .]+1\b", contents)) == depth


# --- Addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://example.org/a", "https://\u200bexample.\u200borg/\u200ba"),
        ("https://a.b/?q=1&r=2", "https://\u200ba.\u200bb/?\u200bq=\u200b1&\u200br=\u200b2"),
        ("x/a_b-c", "x/\u200ba_\u200bb\u200b-\u2060c"),
    ],
)
def test_an_address_breaks_behind_its_marks_and_not_before_its_slashes(address, shown):
    assert urls.breakable(address) == shown


@pytest.mark.parametrize(
    ("words", "href"),
    [
        ("https://example.org/a", "https://example.org/a"),
        ("example.org/a", "https://www.example.org/a/"),
        ("www.example.org", "http://example.org"),
        ("ann@example.org", "mailto:ann@example.org?subject=Hello"),
        ("+44 20 7946 0000", "tel:+442079460000"),
        ("doi:10.1000/182", "https://doi.org/10.1000/182"),
        ("10.1000/182", "https://doi.org/10.1000/182"),
    ],
)
def test_words_that_are_the_address_are_known(words, href):
    assert urls.is_said(words, href)


LINKS = """# One

See [the site](https://example.org/a-b), (or [another](https://example.org/c?d=e)), <https://example.org/f>, and
[example.org](https://example.org/); write to [Ann](mailto:ann@example.org?subject=Hello) or call [her](tel:+4420).
Read [the paper](doi:10.1000/182), [the site again](https://example.org/a-b), and [here](#one).[^1]

## A [link](https://example.org/heading) in a heading

Plain: https://example.org/plain/address_of-nobody.html.

[^1]: As [they](https://example.org/note) say.
"""
SHOWN = (
    "See the site (https://example.org/a-b), (or another [https://example.org/c?d=e]), https://example.org/f, and "
    "example.org; write to Ann (ann@example.org) or call her (+4420). Read the paper (https://doi.org/10.1000/182), "
    "the site again (https://example.org/a-b), and here."
)


def made(bench, edition="print", more=""):
    found = bench.build(
        {"book.toml": TOML.format("en", edition).replace('trim = "5x8"', more), "1.md": LINKS}
    )
    assert ledger.of_pdf(found.data, found.wanted, found.edition).problems == ()
    return found


def test_addresses_are_shown_on_paper(bench):
    text = Pdf(made(bench).data).text
    assert SHOWN.replace(" ", "") in text.replace(" ", "")
    assert "1. As they (https://example.org/note) say." in text
    assert "heading)" not in text
    assert "Plain: https://example.org/plain/address_of-nobody.html." in text


def test_addresses_are_left_out_on_a_screen_and_where_they_are_not_wanted(bench):
    for text in (Pdf(made(bench, *asked).data).text for asked in [("screen",), ("print", 'urls = "hide"')]):
        assert "(https://" not in text
        assert "As they say." in text


def test_addresses_can_be_notes_of_their_own(bench):
    found = made(bench, more='urls = "note"')
    text = Pdf(found.data).text
    assert "(https://" not in text
    wanted = {each.mark: each.letters for each in found.wanted}
    assert wanted == {
        "a": "httpsexampleorgab", "b": "httpsexampleorgcde", "c": "annexampleorg", "d": "4420",
        "e": "httpsdoiorg101000182", "1": "Astheysay", "f": "httpsexampleorgnote",
    }  # fmt: skip
    assert re.search(r"the site,\s?a \(or another\s?b\),", text)  # behind the comma


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", r"site,\s?a so\. A book;\s?b and end\.\s?c"),
        ("fr", r"site\s?a, so\. A book\s?b\s?; and end\s?c\."),
    ],
)
def test_addresses_are_called_where_the_language_has_calls(bench, language, said):
    links = [f"[{word}](https://example.org/{word})" for word in ("site", "book", "end")]
    text = "# One\n\nA {}, so. A {}; and {}.\n".format(*links)
    toml = TOML.format(language, "print") + 'urls = "note"\n'
    found = Pdf(bench.build({"book.toml": toml, "1.md": text}).data).text
    assert re.search(said, found)


LONG = "https://example.org/archive/2026/" + "a-very-long_name.of/" * 8 + "x" * 150 + "?q=" + "y" * 60


@pytest.mark.parametrize("how", ["show", "note", "hide"])
def test_no_address_runs_off_the_measure(bench, how):
    """The measure is what plain text reaches to on a right-hand and on a left-hand page."""
    text = f"# One\n\nSee [this]({LONG}), <{LONG}>, {LONG}.[^1]\n\n- in a list <{LONG}>\n\n[^1]: And <{LONG}> and {LONG}.\n"
    toml = TOML.format("en", "print") + f'urls = "{how}"\n'
    found = bench.build({"book.toml": toml, "1.md": text, "2.md": f"# Two\n\n{WORDS * 60}\n"})
    assert ledger.of_pdf(found.data, found.wanted, found.edition).problems == ()
    one, two = (Pdf(found.data).places[name] for name in ("c1", "c2"))
    with pypdfium2.PdfDocument(found.data) as document:
        pages = [document[n].get_textpage() for n in range(len(document))]
        edges = [max((p.get_charbox(at)[2] for at in range(p.count_chars())), default=0.0) for p in pages]
        assert not any(re.search("[\u200b\u2060\u2010\ufffe]", p.get_text_range()) for p in pages[one:two])
    for n in range(one, two):
        assert edges[n] <= max(edges[two + (n - two) % 2 :: 2]) + 0.5


def test_an_address_is_never_hyphenated(bench):
    found = Pdf(
        bench.build({"book.toml": TOML.format("en", "print"), "1.md": f"# One\n\n{WORDS} <{LONG}>.\n"}).data
    )
    assert LONG in found.text.replace(" ", "")


# --- Notes that are called again --------------------------------------------------------------------------------------

AGAIN = (
    f"# One\n\nFirst.[^a] {WORDS * 25}\n\nAgain.[^a] Another.[^b] A third time.[^a]\n\n"
    "[^a]: The note.\n[^b]: Its neighbour, like it.[^a]\n"
)


def again(bench, edition, more=""):
    toml = TOML.format("en", edition).replace('trim = "5x8"', "") + '[notes]\nagain = "see"\n' + more
    found = bench.build({"book.toml": toml, "1.md": AGAIN}, plain=True)
    count = ledger.of_epub if edition == "epub" else ledger.of_pdf
    assert count(found.data, found.wanted, found.edition).problems == ()
    assert [each.mark for each in found.wanted] == ["1", "2", "3", "4"]
    return found


@pytest.mark.parametrize("edition", ["print", "screen"])
def test_a_note_that_is_called_again_is_led_back_to(bench, edition):
    found = Pdf(again(bench, edition).data)
    there = found.folio("fn-c1-1")
    assert found.places["fn-c1-1"] < found.places["fn-c1-2"]
    assert f"2. See note 1, p. {there}." in found.text
    assert f"4. See note 1, p. {there}." in found.text
    assert found.text.count("The note.") == 1


def test_a_call_that_is_near_has_the_mark_of_what_stands_there(bench):
    calls = [(each.note.label, len(each.note.calls)) for each in again(bench, "screen").wanted]
    assert calls == [("a", 1), ("a 2", 2), ("b", 1), ("a 3", 1)]


def test_an_epub_leads_back_with_a_link(bench):
    with zipfile.ZipFile(io.BytesIO(again(bench, "epub").data)) as archive:
        root = etree.fromstring(archive.read("EPUB/c1.xhtml"))
    notes = [re.sub(r"\s+", " ", "".join(a.itertext())).strip() for a in root.iter("{*}aside")]
    assert notes[0] == "1. The note."
    assert "2. See note 1. ↑" in notes  # which is called twice
    assert len(notes) == 4


def test_only_the_series_that_wants_it_leads_back(bench):
    more = '[notes.tr]\nagain = "mark"\n'
    toml = TOML.format("de", "screen") + '[notes]\nagain = "see"\n' + more
    text = f"# One\n\nA.[^a] B.[^tr:b] {WORDS * 25} C.[^a] D.[^tr:b]\n\n[^a]: E.\n[^tr:b]: F.\n"
    found = bench.build({"book.toml": toml, "1.md": text})
    assert [(each.mark, each.letters) for each in found.wanted] == [
        ("1", "E"),
        ("*", "F"),
        ("2", "SieheAnmerkung1S"),
    ]


# --- Folios that move what they name ----------------------------------------------------------------------------------

FIXED = (
    "@page { margin: 15mm !important } h1 { margin: 0; font-size: 10pt; line-height: 14pt }\n"
    "p, body { font-size: 10pt; line-height: 14pt; text-indent: 0; margin: 0; orphans: 2; widows: 2 }\n"
)


def swinging(words=18, lines=21):
    """A paragraph that names its own page so often that it begins there only as long as it says otherwise."""
    files = {f"0{n}.md": f"# C{n}\n\nWords.\n" for n in range(1, 9)}
    filler = "\n\n".join("A line of its own." for _ in range(lines))
    named = " ".join("[](#me){.pageref}" for _ in range(20))
    files["09.md"] = (
        f"# Nine\n\n{filler}\n\nWords of it, {named} {'a ' * words}\n{{: #me }}\n\nMore.\n\n[](#me){{.page}}.\n"
    )
    toml = TOML.format("en", "screen").replace("5x8", "100x150mm")
    return {"book.toml": toml, "styles/book.css": FIXED, **files}


def test_a_reference_whose_printing_moves_its_own_page_settles(bench):
    found = bench.build(swinging())
    pdf = Pdf(found.data)
    named = re.findall(r"p\.\s*(\d+)", pdf.text)
    assert len(named) == 21
    assert set(named) == {pdf.folio("c09_me")}


@pytest.mark.slow
def test_folios_that_never_settle_are_told(bench, monkeypatch):
    monkeypatch.setattr(facts, "steadied", lambda found, known: found)
    with pytest.raises(BookError) as wrong:
        bench.build(swinging())
    (problem,) = wrong.value.problems
    assert problem.code == "pages-unsettled"
    assert "still move for: 09.md#me." in problem.sentence


@st.composite
def guides(draw):
    """A book of chapters with places in them, in which every place names some others: (files, names of places)."""
    count = draw(st.integers(2, 4))
    places = [(n, k) for n in range(count) for k in range(draw(st.integers(1, 4)))]
    files = {"book.toml": TOML.format("en", draw(st.sampled_from(["print", "screen"])))}
    for n in range(count):
        parts = [f"# C{n}"]
        for own in (place for place in places if place[0] == n):
            others = draw(st.lists(st.sampled_from(places), max_size=3))
            named = " ".join(f"at{a}x{b} [](c{a}.md#p{a}x{b}){{.pageref}}." for a, b in others)
            note = "[^n{}x{}]".format(*own) if draw(st.booleans()) else ""
            parts.append(
                f"Words {named}{note} {WORDS * draw(st.integers(0, 30))}\n{{: #p{own[0]}x{own[1]} }}"
            )
            if note:
                parts.append(f"{note}: Of {named} {WORDS * draw(st.integers(0, 5))}")
        files[f"c{n}.md"] = "\n\n".join(parts) + "\n"
    return files


def folios_are_pages(bench, files):
    found = bench.build(files)
    assert ledger.of_pdf(found.data, found.wanted, found.edition).problems == ()
    pdf = Pdf(found.data)
    for n, k, folio in re.findall(r"at(\d)x(\d)\s+p\.\s*(\d+)\.", pdf.text):
        assert folio == pdf.folio(f"c{n}_p{n}x{k}")
    asked = "".join(text for text in files.values()).count("{.pageref}")
    assert pdf.text.count("p. ") == asked


@settings(max_examples=2, deadline=None, database=None, derandomize=True)
@given(guides())
def test_printed_folios_are_those_of_the_pages(bench, files):
    folios_are_pages(bench, files)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, database=None)
@given(guides())
def test_printed_folios_are_those_of_the_pages_in_many_books(bench, files):
    folios_are_pages(bench, files)
