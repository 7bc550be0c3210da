"""Built PDFs, read with pikepdf and pypdfium2, as a reader and a printer would."""

from __future__ import annotations

import io
import re
import socket

import pikepdf
import pypdfium2
import pytest

from diptych.model import NotePolicy
from diptych.problems import BookError

TOML = '[book]\ntitle = "T"\n[identifier]\nuuid = "urn:uuid:1b671a64-40d5-491e-99b0-da01ff1f3341"\n[edition.{}]\n'
POINT = 25.4 / 72


class Pdf:
    """A PDF's pages as texts, and what stands round them."""

    def __init__(self, data):
        self.pdf = pikepdf.open(io.BytesIO(data))
        with pypdfium2.PdfDocument(data) as document:
            pages = [document[n] for n in range(len(document))]
            self.texts = [page.get_textpage().get_text_range() for page in pages]
            self.labels = [document.get_page_label(n) for n in range(len(document))]
            self.heads = [self._part(page, 0.92, 1) for page in pages]
            self.feet = [self._part(page, 0, 0.085) for page in pages]
        names = list(self.pdf.Root.Names.Dests.Names)
        at = {tuple(page.objgen): n for n, page in enumerate(self.pdf.pages)}
        found = zip(names[::2], names[1::2], strict=True)
        self.places = {str(name): at[tuple(target[0].objgen)] for name, target in found}

    @staticmethod
    def _part(page, bottom, top):
        width, height = page.get_size()
        text = page.get_textpage().get_text_bounded(
            left=0, right=width, bottom=height * bottom, top=height * top
        )
        return text.strip()

    def sizes(self):
        boxes = [[float(side) for side in page.mediabox] for page in self.pdf.pages]
        return {(round((box[2] - box[0]) * POINT, 1), round((box[3] - box[1]) * POINT, 1)) for box in boxes}

    def annotations(self):
        return [note for page in self.pdf.pages for note in page.get("/Annots", [])]

    def page(self, start):
        """The number of the first page of the text that begins so."""
        return next(n for n, text in enumerate(self.texts) if text.startswith(start))


@pytest.fixture(scope="module")
def screen(small):
    return Pdf(small("screen").data)


@pytest.fixture(scope="module")
def printed(small):
    return Pdf(small("print").data)


@pytest.fixture(scope="module", params=["screen", "print"])
def either(request, small):
    return Pdf(small(request.param).data)


# --- the document -----------------------------------------------------------------------------------------------------


def test_every_page_has_the_size_of_the_edition(either):
    assert either.sizes() == {(152.4, 228.6)}


@pytest.mark.parametrize(
    ("trim", "size"), [("a5", (148, 210)), ("5x8", (127, 203.2)), ("100x150mm", (100, 150))]
)
def test_other_sizes(bench, trim, size):
    made = bench.build(
        {"book.toml": TOML.format("print") + f'trim = "{trim}"\n', "1.md": "# One\n\nWords.\n"}
    )
    assert Pdf(made.data).sizes() == {size}


def test_folios_are_roman_then_arabic(either):
    first = either.labels.index("1")
    assert either.labels[:first] == ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"][:first]
    assert either.labels[first:] == [str(n) for n in range(1, len(either.labels) - first + 1)]
    assert either.texts[first].startswith("The War")


def test_the_folio_printed_is_the_folio_labelled(either):
    found = [(foot, label) for foot, label in zip(either.feet, either.labels, strict=True) if foot]
    assert len(found) > 4
    assert all(foot == label for foot, label in found)


def test_the_document_knows_what_it_is(either):
    assert str(either.pdf.docinfo["/Title"]) == "The Red Thread: A Small but Complete Book"
    assert str(either.pdf.docinfo["/Author"]) == "Ada Ames"
    assert str(either.pdf.Root.Lang) == "en-GB"


def test_a_reader_opens_the_bookmarks_and_shows_the_title(screen):
    assert screen.pdf.Root.PageMode == "/UseOutlines"
    assert bool(screen.pdf.Root.ViewerPreferences.DisplayDocTitle)


def test_bookmarks_are_the_contents(screen):
    def flat(items, depth=1):
        for item in items:
            yield depth, item.title
            yield from flat(item.children, depth + 1)

    with screen.pdf.open_outline() as outline:
        marks = list(flat(outline.root))
    assert [title for depth, title in marks if depth <= 2 and title != "Contents"] == [
        "Preface", "The War", "The first winter", "Letters", "Answers", "Sources"
    ]  # fmt: skip


def test_every_line_of_the_contents_names_the_folio_of_its_chapter(either):
    contents = either.texts[either.page("Contents")]
    targets = {
        "Preface": "preface", "The War": "one", "The first winter": "one_the-first-winter", "Letters": "two",
        "Answers": "two_answers", "Sources": "appendix",
    }  # fmt: skip
    lines = [line.strip() for line in contents.splitlines()]
    for title, target in targets.items():
        line = next(line for line in lines if line.startswith(title) and not line.startswith(f"{title} f"))
        assert re.sub(r"[\s.]+", " ", line) == f"{title} {either.labels[either.places[target]]}"
        assert title in either.texts[either.places[target]]


def test_fonts_are_embedded_and_ours(either):
    fonts = [
        o
        for o in either.pdf.objects
        if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"
    ]
    assert fonts
    for font in fonts:
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(font.keys())
        assert re.match(r"/[A-Z]{6}\+(Source-?(Serif|Sans)|IBM-Plex-Mono)", str(font.FontName)), font.FontName


# --- the screen -------------------------------------------------------------------------------------------------------


def test_links_live_on_the_screen(screen):
    dests = [str(note.Dest) for note in screen.annotations() if "/Dest" in note]
    assert set(dests) <= set(screen.places)
    calls = [name for name in screen.places if name.startswith("fnref-")]
    notes = [name for name in screen.places if re.fullmatch(r"fn-[a-z]+-\d+", name)]
    assert len(calls) == 15
    assert len(notes) == 14
    assert set(notes) <= set(dests)
    assert {call for call in calls if not call.endswith("-b")} <= set(dests)
    assert "two_letters" in dests
    addresses = [str(note.A.URI) for note in screen.annotations() if "/A" in note]
    assert "https://example.org/a" in addresses


# --- paper ------------------------------------------------------------------------------------------------------------


def test_paper_has_no_links(printed):
    assert printed.annotations() == []


def test_paper_has_no_colours(printed):
    for number, page in enumerate(printed.pdf.pages, 1):
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) in ("rg", "RG"):
                assert len({round(float(value), 3) for value in operands}) == 1, f"page {number}: {operands}"
            assert str(operator) not in ("k", "K")


def test_chapters_open_on_a_recto(printed):
    for target in ("preface", "one", "two", "appendix"):
        assert printed.places[target] % 2 == 0, target  # the first page of a PDF is a recto
    assert printed.labels.index("1") % 2 == 0
    assert printed.page("Contents") % 2 == 0


def test_blank_pages_are_blank(printed):
    blank = [n for n, text in enumerate(printed.texts) if not text.strip()]
    assert blank
    for number in blank:
        drawn = [str(op) for _, op in pikepdf.parse_content_stream(printed.pdf.pages[number])]
        assert not {"Tj", "TJ", "Do", "f", "S", "B"} & set(drawn), number + 1
        assert number % 2 == 1  # only ever a verso


def test_openings_have_no_running_heads(either):
    openings = {either.places[name] for name in ("preface", "one", "two", "appendix")}
    assert all(not either.heads[n] for n in openings)
    first = either.labels.index("1")
    heads = {
        either.heads[n]
        for n in range(first, len(either.texts))
        if n not in openings and either.texts[n].strip()
    }
    assert "The War" in heads or "The Red Thread" in heads
    assert heads <= {"The Red Thread", "The War"}


# --- notes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("numbering", ["chapter", "book"])
@pytest.mark.parametrize("place", ["foot", "chapter", "book"])
def test_notes_are_numbered_and_placed_as_asked(bench, numbering, place):
    files = {
        "1.md": "# One\n\nBegin.[^a] More.[^b]\n\n[^a]: Alpha.\n[^b]: Beta.\n",
        "2.md": "# Two\n\nAgain.[^a]\n\n[^a]: Gamma.\n",
    }
    made = bench.build({"book.toml": TOML.format("screen"), **files}, notes=NotePolicy(numbering, place))
    pdf = Pdf(made.data)
    page = {
        name: next(n for n, text in enumerate(pdf.texts) if name in text)
        for name in ("Alpha.", "Beta.", "Gamma.")
    }
    numbers = {name: re.search(rf"(\d+)\. {name}", pdf.texts[n])[1] for name, n in page.items()}
    assert list(numbers.values()) == (["1", "2", "1"] if numbering == "chapter" else ["1", "2", "3"])
    if place == "book":
        assert len(set(page.values())) == 1
        assert pdf.texts[page["Alpha."]].startswith("Notes")
        assert page["Alpha."] > pdf.places["c2"]
    else:
        assert (page["Alpha."], page["Gamma."]) == (pdf.places["c1"], pdf.places["c2"])
    assert ("Notes\r\n1. Alpha" in pdf.texts[page["Alpha."]]) is (place == "chapter")


# --- what is wrong with a book's own style ------------------------------------------------------------------------------


def problems(bench, files):
    """What is said of a book, whether it can be built or not."""
    try:
        book = bench.read({"book.toml": TOML.format("screen"), "1.md": "# One\n\nWords.\n", **files})
        return [*book.problems, *bench.make(book).problems]
    except BookError as wrong:
        return list(wrong.problems)


@pytest.mark.parametrize(
    ("css", "line"),
    [("p { colour: red }", 1), ("p { }\n\nh1 { margin: nonsense }", 3), ("h1 {}\n@nothing { }", 2)],
)
def test_a_mistake_in_the_books_style_is_told_with_its_line(bench, css, line):
    found = [p for p in problems(bench, {"styles/book.css": css}) if p.place.file == "book/styles/book.css"]
    assert [(p.severity, p.place.line) for p in found] == [("warning", line)]


def test_of_a_selector_that_is_not_known_only_the_file_is_told(bench):
    """WeasyPrint gives no line for it."""
    found = [
        p for p in problems(bench, {"styles/book.css": "p::oops { color: red }"}) if "oops" in p.sentence
    ]
    assert [(p.severity, p.place.file) for p in found] == [("warning", "book/styles/book.css")]


def test_the_press_has_nothing_to_say_of_its_own_style(small):
    assert small("screen").problems == ()
    assert {problem.code for problem in small("print").problems} == {"picture-too-coarse"}


def test_a_letter_that_no_face_has_is_told_where_it_stands(bench):
    found = problems(bench, {"1.md": "# One\n\nWords.\n\nA cuneiform sign: 𒀀\n"})
    told = [(p.severity, p.place.file, p.place.line) for p in found if "𒀀" in p.sentence]
    assert told == [("warning", "book/1.md", 5)]


OUTSIDE = ["https://example.org/x.{}", "http://127.0.0.1:9/x.{}", "file:///etc/passwd", "file:///tmp/x.{}", "//example.org/x.{}",
           "../../etc/passwd", "/etc/passwd", "ftp://example.org/x.{}"]  # fmt: skip


@pytest.fixture
def sealed(monkeypatch):
    """Fail where anything is asked of the network; note every file that is opened."""

    def refused(*_, **__):
        raise AssertionError("the network was asked")

    for name in ("create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refused)
    monkeypatch.setattr(socket.socket, "connect", refused)
    opened, real = [], io.open

    def watched(file, *rest, **named):
        opened.append(str(file))
        return real(file, *rest, **named)

    monkeypatch.setattr("builtins.open", watched)
    return opened


@pytest.mark.parametrize("address", OUTSIDE)
@pytest.mark.parametrize(
    "css",
    [
        pytest.param('p {{ background: url("{}") }}', id="background"),
        pytest.param('@import url("{}");', id="import of an address"),
        pytest.param('@import "{}";', id="import"),
        pytest.param('@font-face {{ font-family: X; src: url("{}") }} p {{ font-family: X }}', id="font"),
    ],
)
def test_a_style_never_reaches_outside_the_book(bench, sealed, css, address):
    address = address.format("png")
    found = problems(bench, {"styles/book.css": css.format(address)})
    assert any(p.place.file == "book/styles/book.css" for p in found), found
    assert not [name for name in sealed if "passwd" in name or "/tmp/x." in name]


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_image_never_comes_from_outside_the_book(bench, sealed, address):
    found = problems(bench, {"1.md": f"# One\n\n![A picture]({address.format('png')})\n"})
    assert [
        (p.severity, p.place.file, p.place.line) for p in found if "image" in p.code or p.code == "outside"
    ] == [("error", "book/1.md", 3)]
    assert not [name for name in sealed if "passwd" in name or "/tmp/x." in name]


def test_a_drawing_never_reaches_outside_the_book(bench, sealed):
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink"'
    svg = f'<svg {names} viewBox="0 0 9 9">{{}}</svg>'
    for inner in (
        '<image x:href="file:///etc/passwd" width="9" height="9"/>',
        '<image href="http://127.0.0.1:9/x.png" width="9" height="9"/>',
        '<use href="other.svg#a"/>',
        '<style>@import url("file:///etc/passwd"); rect { fill: url("http://127.0.0.1:9/x.svg#a") }</style><rect/>',
    ):
        found = problems(bench, {"1.md": "# One\n\n![A drawing](a.svg)\n", "a.svg": svg.format(inner)})
        assert found, inner
        assert not [name for name in sealed if "passwd" in name]


def test_words_in_a_drawing_are_drawn(bench):
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><text x="5" y="20" font-family="Source Serif Pro, serif">Quayside</text></svg>'
    made = bench.build(
        {
            "book.toml": TOML.format("screen"),
            "1.md": "# A\n\n![A map.](map.svg)\n\nText.\n",
            "map.svg": drawing,
        },
        "screen",
    )
    assert made.problems == ()
    assert any("Quayside" in page for page in Pdf(made.data).texts)
