"""
One case for `./city judge`, read strictly and judged: whom to trust, what to expect, what is shown.

Nothing outside the case counts: no catalog, no database, no trust store, no clock. The shape is
that of docs/interfaces.md "The judge". What a case does not say is not expected: without an
audience no proof of a holder can be for us. The verdict is that of `credentials.verification`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from cityhall.judge_accreditations import read_accreditations, read_texts
from cityhall.judge_documents import read_documents
from credentials.cwt_packing import PREFIX as CWT_PREFIX
from credentials.errors import CredentialError, Malformed
from credentials.handover import DcApiHandover, Handover, OpenID4VPHandover
from credentials.keys import CURVES, PRIVATE_MEMBERS, PublicKey, parse_jwk
from credentials.material import Documents, ListCopy, Material
from credentials.model import Credential
from credentials.multikey import parse_bbs_multikey
from credentials.packing import PREFIX, read_qr_text
from credentials.policy import CredentialRule, Policy, StatusPolicy, StatusRule
from credentials.reading import read_presentation
from credentials.shown_text import trim
from credentials.trust import (
    KeyUse,
    TrustedBbsKey,
    TrustedIssuer,
    TrustedKey,
    TrustRegistry,
    trusted_certificates,
)
from credentials.verdict import Outcome, Reason, Verdict, failed
from credentials.verification import verify
from credentials.x509 import UNREADABLE
from encoding import base64url, strict_json
from encoding import errors as encoding_errors
from encoding.strict_json import JsonValue

MAX_LINE: Final = 64 << 20
FRESHNESS: Final = timedelta(seconds=300)  # security.md "Limits": age of a key binding online
QR_PREFIXES: Final = (PREFIX, CWT_PREFIX)
MAX_BBS_KEYS: Final = 4  # of one issuer: each is tried, and a trial costs milliseconds
SKEW: Final = 60
MAX_SKEW: Final = 86_400
# A year after which no sum of time and skew overflows.
_LATEST: Final = int(datetime(9000, 1, 1, tzinfo=UTC).timestamp())
_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_RULES: Final = {rule.value: rule for rule in StatusRule}

Prove = Callable[[str], Mapping[str, bool]]
"""Presentation to what child processes say of the proofs in it (see `Material.proofs`)."""


@dataclass(frozen=True, slots=True)
class Case:
    """A line as read."""

    id: JsonValue
    presentation: str
    optical_data: str | None
    now: datetime
    audience: str
    nonce: str | None
    handover: Handover | None
    trust: TrustRegistry
    lists: Mapping[str, tuple[ListCopy, ...]]
    accepted_types: frozenset[str] | None
    status: StatusPolicy
    require_holder_binding: bool
    skew: timedelta
    documents: Documents


def read_case(line: bytes | str) -> Case:
    """The case in a line, or Malformed with the case's `id` as its `case_id`."""
    members = _parse_line(line)
    try:
        return _read_members(_present(members))
    except (Malformed, encoding_errors.Malformed) as error:
        raise MalformedCase(str(error), case_id=members.get("id")) from error


class MalformedCase(CredentialError):
    """A line that is no case. `case_id`: its id, as far as there is one."""

    kind = "malformed"
    code = "malformed_case"

    def __init__(self, message: str, *, case_id: JsonValue) -> None:
        super().__init__(message)
        self.case_id = case_id


def judge_case(case: Case, *, prove: Prove) -> Verdict:
    """Every credential in what was presented, each under a rule of its own."""
    try:
        shown = _read_shown(_unpack(case), case.optical_data)
    except Malformed as error:
        return _refuse_code(error, now=case.now)
    if isinstance(shown, str):
        presented: Mapping[str, str | tuple[Credential, ...]] = {"credential": shown}
        types = {"credential": case.accepted_types or frozenset()}
    else:
        named = _name_credentials(shown)
        presented = {name: (credential,) for name, credential in named.items()}
        types = {name: _types_that_pass(case, credential) for name, credential in named.items()}
    external = not isinstance(shown, str) and any(each.external_proof for each in shown)
    return verify(
        presented,
        Material(
            trust=case.trust,
            lists=case.lists,
            log=None,
            is_replayed=False,
            proofs=prove(case.presentation) if external else {},
            documents=case.documents,
        ),
        Policy(
            credentials=tuple(
                CredentialRule(id=name, types=accepted, required_claims=())
                for name, accepted in types.items()
            ),
            joins=(),
            status=case.status,
            require_holder_binding=case.require_holder_binding,
            freshness=FRESHNESS,
            skew=case.skew,
        ),
        now=case.now,
        audience=case.audience,
        nonce=case.nonce,
        handover=case.handover,
    )


def _types_that_pass(case: Case, credential: Credential) -> frozenset[str]:
    return frozenset(credential.types) if case.accepted_types is None else case.accepted_types


def build_answer(
    case_id: JsonValue, verdict: Verdict, *, milliseconds: float
) -> dict[str, JsonValue]:
    """The line that goes out. One credential's claims stand alone, several by their names."""
    claims: JsonValue = None
    if verdict.claims is not None:
        shown: dict[str, JsonValue] = {name: dict(each) for name, each in verdict.claims.items()}
        claims = next(iter(shown.values())) if len(shown) == 1 else shown
    return {
        "id": case_id,
        "outcome": verdict.outcome.value,
        "reasons": [reason.value for reason in verdict.reasons],
        "details": [
            check.detail
            for check in verdict.checks
            if check.outcome is not Outcome.PASSED and check.detail is not None
        ],
        "claims": claims,
        "milliseconds": round(milliseconds, 3),
    }


def _unpack(case: Case) -> str:
    """What is presented, out of its QR text where it came in one."""
    text = trim(case.presentation)
    if not text.startswith(QR_PREFIXES):
        return text
    return read_qr_text(text, certificates=trusted_certificates(case.trust))


def _refuse_code(error: Malformed, *, now: datetime) -> Verdict:
    """A QR text out of which nothing comes: there is no presentation to verify."""
    check = failed("format", Reason.MALFORMED, detail=error.detail, credential="credential")
    return Verdict(checks=(check,), checked_at=now, status_as_of=None, epoch=None, claims=None)


def _read_shown(text: str, optical: str | None) -> str | tuple[Credential, ...]:
    """The credentials in the text, or the text where it cannot be read: `verify` says why."""
    if optical is not None:
        return read_presentation(text, optical=optical)
    try:
        return read_presentation(text)
    except CredentialError:
        return text


def _name_credentials(credentials: Sequence[Credential]) -> dict[str, Credential]:
    """Each by its type, numbered where a type stands twice. None takes the place of another."""
    named: dict[str, Credential] = {}
    for credential in credentials:
        bare = credential.types[0] if credential.types else "credential"
        # A type may look like a numbered one: the first name that is free is taken.
        names = chain([bare], (f"{bare} {number}" for number in count(2)))
        named[next(name for name in names if name not in named)] = credential
    return named


def _parse_line(line: bytes | str) -> dict[str, JsonValue]:
    try:
        return strict_json.parse_object(line, max_bytes=MAX_LINE, max_depth=64)
    except encoding_errors.Malformed as error:
        raise MalformedCase("the line is not a JSON object", case_id=None) from error


def _read_members(members: Mapping[str, JsonValue]) -> Case:
    now = _number(members, "now")
    skew = _number(members, "skew", default=SKEW)
    if not 0 <= now <= _LATEST or not 0 <= skew <= MAX_SKEW:
        raise Malformed("now and skew are seconds", detail="invalid_case")
    return Case(
        id=members.get("id"),
        presentation=_as_text(members.get("presentation")),
        optical_data=_optional_text(members, "optical_data"),
        now=datetime.fromtimestamp(now, UTC),
        audience=_optional_text(members, "audience") or "",
        nonce=_optional_text(members, "nonce"),
        handover=_read_handover(members.get("handover")),
        trust=_read_trust(members.get("issuers")),
        lists=_read_lists(members.get("status_lists", {})),
        accepted_types=read_texts(members["accepted_types"])
        if "accepted_types" in members
        else None,
        status=_read_status(members.get("status", StatusRule.IF_PRESENT.value)),
        require_holder_binding=_read_flag(members.get("require_holder_binding")),
        skew=timedelta(seconds=skew),
        documents=read_documents(members),
    )


def _present(members: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What is given: null stands for a member that is left out."""
    return {name: value for name, value in members.items() if value is not None}


def _read_trust(value: JsonValue) -> TrustRegistry:
    if not isinstance(value, dict):
        raise Malformed("issuers must be an object", detail="invalid_case")
    issuers = tuple(_read_issuer(identifier, entry) for identifier, entry in value.items())
    return TrustRegistry(
        version=1, issued_at=_ALWAYS, expires_at=_NEVER, issuers=issuers, verifiers=()
    )


def _read_issuer(identifier: str, value: JsonValue) -> TrustedIssuer:
    if not isinstance(value, dict) or not identifier:
        raise Malformed("an issuer must be an object", detail="invalid_case")
    value = _present(value)
    listed = [(each, KeyUse.CREDENTIAL) for each in _read_keys(value.get("keys", []))]
    listed += [(each, KeyUse.STATUS) for each in _read_keys(value.get("status_keys", []))]
    return TrustedIssuer(
        identifiers=(identifier,),
        name={},
        keys=tuple(
            TrustedKey(
                key=key,
                use=use,
                valid_from=_ALWAYS,
                valid_until=None,
                compromised_at=None,
            )
            for key, use in listed
        ),
        x5c_anchors=tuple(
            certificate
            for text in _items(value.get("x5c_anchors", []))
            for certificate in _read_pem(text)
        ),
        accreditations=read_accreditations(value.get("types", []), value.get("claims", {})),
        bbs_keys=_read_bbs_keys(value.get("bbs_keys", [])),
    )


def _read_bbs_keys(value: JsonValue) -> tuple[TrustedBbsKey, ...]:
    """Multikeys of BLS12-381. No issuer without one may use `bbs-2023`."""
    listed = _items(value)
    if len(listed) > MAX_BBS_KEYS or not all(isinstance(each, str) for each in listed):
        raise Malformed("bbs_keys must be a few texts", detail="invalid_case")
    return tuple(
        TrustedBbsKey(parse_bbs_multikey(str(each)), _ALWAYS, None, None) for each in listed
    )


def _read_keys(value: JsonValue) -> list[PublicKey]:
    """
    An issuer publishes more than the keys that sign credentials. RFC 7517 section 5: "ignore JWKs
    within a JWK Set that use kty values that are not understood"; so with curves, and with keys
    whose own `use` or `key_ops` (sections 4.2 and 4.3) say that they verify no signatures.
    """
    return [parse_jwk(each) for each in _items(value) if not _is_foreign(each)]


def _is_foreign(jwk: JsonValue) -> bool:
    if not isinstance(jwk, dict) or not PRIVATE_MEMBERS.isdisjoint(jwk):
        return False
    kind, curve = jwk.get("kty"), jwk.get("crv")
    if isinstance(kind, str) and kind not in ("EC", "OKP"):
        return True
    if isinstance(curve, str) and curve not in CURVES:
        return True
    use, operations = jwk.get("use", "sig"), jwk.get("key_ops", ["verify"])
    is_for_others = isinstance(use, str) and use != "sig"
    return is_for_others or (isinstance(operations, list) and "verify" not in operations)


def _read_pem(value: JsonValue) -> list[bytes]:
    try:
        certificates = x509.load_pem_x509_certificates(str(value).encode())
    except UNREADABLE as error:
        raise Malformed("an anchor must be a PEM certificate", detail="invalid_case") from error
    return [each.public_bytes(Encoding.DER) for each in certificates]


def _read_lists(value: JsonValue) -> dict[str, tuple[ListCopy, ...]]:
    if not isinstance(value, dict):
        raise Malformed("status_lists must be an object", detail="invalid_case")
    return {uri: (ListCopy(_as_text(token), None),) for uri, token in value.items()}


def _read_status(value: JsonValue) -> StatusPolicy:
    if isinstance(value, str) and value in _RULES:
        return StatusPolicy(_RULES[value], max_age=None, require_anchor=False)
    if isinstance(value, dict) and value.keys() == {"max_age"}:
        seconds = _number(value, "max_age")
        if 0 <= seconds <= _LATEST:
            max_age = timedelta(seconds=seconds)
            return StatusPolicy(StatusRule.IF_PRESENT, max_age=max_age, require_anchor=False)
    raise Malformed("status must be a rule or a max_age", detail="invalid_case")


def _read_handover(value: JsonValue) -> Handover | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Malformed("handover must be an object", detail="invalid_case")
    value = _present(value)
    text = _optional_text(value, "jwk_thumbprint")
    thumbprint = base64url.decode(text) if text is not None else None
    if "origin" in value:
        return DcApiHandover(origin=_text(value, "origin"), jwk_thumbprint=thumbprint)
    return OpenID4VPHandover(
        client_id=_text(value, "client_id"),
        response_uri=_text(value, "response_uri"),
        jwk_thumbprint=thumbprint,
    )


def _read_flag(value: JsonValue) -> bool:
    if not isinstance(value, bool):
        raise Malformed("require_holder_binding must be true or false", detail="invalid_case")
    return value


def _items(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise Malformed("a list was expected", detail="invalid_case")
    return value


def _as_text(value: JsonValue) -> str:
    """A text; a document may also be given as the JSON object that it is."""
    if isinstance(value, dict):
        return strict_json.build_json(value).decode()
    if not isinstance(value, str):
        raise Malformed("a presentation or list must be a text", detail="invalid_case")
    return value


def _text(members: Mapping[str, JsonValue], name: str) -> str:
    text = _optional_text(members, name)
    if text is None:
        raise Malformed(f"{name} is missing", detail="invalid_case")
    return text


def _optional_text(members: Mapping[str, JsonValue], name: str) -> str | None:
    value = members.get(name)
    if value is not None and not isinstance(value, str):
        raise Malformed(f"{name} must be a text", detail="invalid_case")
    return value


def _number(members: Mapping[str, JsonValue], name: str, *, default: int | None = None) -> float:
    value = members.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Malformed(f"{name} must be a number of seconds", detail="invalid_case")
    return value
