"""
What the targets share: seeds in a corpus of its own, and the loop of libFuzzer.

A target takes any bytes. It raises nothing when a reader refuses them with Malformed; whatever
else a reader raises, and every oracle that does not hold, ends the run with exit code 77.
"""

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

import atheris

from credentials.errors import Malformed
from encoding.errors import Malformed as Misencoded

REFUSALS = (Malformed, Misencoded)


class OracleBroken(AssertionError):
    """What was accepted is not what it ought to be."""


def demand(holds, message):
    """An `assert` that no optimisation takes away."""
    if not holds:
        raise OracleBroken(message)


def attempt(read, *arguments, **options):
    """The value and None, or None and the detail of the refusal."""
    try:
        return read(*arguments, **options), None
    except REFUSALS as error:
        demand(error.detail != "malformed", "a refusal says why")
        return None, error.detail


def run(target, seeds):
    """`python -m tests.fuzz.NAME`, with the options of libFuzzer behind it."""
    corpus = Path(tempfile.mkdtemp(prefix="fuzz-"))
    try:
        for seed in seeds:
            (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
        defaults = ("-max_len=8192", f"-artifact_prefix={corpus.parent}/")
        given = sys.argv[1:]
        names = {each.partition("=")[0] for each in given}
        options = [each for each in defaults if each.partition("=")[0] not in names]
        # The first folder of a libFuzzer run takes what it finds; ours goes away again.
        atheris.Setup([sys.argv[0], *options, *given, str(corpus)], target)
        atheris.Fuzz()
    finally:
        shutil.rmtree(corpus, ignore_errors=True)
