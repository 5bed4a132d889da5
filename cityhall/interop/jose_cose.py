"""
The command line of the VC-JOSE-COSE suite: one document issued or verified with one given key.

The suite hands over a verification method and says what to do; the answer is `success`, `failure`,
`indeterminate` or `error`, with the secured text or the reason. The given key counts as the
issuer's or the holder's, whatever its name. Credentials inside a presentation come without their
keys: that they are enveloped is checked (JC-05), whether they hold is not. COSE travels as base64.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from cityhall.interop.jose_cose_issuing import (
    VP_SD_JWT,
    VP_VISIBLE,
    read_paths,
    secure_document,
)
from cityhall.interop.jose_cose_keys import GivenKey, read_key
from cityhall.interop.verifying import SKEW, judge_with
from credentials import vp_cose
from credentials.errors import CredentialError, Malformed
from credentials.jose import Jws, parse_jws, verify_jws
from credentials.keys import verify_signature
from credentials.model import Credential
from credentials.registered import read_times
from credentials.sd_jwt import parse_sd_jwt, processed_claims
from credentials.trust import KeyUse, TrustedIssuer, TrustedKey
from credentials.vc_cose import parse_document, read_vc_cose, signing_input_of
from credentials.vc_jose import read_vc_jwt, read_vc_sd_jwt, refuse_wrapped
from credentials.vcdm_shape import check_presentation
from credentials.verdict import Outcome
from encoding.strict_json import JsonValue, build_json

FEATURES: Final = tuple(
    f"{what}_{how}" for what in ("credential", "presentation") for how in ("jose", "sdjwt", "cose")
)

_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
_RESULTS: Final = MappingProxyType(
    {
        Outcome.PASSED: "success",
        Outcome.FAILED: "failure",
        Outcome.INDETERMINATE: "indeterminate",
    }
)


@dataclass(frozen=True, slots=True)
class Task:
    """What the suite asks. `paths`: what an SD-JWT shall disclose selectively."""

    action: str
    feature: str
    document: bytes
    key: bytes = field(repr=False)
    paths: JsonValue
    now: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """What the suite is told."""

    result: str
    data: str

    def build_json(self) -> bytes:
        """The content of the output file."""
        return build_json({"result": self.result, "data": self.data})


def run_task(task: Task) -> Result:
    """`error` when the key cannot be used, `failure` when the document does not do."""
    try:
        key = read_key(task.key)
    except CredentialError as fault:
        return Result("error", str(fault))
    try:
        if task.action == "issue":
            paths = read_paths(task.paths)
            return Result("success", secure_document(task.document, task.feature, key, paths))
        return _verify(task, key)
    except CredentialError as fault:
        return Result("failure", str(fault))


def _verify(task: Task, key: GivenKey) -> Result:
    try:
        text = task.document.decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise Malformed("a secured document is ASCII text", detail="not_ascii") from error
    if task.feature in _READERS:
        return _judge_credential(_READERS[task.feature](text), key, now=task.now)
    document, is_signed = _PRESENTED[task.feature](text, key)
    check_presentation(document)
    _, begins, ends = read_times(document, lenient_issued_at=True)
    if not is_signed:
        raise Malformed("the key did not sign this presentation", detail="bad_signature")
    if ends is not None and ends <= task.now - SKEW:
        raise Malformed("the presentation has expired", detail="expired")
    if begins is not None and begins > task.now + SKEW:
        raise Malformed("the presentation is not valid yet", detail="not_yet_valid")
    return Result("success", "the credentials in it are enveloped; their keys were not given")


def _judge_credential(credential: Credential, key: GivenKey, *, now: datetime) -> Result:
    issuer = TrustedIssuer(
        identifiers=(credential.issuer,),
        name={},
        keys=tuple(TrustedKey(key.public, use, _ALWAYS, None, None) for use in KeyUse),
        x5c_anchors=(),
        accreditations=(),
    )
    verdict = judge_with(credential, issuer, lists={}, now=now)
    reasons = ", ".join(reason.value for reason in verdict.reasons)
    return Result(_RESULTS[verdict.outcome], reasons or "every check passed")


def _read_sd_jwt_credential(text: str) -> Credential:
    return read_vc_sd_jwt(parse_sd_jwt(text, types=frozenset({"vc+sd-jwt"})), None)


def _read_jose_presentation(text: str, key: GivenKey) -> tuple[Mapping[str, JsonValue], bool]:
    jws = parse_jws(text, types=frozenset({"vp+jwt"}))
    refuse_wrapped(jws, content_type="vp")
    return jws.payload, _is_signed(jws, key)


def _read_sd_jwt_presentation(text: str, key: GivenKey) -> tuple[Mapping[str, JsonValue], bool]:
    sd_jwt = parse_sd_jwt(text, types=frozenset({VP_SD_JWT}))
    refuse_wrapped(sd_jwt.jws, content_type="vp")
    return processed_claims(sd_jwt, visible=VP_VISIBLE), _is_signed(sd_jwt.jws, key)


def _read_cose_presentation(text: str, key: GivenKey) -> tuple[Mapping[str, JsonValue], bool]:
    message, document = parse_document(
        _decode(text), media_type=vp_cose.MEDIA_TYPE, content=vp_cose.CONTENT
    )
    is_signed = message.algorithm == key.public.algorithm and verify_signature(
        key.public, signing_input_of(message), message.signature
    )
    return document, is_signed


def _is_signed(jws: Jws, key: GivenKey) -> bool:
    return jws.algorithm == key.public.algorithm and verify_jws(jws, key.public)


def _decode(text: str) -> bytes:
    """Base64 with or without its padding."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("COSE travels as base64 here", detail="invalid_base64") from error


_READERS: Final[Mapping[str, Callable[[str], Credential]]] = {
    "credential_jose": read_vc_jwt,
    "credential_sdjwt": _read_sd_jwt_credential,
    "credential_cose": lambda text: read_vc_cose(_decode(text)),
}
_Presented = Callable[[str, GivenKey], tuple[Mapping[str, JsonValue], bool]]
_PRESENTED: Final[Mapping[str, _Presented]] = {
    "presentation_jose": _read_jose_presentation,
    "presentation_sdjwt": _read_sd_jwt_presentation,
    "presentation_cose": _read_cose_presentation,
}
