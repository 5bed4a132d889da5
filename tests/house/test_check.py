"""The house's own rules run with the tests: format, lint, types, import contracts."""

import subprocess

import pytest

from cityhall.command_line import ROOT
from cityhall.commands.check import commands


@pytest.mark.parametrize(("name", "command"), commands(), ids=[name for name, _ in commands()])
def test_the_house_is_in_order(name, command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, f"{name}\n{done.stdout[-8000:]}{done.stderr[-2000:]}"
