"""The JavaScript rooms under node: the same vectors as Python, and every module parses."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NODE = shutil.which("node") or str(ROOT / ".venv" / "bin" / "node")


@pytest.mark.skipif(not Path(NODE).exists(), reason="node is not installed")
def test_the_rooms_in_javascript_agree_with_python():
    tests = sorted(str(path) for path in (ROOT / "tests/browser/node").glob("*.test.js"))
    done = subprocess.run(
        [NODE, "--test", "--test-reporter=spec", *tests],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert tests
