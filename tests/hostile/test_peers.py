"""
The runners of `tests/hostile/peers.py` stay true: each peer takes the good paper and refuses the
forged one, and each kind of answer is counted as what it is.
"""

import pytest

from tests.hostile import cose_stage, mdoc_stage, proof_stage, stage
from tests.hostile.case import HostileCase
from tests.hostile.peer_list import PEERS
from tests.hostile.peer_process import PeerProcess, find_missing
from tests.hostile.peer_questions import build_question, shared_by_cases
from tests.hostile.peers import score

pytestmark = pytest.mark.interop

SUITE = proof_stage.SUITES[0]
BY_STRANGER = cose_stage.Change(by=cose_stage.STRANGER)
FORGED = stage.Change(by=stage.STRANGER)


def proof(by):
    return proof_stage.line(SUITE, proof_stage.secure(SUITE, proof_stage.permit(SUITE), by))


def presented(by):
    permit = proof_stage.secure(SUITE, proof_stage.permit(SUITE), by)
    return proof_stage.line(SUITE, proof_stage.present(SUITE, permit))


PAPERS = {
    "dc+sd-jwt": ("dc+sd-jwt", lambda change: stage.line("dc+sd-jwt", change), FORGED),
    "vc+jwt": ("vc+jwt", lambda change: stage.line("vc+jwt", change), FORGED),
    "jwt_vc_json": ("jwt_vc", lambda change: stage.line("jwt_vc", change), FORGED),
    "mso_mdoc": (
        "mdoc-response",
        lambda change: mdoc_stage.line(mdoc_stage.SHOWN, **change),
        mdoc_stage.Change(signer=mdoc_stage.STRANGER),
    ),
    "cwt": ("kb-cwt", lambda change: cose_stage.line(cose_stage.BOUND, change), BY_STRANGER),
    "vc+cose": ("vc+cose", lambda change: cose_stage.line(cose_stage.VC, change), BY_STRANGER),
    "statuslist+cwt": (
        "cwt-list",
        lambda change: cose_stage.line(cose_stage.LISTED, change),
        BY_STRANGER,
    ),
}


def good(form):
    if form.startswith("ldp"):
        paper = {"ldp_vc": SUITE.alone, "ldp_vp": SUITE.wrapped}[form].name
        made = {"ldp_vc": proof, "ldp_vp": presented}[form]("agency")
    else:
        paper, build, _ = PAPERS[form]
        made = build({})
    return HostileCase(f"S-000/{paper}/good", "S-004", form, "", made, "passed", None, None)


def forged(form):
    """The same, and its issuer's part is signed by somebody else."""
    if form.startswith("ldp"):
        paper = {"ldp_vc": SUITE.alone, "ldp_vp": SUITE.wrapped}[form].name
        made = {"ldp_vc": proof, "ldp_vp": presented}[form]("stranger")
    else:
        paper, build, change = PAPERS[form]
        part = {"mso_mdoc": "change", "statuslist+cwt": "list", "cwt": "token", "vc+cose": "token"}
        made = build({part.get(form, "credential"): change})
    check = "proof_signature"
    return HostileCase(f"S-004/{paper}/forged", "S-004", form, check, made, "failed", None, None)


@pytest.fixture(autouse=True)
def _is_here(request):
    peer = request.node.callspec.params["peer"] if hasattr(request.node, "callspec") else NAMED[0]
    if reason := find_missing(peer.script):
        pytest.skip(reason)


def named(title):
    return next(each for each in PEERS if each.title == title)


NAMED = [named("PyJWT vc+jwt"), named("isomdoc mso_mdoc")]


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.title)
def test_a_peer_takes_the_good_paper_and_refuses_the_forged_one(peer):
    verdicts = list(score(peer, [good(peer.format), forged(peer.format)]))

    assert verdicts == [frozenset(), frozenset()]


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.title)
def test_a_wrong_answer_of_a_peer_is_counted_in_both_directions(peer):
    paper, other = good(peer.format), forged(peer.format)
    taken = HostileCase(paper.id, "S-004", peer.format, "proof_value", paper.line, "failed", "", "")
    refused = HostileCase(other.id, "S-004", peer.format, "", other.line, "passed", None, None)

    found = list(score(peer, [taken, refused]))

    assert found == [frozenset({"false accept"}), frozenset({"false reject"})]


def test_what_a_peer_leaves_to_its_caller_is_not_counted_as_a_false_accept():
    change = {"credential": stage.Change(header=stage.setting(typ="at+jwt"))}
    made = stage.line("vc+jwt", change)
    case = HostileCase("S-010/vc+jwt/typ", "S-010", "vc+jwt", "typ", made, "failed", None, None)

    assert list(score(NAMED[0], [case])) == [frozenset({"does not look"})]
    assert list(score(named("jose (npm) vc+jwt"), [case])) == [frozenset()]


def test_a_paper_that_a_peer_does_not_read_is_not_understood():
    made = mdoc_stage.line(mdoc_stage.ISSUED)
    case = HostileCase("S-000/mdoc/good", "S-004", "mso_mdoc", "", made, "passed", None, None)

    assert list(score(NAMED[1], [case])) == [frozenset({"not understood"})]


def test_the_clock_of_a_peer_is_that_of_the_case():
    day = 24 * 3600
    late = stage.line("jwt_vc", now=stage.NOW_SECONDS + 40 * day)
    case = HostileCase("S-028/jwt_vc/late", "S-028", "jwt_vc_json", "", late, "failed", "", "")
    libraries = [each for each in PEERS if each.format == "jwt_vc_json"]

    assert [list(score(each, [case])) for each in libraries] == [[frozenset()]] * len(libraries)


def test_a_peer_that_ends_has_crashed_and_the_next_case_gets_a_new_process():
    process = PeerProcess(NAMED[0].script, shared_by_cases())
    question = build_question(good("vc+jwt"), NAMED[0])
    try:
        ended = process.ask({**question, "peer": "nobody"})
        after = process.ask(question)
    finally:
        process.stop()

    assert ended["crash"] == "it ended"
    assert after == {"accepts": True}
