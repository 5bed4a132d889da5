"""A pool of processes gives what one process gives, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runtime.errors import ChildFailed
from runtime.work_pool import AHEAD, WorkPool, available_processes
from tests.runtime import pool_work

SCRIPT = """
import sys
from runtime.work_pool import WorkPool
from tests.runtime import pool_work
if __name__ == "__main__":
    pool = WorkPool(pool_work.tell_process, setting=None, processes=2)
    for process in pool.run(range(1_000_000), chunk=1):
        print(process, flush=True)
"""


def is_alive(process):
    """A process that ended and was not yet buried is no longer alive."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_ended(processes):
    for _ in range(400):
        if not any(is_alive(process) for process in processes):
            return True
        time.sleep(0.05)
    return False


def test_results_come_in_the_order_of_the_items():
    with WorkPool(pool_work.square, setting=3, processes=2) as pool:
        assert list(pool.run(range(101), chunk=4)) == [3 * n * n for n in range(101)]
        assert list(pool.run([], chunk=4)) == []
        assert list(pool.run(iter([5]), chunk=4)) == [75]


def test_only_a_few_chunks_are_in_hand():
    taken = []

    def items():
        for number in range(10_000):
            taken.append(number)
            yield number

    with WorkPool(pool_work.square, setting=1, processes=2) as pool:
        results = pool.run(items(), chunk=5)
        for index in range(20):
            next(results)
            assert len(taken) <= 2 * AHEAD * 5 + 5 * (index // 5 + 1)
        results.close()


def test_several_processes_work_and_none_is_left_after_closing():
    with WorkPool(pool_work.tell_process, setting=None, processes=2) as pool:
        processes = set(pool.run(range(60), chunk=1))
        assert len(processes) == 2
        assert os.getpid() not in processes

    assert wait_until_ended(processes)


def test_what_the_work_raises_comes_out():
    with (
        WorkPool(pool_work.fail, setting=None, processes=1) as pool,
        pytest.raises(ValueError, match="own fault"),
    ):
        list(pool.run([1], chunk=1))


def test_a_child_that_dies_takes_no_result_along(tmp_path):
    with WorkPool(pool_work.die_once, setting=str(tmp_path), processes=2) as pool:
        assert list(pool.run(range(40), chunk=3)) == [n * n for n in range(40)]

    assert (tmp_path / "died").exists()


def test_work_on_which_children_always_die_is_a_clear_error_and_the_pool_goes_on():
    with WorkPool(pool_work.die_always, setting=None, processes=2) as pool:
        with pytest.raises(ChildFailed, match="twice"):
            list(pool.run(range(40), chunk=3))

        assert list(pool.run([1, 2, 3], chunk=1)) == [1, 4, 9]


def test_children_end_with_a_parent_that_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(SCRIPT)
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    ) as parent:
        children = {int(parent.stdout.readline()) for _ in range(40)}
        assert all(map(is_alive, children))
        parent.send_signal(signal.SIGKILL)

    assert wait_until_ended(children)


def test_there_is_at_least_one_core():
    assert 1 <= available_processes() <= os.cpu_count()
