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
    """A worker that waits for its next call, and one that is at work, hold a pipe open as long as they live."""
    reading, writing = os.pipe()

    def begun(seconds, _):
        os.write(writing, b".")
        time.sleep(seconds)

    tasks = [Task("", begun, (seconds,)) for seconds in (0, 0.5)]
    process = multiprocessing.get_context("fork").Process(target=work.each, args=(tasks, 2, nobody))
    process.start()
    os.close(writing)
    seen = os.read(reading, 1) + os.read(reading, 1)
    time.sleep(0.1)
    process.kill()
    process.join()
    assert seen == b".."
    assert wait([reading], 20)
    assert os.read(reading, 1) == b""
    os.close(reading)


def test_nobody_waits_for_the_seat_of_one_that_was_sent_away():
    """Deep down, where who hired the others is gone: those above have to get up from their calls."""
    reading, writing = os.pipe()

    def inner(report):
        os.write(writing, b".")
        for n in range(40):
            time.sleep(0.05)
            report("sleep", n)

    def outer(report):
        work.each([Task("inner", inner, ()) for _ in range(2)], 2, lambda _, what, n: report(what, n))

    tasks = [Task("outer", outer, ()) for _ in range(2)]
    process = multiprocessing.get_context("fork").Process(target=work.each, args=(tasks, 2, nobody, 2))
    process.start()
    os.close(writing)
    seen = os.read(reading, 1) + os.read(reading, 1)
    process.kill()
    process.join()
    assert seen == b".."
    left = b"."
    while left and wait([reading], 20):
        left = os.read(reading, 1)
    assert left == b""
    os.close(reading)
