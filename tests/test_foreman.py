"""The foreman: calls made in a process that was forked beforehand, with all that it and this one have in common."""

import multiprocessing
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from diptych import work
from diptych.foreman import Foreman
from diptych.model import File, Task
from diptych.problems import BookError, Place, error

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")

PICTURE = File("picture.png", b"a picture" * 1000)
LAID_OUT: list[str] = []


def nobody(*_):
    """Hear of progress, and say nothing."""


def nothing():
    """Get nothing ready, and do nothing meanwhile."""


def open_press(name):
    LAID_OUT.append(name)


def where(_):
    time.sleep(0.05)
    return os.getpid()


def laid_out(_):
    return [*LAID_OUT]


def same(thing, _):
    return thing is PICTURE


def sent(thing, report):
    report("sent", 3)
    return thing


def wrong(_):
    raise BookError([error("wrong", Place("book.toml"), "It is wrong.", "Mend it.")])


def broken(_):
    raise ZeroDivisionError


def ended(_):
    os._exit(9)


def slow(path, _):
    time.sleep(20)
    path.write_text("late")


@pytest.fixture
def foreman():
    with Foreman(nothing, {PICTURE.path: PICTURE}) as hired:
        yield hired


def made(foreman, *tasks, ready=nothing, jobs=2, report=nobody):
    return foreman.each(ready, tasks, jobs, report, nothing)


def test_calls_are_made_there_and_several_side_by_side(foreman):
    (one,), (other,) = made(foreman, Task("", where, ())), made(foreman, Task("", where, ()))
    assert one == other != os.getpid()
    assert len({os.getpid(), one, *made(foreman, *[Task("", where, ())] * 4)}) == 4


def test_the_press_is_opened_there_once_and_may_be_opened_beforehand(foreman):
    foreman.get(partial(open_press, "early"))
    assert (
        made(foreman, *[Task("", laid_out, ())] * 2, ready=partial(open_press, "late"))
        == [["early", "late"]] * 2
    )
    assert LAID_OUT == []


def test_what_both_have_is_named_and_not_sent(foreman):
    assert made(foreman, Task("", same, (PICTURE,))) == [True]
    assert made(foreman, Task("", same, (File(PICTURE.path, PICTURE.data),))) == [False]


def test_progress_and_problems_come_back(foreman):
    told = []
    assert made(foreman, Task("a", sent, ("b",)), report=lambda *said: told.append(said)) == ["b"]
    assert told == [("a", "sent", 3)]
    with pytest.raises(BookError, match="It is wrong"):
        made(foreman, Task("", wrong, ()), Task("", where, ()))
    with pytest.raises(work.FaultError, match="ZeroDivisionError"):
        made(foreman, Task("", broken, ()))
    with pytest.raises(work.FaultError, match="ended with code 9"):
        made(foreman, *[Task("gone", ended, ())] * 2)
    assert made(foreman, Task("", sent, ("it goes on",))) == ["it goes on"]


def test_a_foreman_that_is_gone_is_a_fault(foreman):
    with pytest.raises(work.FaultError, match="ended with code 9"):
        made(foreman, Task("", ended, ()))


def test_a_press_that_does_not_open_is_a_fault():
    with Foreman(partial(ended, None), {}) as hired:
        hired._process.join()
        with pytest.raises(work.FaultError, match="ended with code 9"):
            made(hired, Task("", where, ()))


def test_whoever_leaves_sends_away_all_who_work(tmp_path):
    def interrupt():
        time.sleep(0.5)
        raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt), Foreman(nothing, {}) as hired:
        hired.each(nothing, [Task("", slow, (tmp_path / "late",))] * 2, 2, nobody, interrupt)
    assert time.monotonic() - begun < 15
    assert not multiprocessing.active_children()


STARTED = """
import sys
from diptych import cli
assert not cli.main(sys.argv[1:])
print("weasyprint" in sys.modules)
"""


def test_a_book_is_the_same_without_a_foreman_and_says_the_same(tmp_path):
    """What WeasyPrint says of the author's stylesheet is heard there, too, and remembered with what it laid out.

    Formulas become files when pages are put together: the press is open then.
    """
    (tmp_path / "book" / "styles").mkdir(parents=True)
    (tmp_path / "book" / "styles" / "book.css").write_text("p { color: nonsense }\n")
    for number in (1, 2):
        (tmp_path / "book" / f"{number}.md").write_text(
            f"# Chapter {number}\n\nWords, $x^{number}$.[^1]\n\n[^1]: A note.\n"
        )
    builds = [build(tmp_path, *more) for more in (["1", "--fresh"], ["2", "--fresh"], ["2"])]
    (tmp_path / "book" / "2.md").write_text("# Chapter 2\n\nOther words.[^1]\n\n[^1]: A note.\n")
    builds += [build(tmp_path, *more) for more in (["2"], ["1", "--fresh"])]
    loaded, files, said = zip(*builds, strict=True)
    assert loaded == (True, False, False, False, True)
    assert len(set(files[:3])) == len(set(files[3:])) == 1
    assert len(set(said)) == 1
    assert said[0].count("nonsense") == 1


def build(home, *more):
    """Build the print edition; says whether WeasyPrint was loaded, what was made, and what was said."""
    words = [sys.executable, "-c", STARTED, "--edition", "print", "--jobs", *more]
    environment = {**os.environ, "PYTHONPATH": str(Path(work.__file__).parents[1])}
    ran = subprocess.run(words, cwd=home, capture_output=True, text=True, check=True, env=environment)
    (made,) = (home / "dist").glob("*.pdf")
    return ran.stdout.split()[-1] == "True", made.read_bytes(), ran.stderr
