"""Every fuzz target runs, finds nothing in some thousand inputs, and finds a planted fault."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("atheris")

ROOT = Path(__file__).resolve().parents[2]
RUNS = 2_000
# A decoder that is broken on purpose, and the exception that tells.
PLANTED = {
    "strict_json": ("t.strict_json.parse_json = lambda data, **_: json.loads(data)", "Error"),
    # Every simple value and float reads as null: a seed holds both, so it is found at once.
    "cbor": (
        "sizes = {0xF9: 3, 0xFA: 5, 0xFB: 9}; "
        "t.cbor._read_simple = lambda data, place: (None, place + sizes.get(data[place], 1))",
        "OracleBroken",
    ),
    "sd_jwt": ("sd_jwt.reveal_claims = lambda payload, *_, **__: dict(payload)", "OracleBroken"),
    "qr": ("lifting._decode_text = bytes.decode", "UnicodeDecodeError"),
    "presentation": (
        "base64url.decode = lambda text: base64.urlsafe_b64decode(text + '=')",
        "Incorrect padding",
    ),
    "rdf": (
        "t.canonicalize = lambda lines: rdf_canonical.Canonical(tuple(lines), {})",
        "OracleBroken",
    ),
}
IMPORTS = (
    "import base64, json; from credentials import lifting, rdf_canonical, sd_jwt; "
    "from encoding import base64url"
)


def run(name, folder, plant=""):
    code = f"import tests.fuzz.fuzz_{name} as t; {IMPORTS}; seeds = t.seeds(); "
    code += f"{plant or 'pass'}; t.run(t.check, seeds)"
    return subprocess.run(
        [sys.executable, "-c", code, f"-runs={RUNS}", "-seed=1", f"-artifact_prefix={folder}/"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("name", PLANTED)
def test_a_target_finds_nothing_in_the_decoders_as_they_are(name, tmp_path):
    done = run(name, tmp_path)

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert f"Done {RUNS} runs" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", PLANTED)
def test_a_target_finds_a_fault_that_was_planted(name, tmp_path):
    plant, exception = PLANTED[name]
    done = run(name, tmp_path, plant)

    assert done.returncode != 0
    assert exception in done.stdout + done.stderr
    assert [each.name.partition("-")[0] for each in tmp_path.iterdir()] == ["crash"]
