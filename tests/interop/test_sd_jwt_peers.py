"""dc+sd-jwt with three foreign implementations: each way, altered, and where they differ."""

import pytest

from credentials.sd_jwt import select_disclosures
from tests.interop.our_side import AUDIENCE, NONCE, now, seconds
from tests.interop.peer_page import assert_disagreement, assert_exchange
from tests.interop.sd_jwt_hostile import HOSTILE, make
from tests.interop.sd_jwt_papers import (
    AGENCY,
    DRIVER,
    SHAPES,
    accepted_here,
    altered,
    claims,
    issue,
    present,
)

pytestmark = pytest.mark.interop
PEERS = ("openvc-core", "sd-jwt", "@sd-jwt/sd-jwt-vc")
CASES = [(algorithm, shape) for algorithm in AGENCY for shape in SHAPES]


def accepted_there(peers, name, text, algorithm="ES256"):
    words = {"text": text, "jwk": AGENCY[algorithm].jwk, "nonce": NONCE}
    if name == "@sd-jwt/sd-jwt-vc":  # it compares nonces only; audiences are its caller's task
        return peers[name].accepts("verify", **words, alg=algorithm)
    op = "verify_sd_jwt" if name == "openvc-core" else "verify"
    return peers[name].accepts(op, **words, audience=AUDIENCE)


def frame_of(paths):
    """The disclosure frame of @sd-jwt: hidden names at each level."""
    frame = {}
    for *way, last in paths:
        place = frame
        for step in way:
            place = place.setdefault(step, {})
        place.setdefault("_sd", []).append(last)
    return frame


def selection_of(paths):
    """Everything at these paths, in the form that both libraries take for a presentation."""
    selection = {}
    for *way, last in paths:
        place = selection
        for step in way:
            place = place.setdefault(str(step), {})
        place[str(last)] = True
    return selection


def theirs(peers, name, algorithm, shape):
    """A credential of theirs that their own holder shows, or None where they cannot."""
    paths, shown, decoys = SHAPES[shape]
    agency, driver = AGENCY[algorithm], DRIVER[algorithm]
    if name == "openvc-core":
        if any(len(path) > 1 for path in paths):
            return None
        text = peers[name].ask(
            "issue_sd_jwt",
            claims=claims(driver),
            disclosable=[path[0] for path in paths],
            jwk=agency.private_jwk,
            decoys=decoys,
            holder=driver.jwk,
        )
        # Its holder shows everything or nothing; which disclosures to send is chosen here.
        held = select_disclosures(text, [tuple(path) for path in shown])
        return peers[name].ask(
            "present_sd_jwt", text=held, jwk=driver.private_jwk, audience=AUDIENCE, nonce=NONCE
        )
    if name == "sd-jwt":
        text = peers[name].ask(
            "issue",
            claims=claims(driver, cnf=None),
            disclosable=paths,
            jwk=agency.private_jwk,
            alg=algorithm,
            decoys=decoys,
            holder=driver.private_jwk,
        )
        disclose = {"array": {"areas": [False, True]}}.get(shape, selection_of(shown))
        return peers[name].ask(
            "present",
            text=text,
            disclose=disclose,
            jwk=driver.private_jwk,
            alg=algorithm,
            audience=AUDIENCE,
            nonce=NONCE,
        )
    frame = frame_of(paths) | ({"_sd_decoy": decoys} if decoys else {})
    text = peers[name].ask(
        "issue", claims=claims(driver), frame=frame, jwk=agency.private_jwk, alg=algorithm
    )
    return peers[name].ask(
        "present",
        text=text,
        frame=selection_of(shown),
        jwk=driver.private_jwk,
        alg=algorithm,
        audience=AUDIENCE,
        nonce=NONCE,
        iat=seconds(now()),
    )


@pytest.mark.parametrize("name", PEERS)
def test_what_we_issue_they_accept_and_what_they_issue_we_accept(peers, name):
    ours, changed, back = {}, {}, {}
    for case in CASES:
        algorithm, shape = case
        text = present(issue(algorithm, shape), algorithm, SHAPES[shape][1])
        ours[case] = accepted_there(peers, name, text, algorithm)
        changed[case] = not accepted_there(peers, name, altered(text), algorithm)
        text = theirs(peers, name, algorithm, shape)
        if text is not None:
            back[case] = accepted_here(text, algorithm)
            assert not accepted_here(altered(text), algorithm)

    assert all(back.values()), back
    assert all(changed.values()), changed
    assert_exchange("dc+sd-jwt", name, ours=ours, altered=changed, theirs=back)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda each: each.name)
def test_where_they_differ_the_text_decides(peers, hostile):
    text = make(hostile)

    assert accepted_here(text) is hostile.accepted
    answers = {name: accepted_there(peers, name, text) for name in PEERS}
    assert_disagreement("dc+sd-jwt", hostile, answers)
