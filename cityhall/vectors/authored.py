"""Cases written for this project from the texts: each says what must come out of it."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from cityhall.vectors.dcql import judge_query
from cityhall.vectors.shelf import REFUSALS, Check, Checks, Result, Shelf, is_refused
from credentials.bitstring_entries import bitstring_value, parse_bitstring_entry
from credentials.errors import Malformed
from credentials.keys import parse_jwk, verify_signature
from credentials.model import Status, StatusPurpose
from credentials.reading import read_presentation
from credentials.status_lists import (
    is_signed_by,
    read_bitstring,
    read_status_list,
    status_at,
    value_at,
)
from encoding import base45, base64url
from ledger.merkle import tree_root
from openid4vc.claims_path import parse_claims_path, select_claims
from openid4vc.dcql import parse_query
from openid4vc.dpop import NonceRule, build_access_token_hash, verify_dpop
from openid4vc.errors import ClaimsPathError, InvalidRequest, ProtocolError
from openid4vc.issuance import parse_credential_request
from openid4vc.key_proof import verify_key_proofs
from openid4vc.presentation import WalletAnswer, parse_response_form
from openid4vc.request_reading import read_unsigned_parameters

_WORDS = {Status.VALID: "VALID", Status.REVOKED: "INVALID", Status.SUSPENDED: "SUSPENDED"}
_LIST_URI = "https://issuer.example/agencies/transport/status/1"


def _suite(judge: Callable[[Any, Any], bool]) -> Check:
    """A check of every case of a file: `judge` takes the case and the whole file."""

    def check(shelf: Shelf, path: Path) -> Iterator[Result]:
        suite = shelf.json(path)
        for number, case in enumerate(suite["cases"], 1):
            name = str(case.get("id", case.get("path", number)))
            yield shelf.judge(path, name, partial(judge, case, suite))

    return check


def _bitstring(case: Any, _suite: Any) -> bool:
    expected = case["expect"]
    accepted = expected.split("|") if isinstance(expected, str) else [expected]
    try:
        entry = parse_bitstring_entry(case["entry"])
        entries = read_bitstring(case["list"]["encodedList"], status_size=entry.status_size)
        value = bitstring_value(entries, entry)
    except Malformed as refused:
        return bool(refused.detail.upper() in accepted)
    message = {"message": entry.messages[value]} if entry.messages else {}
    return bool({"status": value, "valid": value == 0, **message} in accepted)


def _token_list(case: Any, suite: Any) -> bool:
    if case["expect"] == "table":
        listed = read_status_list(case["token"])
        found = [value_at(listed, at) for at in range(len(case["statuses"]))]
        return bool(found == case["statuses"])
    try:
        word = _status_of(case, suite["verifier"])
    except Malformed as refused:
        is_other = refused.detail == "unknown_status_value"
        word = "APPLICATION_SPECIFIC" if is_other else "reject"
    # A case may say more of how it is refused.
    expected = [each.partition("-")[0] for each in case["expect"].split("|")]
    return word in expected


def _status_of(case: Any, verifier: Any) -> str:
    listed = read_status_list(case["token"])
    reference = case.get("referenced", {}).get("status_list", {"uri": _LIST_URI})
    key = parse_jwk(verifier["trusted_status_jwk"])
    expired = listed.expires_at is not None and listed.expires_at.timestamp() <= verifier["now"]
    if not is_signed_by(listed, key) or expired or listed.uri != reference["uri"]:
        return "reject"
    return _WORDS[status_at(listed, reference["idx"], StatusPurpose.BOTH)]


def _claims_path(case: Any, suite: Any) -> bool:
    try:
        pointer = parse_claims_path(case["path"])
    except InvalidRequest:
        return bool(case["expect"] == "invalid-pointer")
    try:
        found = list(select_claims(suite["credential"], pointer))
    except ClaimsPathError:
        return bool(case["expect"] == "error")
    return bool(found == case["expect"])


def _dpop(case: Any, suite: Any) -> bool:
    nonce = case.get("server_nonce")
    try:
        verify_dpop(
            [case["dpop"]],
            method=case["method"],
            url=case["url"],
            now=datetime.fromtimestamp(suite["now"], UTC),
            window=timedelta(seconds=suite["window_s"]),
            access_token=case["access_token"],
            bound_to=case["token_jkt"],
            nonce_rule=NonceRule(lambda given: given == nonce, lambda: nonce) if nonce else None,
            claim=lambda proof: proof.token_id not in case.get("seen_jti", []),
        )
    except ProtocolError as refused:
        return bool(refused.code == case["expect"])
    return bool(case["expect"] == "accept")


def _request(case: Any, _suite: Any) -> bool:
    try:
        read_unsigned_parameters(
            case["request"],
            supported_formats={"dc+sd-jwt", "vc+jwt"},
            allow_http_loopback=False,
        )
    except ProtocolError as refused:
        return refused.code in case["expect"].split("|")
    return "accept" in case["expect"].split("|")


def _vp_token(case: Any, _suite: Any) -> bool:
    form = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in case["response"].items()
    }
    try:
        said = parse_response_form(
            form, query=parse_query(case["dcql_query"]), expected_state="s", decryption=None
        )
    except InvalidRequest:
        return bool(case["expect"] == "reject")
    found = "accept" if isinstance(said, WalletAnswer) else "error-recorded"
    return bool(case["expect"] == found)


def _key_proof(case: Any, suite: Any) -> bool:
    return bool(judge_key_proof(case, suite["issuer"]) == case["expect"])


def judge_key_proof(case: Any, issuer: Any) -> str:
    """What an issuer says to a request with key proofs: `accept`, or the code of its refusal."""
    message = {"credential_configuration_id": "licence", **case.get("request", {})}
    if "proofs" in case:
        message["proofs"] = case["proofs"]
    try:
        request = parse_credential_request(
            json.dumps(message).encode(), tolerate_single_proof=False
        )
        verify_key_proofs(
            request.proofs,
            audience=issuer["credential_issuer"],
            now=datetime.fromtimestamp(issuer["now"], UTC),
            window=timedelta(seconds=issuer["window_s"]),
            accepts_nonce=lambda nonce: nonce in issuer["valid_c_nonces"],
            algorithms=issuer["proof_signing_alg_values_supported"],
            binding_methods={"jwk"},
            batch_size=issuer["batch_size"],
            client_id=None,
        )
    except ProtocolError as refused:
        return refused.code
    return "accept"


def _presentation(case: Any, suite: Any) -> bool:
    return _is_accepted(case, suite["verifier"]) is bool(case["expect"] == "accept")


def _is_accepted(case: Any, verifier: Any) -> bool:
    """What a verifier decides about one credential, without status and trust."""
    try:
        (credential,) = read_presentation(case["compact"])
    except REFUSALS:
        return False
    key = parse_jwk(verifier["trusted_issuer_jwk"])
    now = datetime.fromtimestamp(verifier["now"], UTC)
    is_early = credential.valid_from is not None and credential.valid_from > now
    if is_early or not verify_signature(key, credential.signing_input, credential.signature):
        return False
    binding: Any = credential.key_binding
    if binding is None:
        return not case.get("kb_required", verifier["kb_required_default"])
    holder: Any = credential.holder_key
    return bool(
        binding.covers_presentation
        and binding.audience == verifier["expected_aud"]
        and binding.nonce == verifier["expected_nonce"]
        and abs(now - binding.issued_at) <= timedelta(seconds=verifier["kb_max_age_s"])
        and verify_signature(holder, binding.signing_input, binding.signature)
        and case.get("processed_contains", {}).items() <= credential.claims.items()
        and credential.claims.keys().isdisjoint(case.get("processed_absent", ()))
    )


def _check_small(shelf: Shelf, path: Path) -> Iterator[Result]:
    """Values that RFCs print."""
    known = shelf.json(path)
    pkce, ath = known["rfc7636_pkce"], known["rfc9449_ath"]
    digest = hashlib.sha256(pkce["code_verifier"].encode()).digest()
    challenge = base64url.encode(digest)
    root = tree_root([]).hex()
    yield shelf.judge(path, "RFC 7636", lambda: challenge == pkce["code_challenge_S256"])
    yield shelf.judge(
        path, "RFC 9449", lambda: build_access_token_hash(ath["access_token"]) == ath["ath"]
    )
    yield shelf.judge(path, "RFC 6962", lambda: root == known["rfc6962_empty_root"])
    for case in known["rfc9285_base45"]:
        yield shelf.judge(path, f"RFC 9285 {case}", partial(_is_base45, case))
    if known["rfc7638_thumbprint"]["jwk"]["kty"] == "RSA":
        yield shelf.unknown(path, "RFC 7638", "its key is of a kind that is not supported (RSA)")
    else:
        yield shelf.judge(path, "RFC 7638", partial(_has_thumbprint, known["rfc7638_thumbprint"]))


def _is_base45(case: Any) -> bool:
    if "invalid" in case:
        return is_refused(lambda: base45.decode(case["invalid"]))
    data = case["text"].encode()
    return bool(base45.encode(data) == case["b45"] and base45.decode(case["b45"]) == data)


def _has_thumbprint(case: Any) -> bool:
    return bool(parse_jwk(case["jwk"]).thumbprint == case["thumbprint"])


CHECKS: Checks = (
    ("bitstring-cases.json", _suite(_bitstring)),
    ("claims-path-pointer.json", _suite(_claims_path)),
    ("dcql.json", _suite(judge_query)),
    ("dpop-proofs.json", _suite(_dpop)),
    ("oid4vp-requests.json", _suite(_request)),
    ("oid4vp-vp-token-shapes.json", _suite(_vp_token)),
    ("openid4vci-proofs.json", _suite(_key_proof)),
    ("rfc-small-vectors.json", _check_small),
    ("sd-jwt-vc-presentations.json", _suite(_presentation)),
    ("token-status-list-cases.json", _suite(_token_list)),
)
