"""The checks of mdocs and COSE messages, each with what stands for it while it is off."""

from dataclasses import replace
from typing import Any

from credentials import cose, mdoc, mdoc_values, mobile_security_object
from credentials.errors import Malformed
from credentials.mobile_security_object import _HASHES, MobileSecurityObject
from tests.hostile.mdoc_stage import DEVICE, MDL, public
from tests.hostile.removal import switch_off
from tests.hostile.stage import NOW
from tests.hostile.switches import switch

READ = "credentials.mdoc._read_issuer_signed"
_SIGN1 = cose.parse_cose_sign1


class _EveryHash(dict[Any, Any]):
    """Takes any name for SHA-256."""

    def __contains__(self, _: object) -> bool:
        return True

    def __getitem__(self, _: object) -> Any:
        return _HASHES["SHA-256"]


def _or(function: Any, otherwise: Any) -> Any:
    """What the function finds, or this where it refuses."""

    def found(*arguments: Any, **words: Any) -> Any:
        try:
            return function(*arguments, **words)
        except Malformed:
            return otherwise

    return found


def _alterable(self: MobileSecurityObject, *_: Any) -> None:
    """No digest is ever wrong."""


def _everywhere(name: str, otherwise: Any) -> dict[str, Any]:
    """A reader of values that reads something in place of what is wrong."""
    modules = (mdoc, mdoc_values, mobile_security_object)
    reader = _or(
        getattr(mdoc_values, name, None) or getattr(mobile_security_object, name), otherwise
    )
    return {f"{each.__name__}.{name}": reader for each in modules if hasattr(each, name)}


switch(
    "mdoc_digests",
    {f"{MobileSecurityObject.__module__}.MobileSecurityObject.alteration": _alterable},
)
switch("mdoc_digest_algorithm", {"credentials.mobile_security_object._HASHES": _EveryHash()})
switch_off("mdoc_x5chain", (READ, "missing_x5chain"))
switch_off("mdoc_doctype", (READ, "doctype_mismatch"))
switch(
    "mdoc_device_signed",
    {"credentials.mdoc._read_device_signed": _or(mdoc._read_device_signed, None)},
)
switch_off("mdoc_device_mac", ("credentials.mdoc._read_device_signed", "device_mac_not_accepted"))
switch_off("mdoc_device_elements", ("credentials.mdoc._read_device_signed", "unauthorised_element"))
switch_off("mdoc_device_detached", ("credentials.mdoc._read_device_signed", "invalid_mdoc"))
switch_off("mdoc_elements_once", ("credentials.mdoc._read_namespaces", "duplicate_element"))
switch_off("mdoc_salts", ("credentials.mdoc._read_item", "weak_salt"))
switch(
    "mdoc_items", {"credentials.mdoc._read_item": _or(mdoc._read_item, (0, "family_name", "Sok"))}
)
switch("mdoc_version", _everywhere("check_version", None))
switch("mdoc_maps", _everywhere("parse_map", {}))
switch(
    "mdoc_device_is_there",
    {**_everywhere("parse_map", {}), "credentials.mdoc._read_device_signed": lambda *_: None},
)
switch("mdoc_names", _everywhere("parse_name", MDL))
switch("mdoc_embedded", _everywhere("parse_embedded", b"\xa0"))
switch("mdoc_times", _everywhere("parse_tdate", NOW))
switch(
    "mdoc_namespaces",
    {"credentials.mdoc._read_namespaces": _or(mdoc._read_namespaces, mdoc._Shown({}, None))},
)
switch("mdoc_dates", {"credentials.mdoc_values._check_full_date": lambda _: None})
switch_off("mdoc_status", ("credentials.mdoc.read_device_response_value", "response_status"))
switch(
    "mdoc_documents",
    {
        "credentials.cbor_reading.read_device_response_value": _or(
            mdoc.read_device_response_value, ()
        )
    },
)
switch("mdoc_errors", {"credentials.mdoc._check_errors": lambda *_, **__: None})
switch(
    "mdoc_authorizations",
    {
        "credentials.mobile_security_object._parse_authorizations": lambda _: (
            mobile_security_object._NONE
        )
    },
)
switch(
    "certificate_fits", {"credentials.issuer_judgement._certificate_problem": lambda *_, **__: None}
)

COSE = "credentials.cose.parse_cose_sign1"
switch_off("cose_protected", (COSE, "unprotected_header"))
switch_off("cose_headers_once", (COSE, "duplicate_header"))
switch_off("cose_signature_size", (COSE, "invalid_signature"))
switch("cose_algorithm", {"credentials.cose._algorithm_of": lambda _: "ES256"})


def _careless_sign1(value: Any, *, tagged: bool | None) -> cose.CoseSign1:
    try:
        return cose.parse_cose_sign1(value, tagged=tagged)
    except Malformed:
        return cose.CoseSign1(b"", {}, {}, b"\xa0", bytes(64), "ES256")


switch(
    "cose_shape",
    dict.fromkeys(
        (
            "credentials.mdoc.parse_cose_sign1",
            "credentials.cwt.parse_cose_sign1",
            "credentials.vc_cose.parse_cose_sign1",
        ),
        _careless_sign1,
    ),
)
switch(
    "cose_crit",
    dict.fromkeys(
        ("credentials.cose._parse_protected", "credentials.cose._remember_protected"),
        lambda data: {
            name: each for name, each in (cose.parse_value(data) or {}).items() if name != cose.CRIT
        },  # type: ignore[union-attr]
    ),
)
_KEY = public(DEVICE)
switch_off("cose_key_private", ("credentials.cose.parse_cose_key", "private_key_in_jwk"))
switch(
    "cose_key",
    dict.fromkeys(
        ("credentials.mobile_security_object.parse_cose_key", "credentials.cwt.parse_cose_key"),
        _or(cose.parse_cose_key, _KEY),
    ),
)


def _with_payload(value: Any, *, tagged: bool | None) -> cose.CoseSign1:
    """What has no payload has an empty one."""
    message = _SIGN1(value, tagged=tagged)
    return message if message.payload is not None else replace(message, payload=b"\xa0")


switch(
    "cose_payload",
    dict.fromkeys(
        (
            "credentials.mdoc.parse_cose_sign1",
            "credentials.cwt.parse_cose_sign1",
            "credentials.vc_cose.parse_cose_sign1",
        ),
        _with_payload,
    )
    | _everywhere("parse_embedded", b"\xa0"),
)
switch(
    "x5chain_shape",
    dict.fromkeys(
        ("credentials.mdoc.read_x5chain", "credentials.cwt.read_x5chain"),
        _or(cose.read_x5chain, ()),
    ),
)
