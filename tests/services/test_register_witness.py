"""WIT-01: the witness answers as tlog-witness says, and never cosigns two histories."""

import hashlib
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "ledger"))

from ledgers import signing_key, verifier_key
from registered_city import NOON, new_signer

from encoding.strict_json import build_json
from ledger.merkle import EMPTY_ROOT, consistency_proof, leaf_hash, tree_root
from ledger.note import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    QuorumPolicy,
    build_checkpoint_text,
    cosignature_time,
    parse_note,
    parse_signature_line,
    parse_verifier_key,
    sign_note,
    verify_checkpoint,
    verify_note,
)
from ledger.witnessing import build_add_checkpoint
from openid4vc.oauth import issue_service_token
from register.errors import WitnessRetired
from register.witness import create_app
from runtime.database import Database
from runtime.settings import Settings

ORIGIN = "log.example"
KEY = verifier_key(ORIGIN, 7, ED25519)
HONEST = [leaf_hash(b"%d" % number) for number in range(20)]
FORKED = [*HONEST[:3], *(leaf_hash(b"x%d" % number) for number in range(17))]


class Desk:
    """A witness on its test client, and a log that may lie."""

    def __init__(self, folder):
        self.folder = folder
        self.operator = new_signer()
        path = folder / "keys" / "operator.jwks.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(build_json({"keys": [dict(self.operator.public_jwk)]}))
        self.app = self.start()

    def start(self):
        environ = {"CITY_DATA_DIR": str(self.folder), "CITY_BACKGROUND": "no"}
        self.environ = environ
        settings = Settings.from_environment(environ, service="witness")
        return create_app(settings, clock=lambda: NOON)

    @property
    def client(self):
        return self.app.test_client()

    @property
    def key(self):
        return self.app.extensions["witness"].key

    def watch(self, key=KEY):
        token = issue_service_token(
            signer=self.operator,
            issuer="operator",
            subject="desk",
            audience="http://localhost:8404",
            role="operator",
            agency=None,
            now=NOON,
            token_id="1",
        )
        return self.client.post(
            "/api/v1/logs",
            json={"vkey": key.vkey},
            headers={"Authorization": f"Bearer {token}"},
        )

    def send(self, body):
        return self.client.post("/add-checkpoint", data=body, content_type="text/plain")

    def add(self, old, size, *, leaves=HONEST, proof=None, root=None, origin=ORIGIN, seed=7):
        root = root if root is not None else tree_root(leaves[:size])
        if proof is None:
            proof = consistency_proof(leaves[:size], old) if old <= size else ()
        text = build_checkpoint_text(Checkpoint(origin, size, root))
        key = verifier_key(origin, 7, ED25519)
        note = sign_note(text, key=key, signer=signing_key(seed))
        return self.send(build_add_checkpoint(old_size=old, proof=proof, checkpoint=note))


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    assert desk.watch().status_code == 201
    yield desk
    desk.app.extensions["witness"].close()


def test_wit_01_a_growing_log_is_cosigned(desk):
    answers = [desk.add(0, 3), desk.add(3, 8), desk.add(8, 20)]
    line = parse_signature_line(answers[-1].text.removesuffix("\n"))

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert (line.name, line.key_id) == (desk.key.name, desk.key.key_id)
    assert cosignature_time(line) == NOON


def test_wit_01_the_cosigned_head_is_served(desk):
    digest = hashlib.sha256(ORIGIN.encode()).hexdigest()
    before = desk.client.get(f"/{digest}/checkpoint")
    desk.add(0, 3)
    after = desk.client.get(f"/{digest}/checkpoint")
    policy = QuorumPolicy(KEY, (desk.key,), threshold=1)

    assert before.status_code == 404
    assert verify_checkpoint(after.text, policy).checkpoint.size == 3
    assert desk.client.get("/00/checkpoint").status_code == 404


def test_wit_01_an_unknown_log_is_not_found(desk):
    assert desk.add(0, 3, origin="other.example").status_code == 404


@pytest.mark.parametrize("seed", [8])
def test_wit_01_a_wrong_signature_is_forbidden(desk, seed):
    assert desk.add(0, 3, seed=seed).status_code == 403


def test_wit_01_a_signature_by_nobody_known_is_forbidden(desk):
    text = build_checkpoint_text(Checkpoint(ORIGIN, 3, tree_root(HONEST[:3])))
    stranger = verifier_key("stranger.example", 8, ED25519)
    note = sign_note(text, key=stranger, signer=signing_key(8))

    answer = desk.send(build_add_checkpoint(old_size=0, proof=(), checkpoint=note))

    assert answer.status_code == 403


def test_wit_01_an_old_size_above_the_new_one_is_bad(desk):
    assert desk.add(5, 3).status_code == 400


def test_wit_01_another_old_size_is_a_conflict_that_names_ours(desk):
    desk.add(0, 5)
    for old in (0, 3, 6):
        answer = desk.add(old, 8)

        assert answer.status_code == 409
        assert answer.content_type == "text/x.tlog.size"
        assert answer.data == b"5\n"


@pytest.mark.parametrize(
    ("old", "changes"),
    [
        (5, {"proof": ()}),
        (5, {"proof": (bytes(32),) * 4}),
        (5, {"leaves": FORKED}),
        (5, {"root": bytes(32)}),
    ],
)
def test_wit_01_a_proof_that_does_not_hold_is_unprocessable(desk, old, changes):
    desk.add(0, 5)

    assert desk.add(old, 8, **changes).status_code == 422
    assert desk.add(5, 8).status_code == 200


def test_wit_01_a_first_checkpoint_has_no_proof(desk):
    assert desk.add(0, 5, proof=(bytes(32),)).status_code == 422


def test_wit_01_one_size_has_one_root(desk):
    desk.add(0, 5)

    assert desk.add(5, 5, leaves=FORKED, proof=()).status_code == 422
    assert desk.add(5, 5, proof=()).status_code == 200


def test_wit_01_the_empty_tree_has_its_root(desk):
    assert desk.add(0, 0, root=bytes(32)).status_code == 422
    assert desk.add(0, 0, root=EMPTY_ROOT).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 0\n\n",
        b"old 00\n\nx\n1\ny\n\n",
        b"old -1\n\n",
        b"new 0\n\n",
        b"old 0\nAAAA\n\n",
        b"old 0\n" + b"A" * 43 + b"=\n" * 64 + b"\n",
        b"\xff\xfe\n\n",
        b"old 0\n\no\n1\nAAAA\n\n\xe2\x80\x94 o AAAAAAAA\n",
        b"old 0\n\n" + b"x" * 120_000,
    ],
)
def test_wit_01_what_is_no_request_is_bad(desk, body):
    assert desk.send(body).status_code == 400


def test_a_request_beyond_the_limit_is_refused(desk):
    assert desk.send(b"x" * 300_000).status_code == 413


def test_cp_02_a_fork_is_seen_and_never_cosigned(desk):
    desk.add(0, 5)
    desk.add(5, 10)

    assert desk.add(5, 12, leaves=FORKED).status_code == 409
    assert desk.add(10, 12, leaves=FORKED).status_code == 422
    assert desk.add(10, 20).status_code == 200


def test_cp_02_a_rollback_is_seen_and_never_cosigned(desk):
    desk.add(0, 10)

    assert desk.add(5, 5, proof=()).status_code == 409
    assert desk.add(10, 5).status_code == 400


def test_of_two_histories_at_once_one_is_cosigned(desk):
    desk.add(0, 3)
    answers = []
    start = threading.Barrier(8)

    def work(number):
        start.wait()
        leaves = HONEST if number % 2 else FORKED
        answers.append((number % 2, desk.add(3, 10 + number, leaves=leaves).status_code))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(status for _, status in answers) == [200] + [409] * 7


def test_a_restarted_witness_remembers(desk):
    desk.add(0, 10)
    desk.app = desk.start()

    assert desk.add(0, 5).status_code == 409
    assert desk.add(10, 12).status_code == 200


def test_a_witness_that_lost_its_database_does_not_start(desk, tmp_path):
    desk.add(0, 10)
    desk.app.extensions["witness"].close()
    for file in tmp_path.glob("witness.sqlite3*"):
        file.unlink()

    with pytest.raises(WitnessRetired):
        desk.start()


def test_a_database_of_another_witness_is_refused(desk, tmp_path):
    for file in (tmp_path / "keys" / "witness").glob("*.pem"):
        file.unlink()

    with pytest.raises(WitnessRetired):
        desk.start()


def test_only_the_operator_names_logs(desk):
    answer = desk.client.post("/api/v1/logs", json={"vkey": KEY.vkey})

    assert answer.status_code == 401
    assert desk.watch(verifier_key("w", 3, COSIGNATURE)).status_code == 400


def test_a_log_may_change_its_key(desk):
    new = verifier_key(ORIGIN, 9, ED25519)
    desk.add(0, 3)
    text = build_checkpoint_text(Checkpoint(ORIGIN, 5, tree_root(HONEST[:5])))
    note = sign_note(text, key=new, signer=signing_key(9))
    body = build_add_checkpoint(old_size=3, proof=consistency_proof(HONEST[:5], 3), checkpoint=note)
    before = desk.send(body).status_code
    desk.watch(new)

    assert before == 403
    assert desk.send(body).status_code == 200
    assert desk.add(5, 8).status_code == 200


def test_the_witness_says_its_key_and_describes_itself(desk):
    key = parse_verifier_key(desk.client.get("/vkey").text.strip())

    assert key.signature_type == COSIGNATURE
    assert "/add-checkpoint" in desk.client.get("/openapi.json").json["paths"]
    assert desk.client.get("/health").status_code == 200


def test_the_cosignature_verifies_in_the_note(desk):
    text = build_checkpoint_text(Checkpoint(ORIGIN, 3, tree_root(HONEST[:3])))
    note = sign_note(text, key=KEY, signer=signing_key(7)) + desk.add(0, 3).text

    assert len(verify_note(parse_note(note), keys=[KEY, desk.key])) == 2


def test_a_log_pinned_in_production_only_by_the_operator(tmp_path):
    desk = Desk(tmp_path)
    (tmp_path / "passphrase").write_text("river")
    settings = Settings.from_environment(
        {
            "CITY_MODE": "production",
            "CITY_ALLOW_FILE_KEYSTORE": "yes",
            "CITY_KEY_PASSPHRASE_FILE": str(tmp_path / "passphrase"),
            "CITY_DATA_DIR": str(tmp_path),
            **{
                f"CITY_{name}_URL": f"https://{name.lower()}.example"
                for name in ("REGISTER", "ISSUER", "WALLET", "VERIFIER", "WITNESS")
            },
        },
        service="witness",
    )
    desk.app.extensions["witness"].close()
    for file in tmp_path.glob("witness.sqlite3*"):
        file.unlink()
    for file in (tmp_path / "keys" / "witness").glob("*.pem"):
        file.unlink()
    desk.app = create_app(settings, clock=lambda: NOON)

    assert desk.add(0, 3, origin="register.example").status_code == 404
    assert Database(settings.database_url).is_sqlite
