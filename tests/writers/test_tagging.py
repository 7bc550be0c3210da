"""What a tagged PDF says of its parts, read back with pikepdf as a screen reader would go through them."""

from __future__ import annotations

import importlib.util
import io
import re

import pikepdf
import pytest

from diptych.checks.pdf import standards

TOML = '[book]\ntitle = "T"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n[edition.screen]\n'
WORDS = "The council sat until the lamps were lit and nobody could say who had called it. "


class Part:
    """A node of the structure: its type, its own words, what is in it."""

    def __init__(self, role, kids, **entries):
        self.role, self.kids, self.entries = role, kids, entries

    def walk(self):
        yield self
        for kid in self.kids:
            if isinstance(kid, Part):
                yield from kid.walk()

    def all(self, *roles):
        return [part for part in self.walk() if part.role in roles]

    @property
    def words(self):
        return "".join(kid if isinstance(kid, str) else kid.words for kid in self.kids)

    def outline(self):
        inner = [kid.outline() for kid in self.kids if isinstance(kid, Part)]
        return f"{self.role}({' '.join(inner)})" if inner else self.role


class Tagged:
    """A PDF's structure, with the words that its pages draw for each node; `artifacts` are those of no node."""

    def __init__(self, data):
        self.pdf = pikepdf.open(io.BytesIO(data))
        self.pages = {page.objgen: n for n, page in enumerate(self.pdf.pages)}
        self.drawn, self.artifacts, self.stray = {}, [], []
        for number, page in enumerate(self.pdf.pages):
            self._read(number, page)
        self.document = self._part(self.pdf.Root.StructTreeRoot.K[0])

    def _read(self, number, page):
        fonts = {name: _letters(font) for name, font in page.Resources.Font.items()}
        open_marks, font = [], {}
        for operands, operator in pikepdf.parse_content_stream(page):
            match str(operator):
                case "BDC":
                    properties = operands[1] if isinstance(operands[1], pikepdf.Dictionary) else {}
                    open_marks.append((str(operands[0]), properties))
                case "BMC":
                    open_marks.append((str(operands[0]), {}))
                case "EMC":
                    open_marks.pop()
                case "Tf":
                    font = fonts[str(operands[0])]
                case "TJ":
                    shown = b"".join(bytes(each) for each in operands[0] if isinstance(each, pikepdf.String))
                    words = "".join(font[shown[n : n + 2]] for n in range(0, len(shown), 2))
                    self._take(number, open_marks, words)

    def _take(self, number, open_marks, words):
        said = [properties["/ActualText"] for _, properties in open_marks if "/ActualText" in properties]
        words = str(said[0]) if said else words
        numbered = [mark for mark in open_marks if "/MCID" in mark[1] or mark[0] == "/Artifact"]
        kind, properties = numbered[-1] if numbered else ("", {})
        if kind == "/Artifact":
            self.artifacts.append((number, str(properties.get("/Subtype", properties.get("/Type"))), words))
        elif "/MCID" in properties:
            key = number, int(properties["/MCID"])
            self.drawn[key] = self.drawn.get(key, "") + words
        else:
            self.stray.append(words)

    def _part(self, element):
        own = self.pages[element.Pg.objgen] if "/Pg" in element else -1
        kids, links = [], []
        for kid in element.K:
            if not isinstance(kid, pikepdf.Dictionary):
                kids.append(self.drawn.get((own, int(kid)), ""))
            elif kid.get("/Type") == "/MCR":
                kids.append(self.drawn.get((self.pages[kid.Pg.objgen], int(kid.MCID)), ""))
            elif kid.get("/Type") == "/OBJR":
                links.append(kid.Obj)
            else:
                kids.append(self._part(kid))
        entries = {name[1:]: value for name, value in element.items() if name not in ("/K", "/P", "/Pg")}
        return Part(str(element.S)[1:], kids, links=links, **entries)


def _letters(font):
    found = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", font.ToUnicode.read_bytes(), re.DOTALL):
        for glyph, letters in re.findall(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]*)>", block):
            found[bytes.fromhex(glyph.decode())] = bytes.fromhex(letters.decode()).decode("utf-16-be")
    return found


@pytest.fixture(scope="module")
def small_screen(small):
    return Tagged(small("screen").data)


@pytest.fixture(scope="module")
def tagged(bench):
    return lambda files, **changes: Tagged(bench.build({"book.toml": TOML} | files, **changes).data)


def only(parts):
    assert len(parts) == 1
    return parts[0]


# --- The whole book ---------------------------------------------------------------------------------------------------


def test_the_screen_edition_keeps_what_it_claims(small):
    pytest.importorskip("page", reason="`build.py test` installs it")
    data = small("screen").data
    assert [standard.name for standard in standards.claimed(data)] == ["PDF/UA-1"]
    assert standards.check(data, "x.pdf", standards.STANDARDS[0]) == []


LONG = (
    "The harbour master counted the *representatives of the administration* twice and wrote nothing down, because the "
    "correspondence — countersigned, as everybody remembered — had promised **transportation**; understanding came slowly. "
)
SAID = re.sub(r"[*]", "", LONG)


def plain(words):
    return words.replace("\xad", "").replace("\xa0", " ").strip()


def test_lines_are_read_as_one_text_and_broken_words_whole(tagged):
    text = f"# A\n\n{LONG * 12}\n\n* {LONG}\n\n> {LONG}\n\nA call.[^1]\n\n[^1]: {LONG * 2}\n"
    made = tagged({"a.md": text}, width=105.0, height=148.0)
    paragraphs = [part.words for part in made.document.all("P", "LBody")]
    assert sum(words.count("\xad") for words in paragraphs) > 5
    heard = [plain(words) for words in paragraphs]
    assert {(SAID * 12).strip(), SAID.strip()} <= set(heard)
    assert (SAID * 2).strip() in "".join(plain(part.words) for part in made.document.all("Note"))
    assert made.stray == []


def test_print_is_not_tagged(small):
    with pikepdf.open(io.BytesIO(small("print").data)) as pdf:
        assert "/StructTreeRoot" not in pdf.Root
    assert standards.claimed(small("print").data) == ()


def test_headings_come_in_order_with_their_levels(small_screen):
    found = [(part.role, part.words) for part in small_screen.document.all("H1", "H2", "H3")]
    assert found == [
        ("H1", "The Red Thread"), ("H1", "Contents"), ("H1", "Preface"), ("H1", "The War1"),
        ("H2", "The first winter"), ("H3", "Details"), ("H1", "Letters"), ("H2", "Answers"), ("H1", "Sources"),
    ]  # fmt: skip


def test_the_contents_are_contents(small_screen):
    contents = next(part for part in small_screen.document.all("TOC"))
    lines = [part.kids[0].words for part in contents.all("TOCI")]
    assert lines[:3] == ["Prefacev", "The War1", "The first winter1"]
    assert contents.outline().startswith(
        "TOC(TOCI(Reference(Link)) TOCI(Reference(Link) TOC(TOCI(Reference(Link))))"
    )
    assert str(contents.all("Link")[0].entries["links"][0].Contents) == "Preface"


def test_each_note_has_a_name_and_stands_behind_what_calls_it(small_screen):
    notes = small_screen.document.all("Note")
    names = [str(note.entries["ID"]) for note in notes]
    assert len(names) == len(set(names)) == 14
    called = [
        str(link.Dest)
        for part in small_screen.document.all("Reference")
        for inner in part.all("Link")
        for link in inner.entries["links"]
        if str(link.Dest).startswith("fn-")
    ]
    assert set(called) == set(names)
    assert all(note.kids[0].outline() == "Lbl(Link)" for note in notes)
    assert [str(note.words)[:9] for note in notes][:3] == ["1. In the", "1. On the", "2. On the"]


def test_a_note_of_a_heading_is_not_in_the_heading(small_screen):
    chapter = next(part for part in small_screen.document.all("Sect") if part.words.startswith("The War1"))
    assert [kid.role for kid in chapter.kids[:3]] == ["H1", "Note", "BlockQuote"]


def test_folios_and_heads_are_no_content(small_screen):
    kinds = {(kind, words) for _, kind, words in small_screen.artifacts if kind != "/Layout"}
    assert {
        ("/Footer", "v"),
        ("/Footer", "2"),
        ("/Header", "The Red Thread"),
        ("/Header", "The War"),
    } <= kinds
    assert small_screen.stray == []


def test_leaders_are_no_content(small_screen):
    assert {words.strip(" .") for _, kind, words in small_screen.artifacts if kind == "/Layout"} == {""}
    assert " ." not in small_screen.document.all("TOC")[0].words


def test_a_figure_has_its_words_and_its_caption(small_screen):
    figure = only(small_screen.document.all("Figure"))
    assert str(figure.entries["Alt"]) == "A red thread"
    left, bottom, right, top = map(float, figure.entries["A"].BBox)
    assert 0 < left < right < 432
    assert 0 < bottom < top < 648
    assert (right - left) / (top - bottom) == pytest.approx(1.5, 0.01)
    assert "Div(Figure Caption(" in small_screen.document.outline()


def test_tables_and_lists(small_screen):
    table = only(small_screen.document.all("Table"))
    assert [part.role for part in table.kids] == ["Caption", "THead", "TBody"]
    assert [str(part.entries["A"].Scope) for part in table.all("TH")] == ["/Column", "/Column"]
    first = small_screen.document.all("L")[0]
    assert first.outline().startswith("L(LI(Lbl LBody(")
    assert "LBody(Reference(Link) L(LI(Lbl LBody)) Note(" in first.outline()


def test_the_whole_text_is_there_once_in_reading_order(small_screen):
    words = small_screen.document.words
    told = ["For nobody.", "In the preface.", "All is well.", "On the motto.", "Called twice.", "one thing",
            "inside another", "a last", "two revolutions", "The thread.", "A line of verse,", "Term",
            "What it means.", "Quoted.", "code = 1", "The end.", "The last.", "Cited.", "At the very end."]  # fmt: skip
    places = [words.index(each) for each in told]
    assert places == sorted(places)
    assert all(words.count(each) == 1 for each in told)


@pytest.mark.slow
def test_without_the_cure_nobody_hears_of_notes(small, bench, small_book, monkeypatch):
    """Also: each line is a node of its own, and folios are read out among the text."""
    import weasyprint.pdf.tags

    tagged = small("screen").data
    spec = importlib.util.find_spec("weasyprint.pdf.stream")
    stock = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(stock)
    monkeypatch.setattr("diptych.writers.pdf.tagging.install", lambda: None)
    monkeypatch.setattr(weasyprint.pdf, "Stream", stock.Stream)
    monkeypatch.setattr(weasyprint.pdf, "add_tags", weasyprint.pdf.tags.add_tags)
    data = bench.make(bench.read(small_book), "screen").data
    found = Tagged(data)
    assert found.document.all("Note", "Reference", "TOC") == []
    assert {kind for _, kind, words in found.artifacts if words.strip()} == set()
    assert len(data) > 1.1 * len(tagged)


# --- What a page cuts -------------------------------------------------------------------------------------------------


def test_a_paragraph_over_three_pages_is_one(tagged):
    found = tagged({"1.md": f"# One\n\n{WORDS * 90}\n"}, width=105.0, height=148.0)
    paragraphs = [part for part in found.document.all("P") if "council" in part.words]
    assert len(only(paragraphs).kids) > 2
    assert re.sub(r"[‐-]", "", paragraphs[0].words).count("council") == 90


def test_a_table_over_pages_is_one_and_its_head_is_heard_once(tagged):
    rows = "".join(f"| {n} | {WORDS} |\n" for n in range(30))
    found = tagged({"1.md": f"# One\n\n| No | Words |\n|----|----|\n{rows}"}, width=105.0, height=148.0)
    table = only(found.document.all("Table"))
    assert len(table.all("TH")) == 2
    assert [row.kids[0].words for row in table.kids[1].all("TR")] == [str(n) for n in range(30)]
    assert ("/Pagination", "Words") in {(kind, words) for _, kind, words in found.artifacts}


def test_a_note_over_pages_is_one(tagged):
    note = "\n\n".join(f"    {WORDS * 6}" for _ in range(6)).strip()
    found = tagged({"1.md": f"# One\n\n{WORDS}[^1] {WORDS * 9}\n\n[^1]: {note}\n"}, width=105.0, height=148.0)
    one = only(found.document.all("Note"))
    assert re.sub(r"[‐-]", "", one.words).count("council") == 36
    assert len(one.all("P")) == 6


# --- Small things -----------------------------------------------------------------------------------------------------


def test_a_foreign_word_says_its_language(tagged):
    found = tagged({"1.md": "# One\n\nThey said [glasnost]{lang=ru} and [*eh*]{lang=fr}.\n"})
    assert [(str(s.entries["Lang"]), s.words) for s in found.document.all("Span") if "Lang" in s.entries] == [
        ("ru", "glasnost"), ("fr", "eh"),
    ]  # fmt: skip


def test_a_link_with_a_word_in_italics_is_one_link(tagged):
    found = tagged({"1.md": "# One\n\nSee [a *very* good page](https://example.org/).\n"})
    link = only(found.document.all("Link"))
    assert link.words == "a very good page"
    assert str(only(link.entries["links"]).Contents) == "a very good page"


def test_an_ornament_is_no_content(tagged, picture):
    files = {"1.md": '# One\n\nA.\n\n![](a.png){alt=""}\n\nB.\n', "a.png": picture(90, 60)}
    assert tagged(files).document.all("Figure") == []


def test_a_picture_without_words_claims_nothing(bench, picture):
    files = {"book.toml": TOML, "1.md": "# One\n\n![](a.png)\n", "a.png": picture(90, 60)}
    assert standards.claimed(bench.build(files).data) == ()


def test_terms_and_what_they_mean(tagged):
    found = tagged({"1.md": "# One\n\nOne\n\nTwo\n:   Means.\n:   Or this.\n\nThree\n:   Else.\n"})
    assert found.document.all("L")[0].outline() == "L(LI(Lbl LBody LBody) LI(Lbl LBody))"


def test_notes_at_the_end_are_notes(tagged):
    chapter = "# One\n\nWords.[^1] More.[^2]\n\n[^1]: A note.\n\n[^2]: Another.\n"
    found = tagged({"book.toml": f'{TOML}[notes]\nplace = "book"\n', "1.md": chapter})
    notes = found.document.all("Note")
    assert [note.words for note in notes] == ["1. A note.", "2. Another."]
    assert all("ID" in note.entries for note in notes)


def test_what_is_half_transparent_is_tagged_too(bench):
    """WeasyPrint draws it apart, in a group; the page's own numbers do not hold there."""
    pytest.importorskip("page", reason="`build.py test` installs it")
    files = {
        "book.toml": TOML,
        "1.md": "# One\n\nWords.\n\n> Pale.\n\nMore.\n",
        "styles/book.css": "blockquote { opacity: .5 }",
    }
    data = bench.build(files).data
    assert standards.check(data, "x.pdf", standards.STANDARDS[0]) == []
    quote = only(Tagged(data).document.all("BlockQuote"))
    assert quote.all("P")
