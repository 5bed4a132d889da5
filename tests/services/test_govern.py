"""`./city govern`: a city is handed over to governors, who then accredit an agency together."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from registered_city import DID, NOON, open_city

from cityhall.command_line import main
from cityhall.governor import open_signer
from runtime.clock import system_clock
from tests.support.soft_token import LABEL, MODULE, PIN, needs_soft_token, soft_token

city = open_city


@pytest.fixture
def govern(city, tmp_path, capsys):
    """Runs the command and gives its JSON."""
    city.now = system_clock(0)()

    def run(action, *words, code=0):
        url = city.environ["CITY_REGISTER_URL"]
        found = main(["govern", action, "--json", "--register", url, *map(str, words)])
        told = capsys.readouterr().out.strip().splitlines()
        assert found == code, told
        return json.loads(told[-1])

    return run


def write(path, value):
    path.write_text(json.dumps(value))
    return path


def test_governors_take_over_and_accredit_an_agency(city, govern, tmp_path):
    folders = [tmp_path / f"governor-{number}" for number in range(3)]
    keys = [govern("key", "--folder", folder)["jwk"] for folder in folders]
    body = write(tmp_path / "body.json", {"governors": keys, "threshold": 2})
    act = tmp_path / "act.json"
    govern("propose", "--kind", "change_governors", "--body", body, "--act", act)
    # The register's own key hands over: in a demo it lies in the register's keystore.
    city.hall.database.close()
    (tmp_path / "own" / "keys").mkdir(parents=True)
    (city.folder / "keys" / "register").rename(tmp_path / "own" / "keys" / "governor")
    govern("sign", "--act", act, "--folder", tmp_path / "own")
    assert govern("submit", "--act", act)["missing"] == 2
    for folder in folders[:2]:
        govern("sign", "--act", act, "--folder", folder)
    assert govern("submit", "--act", act)["version"] == 2

    entry = {"issuer": {**city.entry(), "x5c_anchors": []}}
    govern("propose", "--kind", "put_issuer", "--body", write(body, entry), "--act", act)
    assert govern("sign", "--act", act, "--folder", folders[1])["signatures"] == 1
    assert govern("submit", "--act", act)["missing"] == 1
    govern("sign", "--act", act, "--folder", folders[2])
    assert govern("submit", "--act", act)["version"] == 3

    told = govern("show")
    assert (told["threshold"], told["sequence"], len(told["governors"])) == (2, 3, 3)
    assert DID in city.hall.governance.registry().issuers[0].identifiers
    assert city.check() == []


def test_a_body_that_is_none_is_explained(govern, tmp_path):
    body, act = tmp_path / "body.json", tmp_path / "act.json"
    body.write_text("no json")

    for words in (
        ("propose", "--kind", "accredit", "--body", body, "--act", act),
        ("propose", "--body", body, "--act", act),
        ("sign", "--act", act, "--folder", tmp_path),
        ("submit",),
    ):
        assert govern(*words, code=3)["error"] in {"cannot_work", "invalid_request"}


@needs_soft_token
def test_a_governors_key_may_be_in_a_token(tmp_path, monkeypatch):
    (tmp_path / "pin").write_text(PIN)
    for name, value in (
        ("CITY_KEYSTORE", "pkcs11"),
        ("CITY_PKCS11_MODULE", MODULE),
        ("CITY_PKCS11_TOKEN", LABEL),
        ("CITY_PKCS11_PIN_FILE", str(tmp_path / "pin")),
    ):
        monkeypatch.setenv(name, value)
    with soft_token(tmp_path):
        signer = open_signer(tmp_path, name="governor")

        assert len(signer.sign(str(NOON).encode())) == 64
        assert not [*(tmp_path / "keys").glob("**/*.pem")]
