"""A child may crash, hang or lie; its pool goes on (fault matrix: native library)."""

import threading
import time

import pytest

from runtime import children
from runtime.children import ChildPool
from runtime.errors import ChildFailed

MODULE = """
import os, signal, sys, time

def answer(request):
    what = request.get("do")
    if what == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if what == "hang":
        time.sleep(60)
    if what == "raise":
        raise ValueError("Sokha")
    if what == "eat":
        return {"size": len(bytearray(10**10))}
    if what == "much":
        return {"text": "x" * 5_000_000}
    if what == "odd":
        return [1]
    if what == "exit":
        sys.exit(0)
    if what == "environment":
        return {"names": sorted(os.environ)}
    print("noise on standard output")
    return {"process": os.getpid(), "request": request}
"""


@pytest.fixture
def pool(tmp_path, monkeypatch):
    (tmp_path / "echo_child.py").write_text(MODULE)
    monkeypatch.setattr(children, "_PROJECT", f"{children._PROJECT}:{tmp_path}")
    made = ChildPool("echo_child", size=2, timeout=20)
    yield made
    made.close()


def test_an_answer_comes_back(pool):
    answer = pool.ask({"a": ["\u6c34", 1, None]})

    assert answer["request"] == {"a": ["\u6c34", 1, None]}


def test_a_child_is_used_again(pool):
    assert pool.ask({})["process"] == pool.ask({})["process"]


def test_large_requests_and_answers_pass(pool):
    assert len(pool.ask({"text": "x" * 1_000_000})["request"]["text"]) == 1_000_000


@pytest.mark.parametrize("what", ["crash", "raise", "eat", "much", "odd", "exit"])
def test_a_child_that_fails_fails_its_request_only(pool, what):
    with pytest.raises(ChildFailed) as caught:
        pool.ask({"do": what})

    assert "Sokha" not in str(caught.value)
    assert pool.ask({"do": "nothing"})["request"] == {"do": "nothing"}


def test_a_child_that_hangs_is_replaced(pool):
    first = pool.ask({})["process"]
    pool._timeout = 1.0
    start = time.perf_counter()
    with pytest.raises(ChildFailed):
        pool.ask({"do": "hang"})
    spent = time.perf_counter() - start
    pool._timeout = 20

    assert spent < 5
    assert pool.ask({})["process"] != first


def test_requests_beyond_the_size_wait_their_turn(pool):
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(pool.ask({})["process"])) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 6
    assert len(set(answers)) <= 2


def test_who_waits_too_long_is_told(pool):
    hanging = threading.Barrier(3)

    def hang():
        hanging.wait()
        with pytest.raises(ChildFailed):
            pool.ask({"do": "hang"})

    pool._timeout = 2.0
    threads = [threading.Thread(target=hang) for _ in range(2)]
    for thread in threads:
        thread.start()
    hanging.wait()
    time.sleep(0.5)
    pool._timeout = 0.2
    with pytest.raises(ChildFailed):
        pool.ask({})
    for thread in threads:
        thread.join()


def test_a_child_inherits_no_secret(pool, monkeypatch):
    monkeypatch.setenv("CITY_KEY_PASSPHRASE", "river")
    names = pool.ask({"do": "environment"})["names"]

    assert not [name for name in names if name.startswith("CITY_")]


def test_a_module_that_cannot_be_imported_is_an_outage():
    pool = ChildPool("no_such_module", size=1, timeout=20)
    with pytest.raises(ChildFailed):
        pool.ask({})
    pool.close()


def test_a_closed_pool_answers_no_more(pool):
    pool.ask({})
    pool.close()
    with pytest.raises(ChildFailed):
        pool.ask({})


def test_the_pool_ends_when_its_process_does(tmp_path, start_process):
    (tmp_path / "echo_child.py").write_text(MODULE)
    code = (
        "import sys\nfrom runtime import children\n"
        "children._PROJECT = f'{children._PROJECT}:{sys.argv[1]}'\n"
        "pool = children.ChildPool('echo_child', size=1, timeout=20)\n"
        "print(pool.ask({})['process'], flush=True)\n"
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    process = start_process(code, tmp_path)
    output, _ = process.communicate(timeout=60)
    child = int(output)
    deadline = time.monotonic() + 20
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert not is_running(child)


def is_running(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
