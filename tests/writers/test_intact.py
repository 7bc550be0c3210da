"""Words that a layout drops or doubles stop the build, with their line; what may stand twice does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import weasyprint.document
from printed import Printed

from diptych.problems import BookError

TOML = '[book]\ntitle = "x"\nlanguage = "en"\n[edition.print]\nsize = "a6"\n'
TEXT = "# One\n\nThe council sat.\n\nThe lamps were lit until morning.[^a]\n\n[^a]: Some were not.\n"


@pytest.fixture
def spoil(monkeypatch) -> Callable[[str, int], list[int]]:
    """Give a function that has every layout draw a paragraph of these words so many times; it counts the layouts."""

    def spoiling(words: str, times: int, until: int = 99) -> list[int]:
        original, layouts = weasyprint.document.layout_document, list[int]()

        def layout_document(*given: Any) -> Any:
            pages = list(original(*given))
            layouts.append(len(pages))
            if len(layouts) <= until:
                for page in pages:
                    _repeat(page, words, times)
            return pages

        monkeypatch.setattr(weasyprint.document, "layout_document", layout_document)
        return layouts

    return spoiling


def _repeat(box: Any, words: str, times: int) -> None:
    for child in list(getattr(box, "children", ())):
        if child.element_tag == "p" and words in "".join(child.element.itertext()):
            at = box.children.index(child)
            box.children = [*box.children[:at], *[child] * times, *box.children[at + 1 :]]
            return
        _repeat(child, words, times)


@pytest.mark.parametrize(("times", "said"), [(0, "stand not all"), (2, "stand more than once")])
def test_words_that_are_lost_or_doubled_stop_the_build(bench, spoil, times, said):
    spoil("sat", times)
    with pytest.raises(BookError) as stopped:
        bench.build({"book.toml": TOML, "1.md": TEXT}, "print")
    (problem,) = stopped.value.problems
    assert (problem.code, str(problem.place)) == ("words-lost", "book/1.md:3")
    assert problem.sentence == f"The words “The council sat.” {said} on the pages of the print PDF."


def test_a_gentler_setting_may_find_them_again(bench, spoil):
    layouts = spoil("sat", 0, until=3)
    made = bench.build({"book.toml": TOML, "1.md": TEXT}, "print")
    assert len(layouts) > 3
    assert not made.problems
    assert "The council sat." in "".join(Printed(made).texts)


def test_heads_of_tables_and_what_stands_in_margins_may_stand_on_each_page(bench):
    table = "| Head | Foot |\n|---|---|\n" + "| one | two |\n" * 60
    css = "h2 { position: running(title) } @page { @top-center { content: element(title) } }"
    made = bench.build(
        {"book.toml": TOML, "styles/book.css": css, "1.md": f"# One\n\n## Run\n\n{table}"}, "print"
    )
    assert "".join(Printed(made).texts).count("Head") > 1
