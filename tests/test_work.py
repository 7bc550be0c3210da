"""Calls in other processes: in order, so many at a time however deep they are nested, and not without end."""

import multiprocessing
import os
import sys
import time
from multiprocessing.connection import wait

import pytest

from diptych import work
from diptych.model import Task

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")


def nobody(*_):
    """Hear of progress, and say nothing."""


def twice(number, _):
    return 2 * number


def where(_):
    time.sleep(0.03)
    return os.getpid()


def ended(_):
    os._exit(9)


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_order(jobs):
    tasks = [Task(str(number), twice, (number,), size=number) for number in range(7)]
    assert work.each(tasks, jobs, nobody) == [2 * number for number in range(7)]


def test_the_longest_is_begun_first(tmp_path):
    begun = tmp_path / "begun"

    def note(number, _):
        with begun.open("a") as file:
            file.write(f"{number} ")
        time.sleep(0.1)

    work.each([Task("", note, (number,), size=number) for number in (1, 3, 2)], 1, nobody)
    assert begun.read_text() == "1 3 2 "
    begun.unlink()
    work.each([Task("", note, (number,), size=number) for number in (1, 3, 2)], 2, nobody)
    assert begun.read_text().split()[-1] == "1"


def test_no_more_work_than_there_are_jobs_however_deep():
    busy, most = multiprocessing.Value("i", 0), multiprocessing.Value("i", 0)

    def inner(_):
        with busy.get_lock():
            busy.value += 1
            most.value = max(most.value, busy.value)
        time.sleep(0.03)
        with busy.get_lock():
            busy.value -= 1

    def outer(_):
        work.each([Task("inner", inner, ()) for _ in range(4)], 2, nobody)

    work.each([Task("outer", outer, ()) for _ in range(3)], 2, nobody, 3)
    assert most.value == 2


def test_so_many_processes_make_all_calls():
    tasks = [Task("pid", where, ()) for _ in range(6)]
    assert len({*work.each(tasks, 2, nobody)} - {os.getpid()}) == 2


def test_workers_that_are_gone_leave_nobody_waiting():
    with pytest.raises(work.FaultError, match="ended with code 9"):
        work.each([Task("gone", ended, ()) for _ in range(5)], 2, nobody)


def test_nobody_works_on_for_a_process_that_is_gone():
    """Neither a worker that waits for its next call, nor one that is at work."""

    def begun(tell, seconds, _):
        tell()
        time.sleep(seconds)

    killed(lambda tell: [Task("", begun, (tell, seconds)) for seconds in (0, 0.5)])


def test_nobody_waits_for_the_seat_of_one_that_was_sent_away():
    """Deep down, where who hired the others is gone: those above have to get up from their calls."""

    def inner(tell, report):
        tell()
        for n in range(40):
            time.sleep(0.05)
            report("sleep", n)

    def outer(tell, report):
        tasks = [Task("inner", inner, (tell,)) for _ in range(2)]
        work.each(tasks, 2, lambda _, what, n: report(what, n))

    killed(lambda tell: [Task("outer", outer, (tell,)) for _ in range(2)])


def killed(tasks):
    """Kill a process when two of its calls have told that they are at work, and see that nobody outlives it for long.

    Whoever works for it holds a pipe open as long as they live.
    """
    reading, writing = os.pipe()
    given = tasks(lambda: os.write(writing, b"."))
    process = multiprocessing.get_context("fork").Process(target=work.each, args=(given, 2, nobody))
    process.start()
    os.close(writing)
    seen = os.read(reading, 1) + os.read(reading, 1)
    time.sleep(0.1)
    process.kill()
    process.join()
    assert seen == b".."
    left = b"."
    while left and wait([reading], 20):
        left = os.read(reading, 1)
    os.close(reading)
    assert left == b""
