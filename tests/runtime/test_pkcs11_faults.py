"""S-190: a token that is away, slow, locked or out of its mind never lets a bad signature out."""

import logging
import shutil
import threading
import time

import pkcs11
import pytest
from flask import Flask
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass

from credentials.keys import parse_jwk, verify_signature
from runtime.errors import KeystoreError, KeystoreUnavailable
from runtime.pkcs11_keystore import Pkcs11Keystore
from runtime.pkcs11_token import Clerk, Pkcs11Token, open_token
from runtime.problems import register_problem_handlers
from tests.support.soft_token import LABEL, MODULE, PIN, insider, needs_soft_token, soft_token

# python-pkcs11 speaks of a lost session a second time when it throws the operation away.
says_it_twice = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
P256 = bytes.fromhex("06082a8648ce3d030107")


@pytest.fixture
def tokens(tmp_path):
    with soft_token(tmp_path) as folder:
        yield folder


def keystore(tmp_path, *, module=MODULE, label=LABEL, pin=PIN):
    token = open_token(module=module, label=label, read_pin=lambda: pin)
    return Pkcs11Keystore(token, service="issuer", folder=tmp_path)


def refusal(work, *arguments):
    with pytest.raises(KeystoreUnavailable) as refused:
        work(*arguments)
    return refused.value.detail


class Session:
    """A session of a module that misbehaves. `answers`: what each call gives, or raises."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.is_closed = False

    def work(self):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer

    def close(self):
        self.is_closed = True


def strange_token(*sessions, deadline=0.1):
    waiting = list(sessions)

    def log_in():
        answer = waiting.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Pkcs11Token(Clerk(deadline=deadline), log_in), waiting


def ask(token):
    return token.run(lambda session: session.work())


def wait_until_free(clerk):
    while clerk._busy_since is not None:
        time.sleep(0.001)


@needs_soft_token
def test_s_190_a_wrong_pin_is_not_tried_twice(tmp_path, tokens, caplog):
    read = []

    def read_pin():
        read.append(1)
        return "000000"

    token = open_token(module=MODULE, label=LABEL, read_pin=read_pin)
    wrong = Pkcs11Keystore(token, service="issuer", folder=tmp_path)

    assert [refusal(wrong.signer, "one", "ES256") for _ in range(3)] == ["wrong_pin"] * 3
    assert read == [1]
    assert "000000" not in caplog.text


@needs_soft_token
def test_s_190_a_token_that_is_not_there_is_unavailable(tmp_path, tokens):
    assert refusal(keystore(tmp_path, label="another").names) == "token_missing"
    assert refusal(keystore(tmp_path, module=str(tokens / "x.so")).names) == "module_missing"


@says_it_twice
@needs_soft_token
def test_s_190_a_lost_session_is_opened_anew(tmp_path, tokens):
    signer = keystore(tmp_path).signer("one", "ES256")
    signer.sign(b"before")
    pkcs11.lib(MODULE).reinitialize()

    assert verify_signature(parse_jwk(signer.public_jwk), b"after", signer.sign(b"after"))


@says_it_twice
@needs_soft_token
def test_s_190_a_token_that_went_away_signs_nothing_and_is_found_again(tmp_path, tokens):
    signer = keystore(tmp_path).signer("one", "ES256")
    elsewhere = tokens.with_name("elsewhere")
    shutil.copytree(tokens, elsewhere)
    shutil.rmtree(tokens)

    assert refusal(signer.sign, b"list") in {"token_lost", "token_missing", "key_missing"}
    shutil.copytree(elsewhere, tokens)
    pkcs11.lib(MODULE).reinitialize()
    assert verify_signature(parse_jwk(signer.public_jwk), b"list", signer.sign(b"list"))


@says_it_twice
@needs_soft_token
def test_s_190_a_signature_of_another_key_never_leaves(tmp_path, tokens):
    """Somebody with the PIN puts another private key in the place of ours."""
    keys = keystore(tmp_path)
    signer, other = keys.signer("one", "ES256"), keys.signer("two", "ES256")
    with insider() as session:
        privates = {
            each[Attribute.LABEL]: each
            for each in session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
        }
        privates["issuer/one"].destroy()
        privates["issuer/two"].copy({Attribute.LABEL: "issuer/one"})

    assert refusal(signer.sign, b"list") == "bad_signature"
    assert len(other.sign(b"list")) == 64


@needs_soft_token
@pytest.mark.parametrize(
    "garbage", [b"", bytes(64), bytes(63), bytes(65), b"\xff" * 64, None, 7, "text"]
)
def test_s_190_garbage_is_no_signature(tmp_path, tokens, garbage, monkeypatch):
    signer = keystore(tmp_path).signer("one", "ES256")
    monkeypatch.setattr(signer._token, "run", lambda work: garbage)

    assert refusal(signer.sign, b"list") == "bad_signature"


@says_it_twice
@needs_soft_token
def test_a_key_that_disappeared_is_not_made_anew_while_signing(tmp_path, tokens):
    keys = keystore(tmp_path)
    signer = keys.signer("one", "ES256")
    with insider() as session:
        for each in list(session.get_objects({Attribute.LABEL: "issuer/one"})):
            each.destroy()

    assert refusal(signer.sign, b"list") == "key_missing"
    assert keys.names() == ()


@needs_soft_token
def test_s_185_a_private_key_cannot_be_read_out(tmp_path, tokens):
    keystore(tmp_path).signer("one", "ES256")
    with insider() as session:
        private = next(iter(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})))

        assert private[Attribute.SENSITIVE]
        assert private[Attribute.NEVER_EXTRACTABLE]
        assert not private[Attribute.DERIVE]
        assert not private[Attribute.UNWRAP]
        with pytest.raises(pkcs11.AttributeSensitive):
            private[Attribute.VALUE]


@needs_soft_token
def test_s_184_nothing_of_a_key_is_in_a_file_of_the_service(tmp_path, tokens):
    keystore(tmp_path).signer("one", "ES256")

    assert [path.name for path in tmp_path.rglob("*.pem")] == []


def put_key(label, *, key_type=KeyType.EC, parameters=P256, **attributes):
    """A key pair that the keystore would not make."""
    with insider() as session:
        domain = session.create_domain_parameters(
            key_type, {Attribute.EC_PARAMS: parameters}, local=True
        )
        domain.generate_keypair(
            store=True,
            label=label,
            mechanism=Mechanism.EC_KEY_PAIR_GEN,
            capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
            private_template={
                Attribute.SENSITIVE: attributes.get("sensitive", True),
                Attribute.EXTRACTABLE: attributes.get("extractable", False),
            },
        )


@needs_soft_token
@pytest.mark.parametrize("words", [{"extractable": True}, {"sensitive": False}])
def test_s_185_a_key_that_could_leave_is_not_used(tmp_path, tokens, words):
    put_key("issuer/one", **words)

    with pytest.raises(KeystoreError, match="could leave"):
        keystore(tmp_path).signer("one", "ES256")


@needs_soft_token
def test_two_keys_of_one_name_are_refused(tmp_path, tokens):
    put_key("issuer/one")
    put_key("issuer/one")

    with pytest.raises(KeystoreError, match="two keys"):
        keystore(tmp_path).signer("one", "ES256")


@needs_soft_token
def test_s_185_a_key_on_another_curve_is_refused(tmp_path, tokens):
    put_key("issuer/one", parameters=bytes.fromhex("06052b81040022"))  # secp384r1

    with pytest.raises(KeystoreError, match="another kind"):
        keystore(tmp_path).signer("one", "ES256")


@needs_soft_token
def test_a_key_without_its_public_half_is_refused(tmp_path, tokens):
    put_key("issuer/one")
    with insider() as session:
        next(iter(session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY}))).destroy()

    with pytest.raises(KeystoreError, match="public half"):
        keystore(tmp_path).signer("one", "ES256")


def test_s_190_a_slow_token_is_down_after_the_deadline():
    held = threading.Event()
    token, _ = strange_token(Session(lambda: held.wait(5), "late", "again"))
    began = time.monotonic()

    assert refusal(ask, token) == "token_slow"
    assert time.monotonic() - began < 1
    held.set()


def test_s_190_while_a_module_hangs_nobody_else_waits():
    held = threading.Event()
    token, _ = strange_token(Session(lambda: held.wait(5), "again"))
    refusal(ask, token)
    time.sleep(0.05)
    began = time.monotonic()

    assert [refusal(ask, token) for _ in range(50)] == ["token_slow"] * 50
    assert time.monotonic() - began < 0.1
    held.set()
    wait_until_free(token._clerk)
    assert ask(token) == "again"


def test_what_nobody_waits_for_any_more_is_not_signed():
    held, done = threading.Event(), []
    clerk = Clerk(deadline=0.05)
    waiting = threading.Thread(target=refusal, args=(clerk.do, lambda: held.wait(5)))
    waiting.start()
    time.sleep(0.01)

    assert refusal(clerk.do, lambda: done.append("signed")) == "token_slow"
    held.set()
    waiting.join()
    wait_until_free(clerk)
    assert clerk.do(lambda: "next") == "next"
    assert done == []


@pytest.mark.parametrize(
    "loss",
    [
        pkcs11.SessionHandleInvalid(),
        pkcs11.SessionClosed(),
        pkcs11.UserNotLoggedIn(),
        pkcs11.DeviceRemoved(),
        pkcs11.DeviceError(),
        pkcs11.TokenNotPresent(),
        pkcs11.ObjectHandleInvalid(),
        pkcs11.GeneralError(),
    ],
    ids=lambda loss: type(loss).__name__,
)
def test_s_190_every_kind_of_loss_is_tried_once_more(loss):
    first, second = Session(loss), Session("signed")
    token, waiting = strange_token(first, second)

    assert ask(token) == "signed"
    assert waiting == []
    assert first.is_closed


def test_s_190_what_is_lost_twice_is_unavailable_and_may_come_back():
    lost = [Session(pkcs11.DeviceError()), Session(pkcs11.DeviceError())]
    token, _ = strange_token(*lost, Session("signed"))

    assert refusal(ask, token) == "token_lost"
    assert ask(token) == "signed"


def test_s_190_a_log_in_that_fails_is_unavailable():
    token, _ = strange_token(pkcs11.DeviceMemory(), Session("signed"))

    assert refusal(ask, token) == "token_error"
    assert ask(token) == "signed"


@pytest.mark.parametrize(
    "error", [pkcs11.PinIncorrect(), pkcs11.PinLocked(), pkcs11.PinExpired(), pkcs11.PinLenRange()]
)
def test_a_refused_pin_stays_refused(error):
    token, waiting = strange_token(error, Session("signed"))

    assert [refusal(ask, token), refusal(ask, token)] == ["wrong_pin", "wrong_pin"]
    assert len(waiting) == 1


def test_a_refused_mechanism_is_unavailable_and_not_tried_again():
    session = Session(pkcs11.MechanismInvalid(), "signed")
    token, _ = strange_token(session)

    assert refusal(ask, token) == "token_error"
    assert session.answers == ["signed"]


def test_a_bug_in_the_work_is_no_outage():
    token, _ = strange_token(Session(ZeroDivisionError()))

    with pytest.raises(ZeroDivisionError):
        ask(token)


def test_a_token_does_not_survive_a_fork(monkeypatch):
    token, _ = strange_token(Session("signed"))
    monkeypatch.setattr("runtime.pkcs11_token.os.getpid", lambda: 1)

    assert refusal(ask, token) == "token_forked"


def test_s_190_a_service_answers_503_and_says_when_to_come_back(caplog):
    app = Flask(__name__)
    register_problem_handlers(app, is_protocol_path=lambda path: False)
    token, _ = strange_token(pkcs11.PinIncorrect())
    app.add_url_rule("/sign", view_func=lambda: ask(token))
    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/sign")

    assert (answer.status_code, answer.json["code"]) == (503, "temporarily_unavailable")
    assert answer.headers["Retry-After"] == "5"
    assert [record.reason for record in caplog.records] == ["wrong_pin"]
