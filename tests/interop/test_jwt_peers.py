"""vc+jwt and jwt_vc_json with jose, jwcrypto and openvc-core: each way, and where they differ."""

import pytest

from tests.interop.jwt_papers import (
    AGENCY,
    BY,
    HOSTILE,
    MAKERS,
    VOCABULARY,
    accepted_here,
    altered,
    document,
    issue,
    issue_first,
)
from tests.interop.our_side import DAY, now
from tests.interop.peer_page import assert_disagreement, assert_exchange

pytestmark = pytest.mark.interop
PEERS = ("jose", "jwcrypto")
ALGORITHMS_OF_OPENVC = ("ES256", "ES384", "EdDSA")


def accepted_there(peers, name, text, by=BY):
    if name == "jose":
        return peers[name].accepts("verify", text=text, jwk=by.jwk, alg=by.algorithm, typ="vc+jwt")
    return peers[name].accepts("verify", text=text, jwk=by.jwk)


def theirs_of_now(openvc, by, *, at=None):
    """Its nbf is the second in which it signs: only an issuanceDate of that second agrees."""
    credential = {
        "@context": ["https://www.w3.org/2018/credentials/v1", VOCABULARY],
        "type": ["VerifiableCredential", "TaxiPermit"],
        "issuer": by.did,
        "issuanceDate": (at or now()).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "credentialSubject": {"plate": "2A-4417"},
    }
    return openvc.ask("issue_vc_jwt", document=credential, jwk=by.private_jwk, key_id=by.method)


@pytest.mark.parametrize("name", PEERS)
def test_what_we_sign_they_accept_and_what_they_sign_we_accept(peers, name):
    ours, changed, back = {}, {}, {}
    for algorithm, by in AGENCY.items():
        text = issue(by)
        ours[algorithm] = accepted_there(peers, name, text, by)
        changed[algorithm] = not accepted_there(peers, name, altered(text), by)
        header = {"alg": algorithm, "typ": "vc+jwt", "kid": by.method}
        theirs = peers[name].ask("sign", header=header, payload=document(by), jwk=by.private_jwk)
        back[algorithm] = accepted_here(theirs, by)
        assert not accepted_here(altered(theirs), by)

    assert all((*ours.values(), *changed.values(), *back.values())), (ours, changed, back)
    assert_exchange("vc+jwt", name, ours=ours, altered=changed, theirs=back)


def test_openvc_core_accepts_our_jwt_vc_json_and_we_accept_its(peers):
    """It has VCDM 1.1 with a `vc` claim only: VC-JOSE-COSE forbids that claim (section 3.1.3)."""
    openvc, ours, changed, back = peers["openvc-core"], {}, {}, {}
    for algorithm in ALGORITHMS_OF_OPENVC:
        by = AGENCY[algorithm]
        text = issue_first(by)
        ours[algorithm] = openvc.accepts("verify_vc_jwt", text=text, jwk=by.jwk)
        changed[algorithm] = not openvc.accepts("verify_vc_jwt", text=altered(text), jwk=by.jwk)
        back[algorithm] = any(accepted_here(theirs_of_now(openvc, by), by) for _ in range(3))
        late = theirs_of_now(openvc, by, at=now() - DAY)
        assert not accepted_here(late, by), "VCDM 1.1 section 6.3.1: nbf is the issuanceDate"

    assert all((*ours.values(), *changed.values())), (ours, changed)
    assert_exchange("jwt_vc_json", "openvc-core", ours=ours, altered=changed, theirs=back)
    assert not openvc.accepts("verify_vc_jwt", text=issue(BY), jwk=BY.jwk)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda each: each.name)
def test_where_they_differ_the_text_decides(peers, hostile):
    text = MAKERS[hostile.name]()

    assert accepted_here(text) is hostile.accepted
    answers = {name: accepted_there(peers, name, text) for name in PEERS}
    assert_disagreement("vc+jwt", hostile, answers)
