"""mdocs with five foreign implementations: each way, altered, and where they differ."""

from datetime import UTC

import pytest

from credentials.cose import build_value, parse_value
from credentials.errors import Malformed
from credentials.mdoc import read_device_response
from encoding import base64url
from tests.interop.mdoc_hostile import HOSTILE, MAKERS
from tests.interop.mdoc_papers import (
    AGENCY,
    ANSWER,
    DRIVER,
    ISO,
    LEAF_CERTIFICATE,
    MDL,
    ROOT_CERTIFICATE,
    SHOWN,
    accepted_here,
    altered,
    der,
    issue,
    pem,
    present,
    private_pem,
    public_pem,
    transcript,
)
from tests.interop.our_side import AUDIENCE, DAY, NONCE, now
from tests.interop.peer_page import assert_disagreement, assert_exchange

pytestmark = pytest.mark.interop
PEERS = ("openvc-core", "isomdoc", "pymdoccbor", "@auth0/mdl", "@owf/mdoc")
TEXTS = {"family_name": "Sok", "issuing_country": "KH", "age_over_18": True}
SESSION = {"clientId": AUDIENCE, "nonce": NONCE, "responseUri": ANSWER}


def accepted_there(peers, name, response):
    words = {"response": response.hex(), "transcript": transcript().hex()}
    root = der(ROOT_CERTIFICATE).hex()
    if name == "openvc-core":
        return peers[name].accepts("verify_mdoc", **words, root=root)
    if name == "@auth0/mdl":
        return peers[name].accepts("verify", **words, rootPem=pem(ROOT_CERTIFICATE))
    if name == "@owf/mdoc":
        return peers[name].accepts("verify", response=response.hex(), session=SESSION, root=root)
    return peers[name].accepts("verify", **words, root=root)


def stamp(moment):
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def common_words():
    return {
        "namespace": ISO,
        "since": stamp(now() - DAY),
        "until": stamp(now() + 30 * DAY),
    }


def theirs(peers, name):
    """Responses of theirs by name of who presents; two of the five have no holder of their own."""
    words = common_words()
    leaf = der(LEAF_CERTIFICATE).hex()
    if name == "isomdoc":
        keys = {"key": private_pem(AGENCY), "device_key": public_pem(DRIVER)}
        issued = peers[name].ask(
            "issue", doc_type=MDL, texts=TEXTS, dates={"birth_date": "1990-04-12"}, leaf=leaf,
            **keys, **words,
        )  # fmt: skip
        return {"our holder": present(bytes.fromhex(issued), tuple(TEXTS))}
    if name == "pymdoccbor":
        point = {each.upper(): base64url.decode(DRIVER.jwk[each]).hex() for each in ("x", "y")}
        days = {"since": str((now() - DAY).date()), "until": str((now() + 20 * DAY).date())}
        issued = peers[name].ask(
            "issue", doc_type=MDL, claims=TEXTS, leaf=leaf, secret=AGENCY.raw.hex(),
            device_key=point, **{**words, **days},
        )  # fmt: skip
        return {"our holder": bytes.fromhex(issued)}
    keys = {"agency": AGENCY.private_jwk, "driver": DRIVER.private_jwk}
    if name == "@auth0/mdl":
        response = peers[name].ask(
            "issue", docType=MDL, claims=TEXTS, leafPem=pem(LEAF_CERTIFICATE),
            transcript=transcript().hex(), **keys, **words,
        )  # fmt: skip
        return {"their holder": bytes.fromhex(response)}
    made = peers[name].ask(
        "issue", docType=MDL, claims=TEXTS, dates={"birth_date": "1990-04-12"}, leaf=leaf,
        session=SESSION, shown=["family_name", "birth_date"], **keys, **words,
    )  # fmt: skip
    issued = bytes.fromhex(made["issued"])
    return {
        "their holder": bytes.fromhex(made["response"]),
        "our holder": present(issued, ("family_name", "birth_date")),
    }


@pytest.mark.parametrize("name", PEERS)
def test_what_we_issue_they_accept_and_what_they_issue_we_accept(peers, name):
    issued, ours, changed, back = issue(), {}, {}, None
    for case, names in SHOWN.items():
        response = present(issued, names)
        ours[case] = accepted_there(peers, name, response)
        changed[case] = not accepted_there(peers, name, altered(response))
    if name not in ("openvc-core", "pymdoccbor"):
        back = {who: accepted_here(response) for who, response in theirs(peers, name).items()}
        assert all(back.values()), back

    assert all((*ours.values(), *changed.values())), (ours, changed)
    assert_exchange("mso_mdoc", name, ours=ours, altered=changed, theirs=back)


def test_what_pymdoccbor_writes_has_no_device_and_is_refused(peers):
    """It writes a whole response by itself: nobody but its holder could have signed its part."""
    (response,) = theirs(peers, "pymdoccbor").values()

    with pytest.raises(Malformed):
        read_device_response(response)


def test_owf_makes_the_same_session_transcript(peers):
    """OpenID4VP 1.0 section B.2.6."""
    theirs_ = peers["@owf/mdoc"].ask("transcript", session=SESSION)

    assert theirs_ == transcript().hex()
    assert build_value(parse_value(bytes.fromhex(theirs_))) == transcript()


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda each: each.name)
def test_where_they_differ_the_text_decides(peers, hostile):
    response = MAKERS[hostile.name]()

    assert accepted_here(response) is hostile.accepted
    answers = {name: accepted_there(peers, name, response) for name in PEERS}
    assert_disagreement("mso_mdoc", hostile, answers)
