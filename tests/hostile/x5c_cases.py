"""
S-046 and S-007: certificate paths that do not lead from the signer to the agency's anchor.

RFC 5280 section 6, RFC 9360 (x5chain), RFC 7515 section 4.1.6 (x5c), ISO 18013-5 annex B. The same
paths in an SD-JWT VC, in `vc+jwt`, in an mdoc and in a CWT.
"""

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA224, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.hostile import cose_stage, mdoc_stage, mdoc_switches, proof_switches, stage  # noqa: F401
from tests.hostile.case import HostileCase
from tests.hostile.forms import Form
from tests.hostile.mdoc_stage import AGENCY_URI, ROOT, SIGNER
from tests.hostile.proof_stage import FixedSigner, signer_of
from tests.hostile.stage import DID, NOW, Change, Json
from tests.hostile.switches import switch

Paths = Callable[[tuple[bytes, ...]], Json]
DAY = timedelta(days=1)
MIDDLE, EVIL = signer_of("ministry", "ES256"), signer_of("evil root", "ES256")
NAMES = [x509.UniformResourceIdentifier(AGENCY_URI), x509.UniformResourceIdentifier(DID)]


def _no_path(hint: Any, *_: Any, **__: Any) -> Any:
    """The leaf's key, whatever path it came by."""
    return mdoc_stage.public(SIGNER)


switch(
    "certificate_path",
    {
        "credentials.trust._certified_key": _no_path,
        "credentials.issuer_judgement._certificate_problem": lambda *_, **__: None,
    },
)


def certificate(
    subject: str = "Transport agency",
    issuer: str = "City root",
    *,
    key: FixedSigner = SIGNER,
    by: FixedSigner = ROOT,
    authority: int | bool | None = False,
    begin: int = -10,
    end: int = 300,
    hashed: Any = None,
    names: Any = None,
    extensions: Any = (),
    country: str = "KH",
) -> bytes:
    """A certificate of any shape; `authority`: False for a leaf, else its path length."""

    def name(text: str) -> x509.Name:
        attributes = [(NameOID.COUNTRY_NAME, country), (NameOID.COMMON_NAME, text)]
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])

    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.private_key.public_key())
        .serial_number(77)
        .not_valid_before(NOW + begin * DAY)
        .not_valid_after(NOW + end * DAY)
    )
    if authority is not False:
        constraints = x509.BasicConstraints(ca=True, path_length=authority)
        builder = builder.add_extension(constraints, critical=True)
    else:
        general = NAMES if names is None else names
        if general:
            builder = builder.add_extension(x509.SubjectAlternativeName(general), critical=False)
    for extension, is_critical in extensions:
        builder = builder.add_extension(extension, critical=is_critical)
    made = builder.sign(by.private_key, hashed or SHA256(), ecdsa_deterministic=True)
    return bytes(made.public_bytes(Encoding.DER))


ROOT_DER = certificate("City root", key=ROOT, authority=None)
ROOT_0 = certificate("City root", key=ROOT, authority=0)


def pem(data: bytes) -> str:
    """As the registry gives an anchor."""
    return x509.load_der_x509_certificate(data).public_bytes(Encoding.PEM).decode()


def _middle(**changes: Any) -> bytes:
    usual: Json = {"key": MIDDLE, "authority": 0}
    return certificate("Ministry", **{**usual, **changes})


@cache
def _bad() -> dict[str, tuple[tuple[bytes, ...], str, bytes]]:
    """Name to the path, why it is refused, and the anchor that is trusted."""
    leaf = certificate()
    low = certificate(issuer="Ministry", by=MIDDLE)
    use = x509.ExtendedKeyUsage
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
    ) | {"crl_sign": False, "encipher_only": False, "decipher_only": False}
    no_signing = x509.KeyUsage(digital_signature=False, key_cert_sign=True, **usage)
    limits = x509.NameConstraints(
        permitted_subtrees=[x509.UniformResourceIdentifier("other.example")],
        excluded_subtrees=None,
    )
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\0")
    second = certificate("Second", "Ministry", key=EVIL, by=MIDDLE, authority=0)
    bottom = certificate(issuer="Second", by=EVIL)
    paths: dict[str, tuple[tuple[bytes, ...], str]] = {
        "anchor-included": ((leaf, ROOT_DER), "anchor_included"),
        "self-signed": ((certificate("Me", "Me", by=SIGNER),), "self_signed"),
        "expired": ((certificate(end=-1),), "certificate_expired"),
        "not-yet": ((certificate(begin=1),), "certificate_not_yet_valid"),
        "leaf-is-authority": ((certificate(authority=0),), "leaf_is_authority"),
        "key-usage": ((certificate(extensions=[(no_signing, True)]),), "wrong_key_usage"),
        "for-servers": (
            (certificate(extensions=[(use([ExtendedKeyUsageOID.SERVER_AUTH]), True)]),),
            "wrong_extended_key_usage",
        ),
        "for-code": (
            (certificate(extensions=[(use([ExtendedKeyUsageOID.CODE_SIGNING]), False)]),),
            "wrong_extended_key_usage",
        ),
        "critical-unknown": (
            (certificate(extensions=[(unknown, True)]),),
            "unknown_critical_extension",
        ),
        "weak": ((certificate(hashed=SHA224()),), "weak_certificate"),
        "other-root": ((certificate(by=EVIL),), "untrusted_anchor"),
        "root-of-same-name": ((certificate(by=EVIL, issuer="City root"),), "untrusted_anchor"),
        "middle-left-out": ((low,), "untrusted_anchor"),
        "turned": ((_middle(), low), "leaf_is_authority"),
        "middle-no-authority": ((low, _middle(authority=False)), "not_an_authority"),
        "middle-key-usage": (
            (
                low,
                _middle(
                    extensions=[
                        (x509.KeyUsage(digital_signature=True, key_cert_sign=False, **usage), True)
                    ]
                ),
            ),
            "not_an_authority",
        ),
        "middle-expired": ((low, _middle(end=-1)), "certificate_expired"),
        "middle-not-yet": ((low, _middle(begin=1)), "certificate_not_yet_valid"),
        "middle-weak": ((low, _middle(hashed=SHA224())), "weak_certificate"),
        "middle-of-evil": ((low, _middle(by=EVIL)), "untrusted_anchor"),
        "middle-other-key": ((low, _middle(key=EVIL)), "broken_chain"),
        "middle-twice": ((low, _middle(), _middle()), "broken_chain"),
        "too-long": ((bottom, second, _middle()), "path_length"),
        "name-constraint": ((low, _middle(extensions=[(limits, True)])), "name_constraint"),
        "leaf-twice": ((leaf, leaf), "broken_chain"),
    }
    found = {name: (path, detail, ROOT_DER) for name, (path, detail) in paths.items()}
    found["root-path-length"] = ((low, _middle()), "path_length", ROOT_0)
    return found


def _good() -> dict[str, tuple[bytes, ...]]:
    low = certificate(issuer="Ministry", by=MIDDLE)
    return {
        "leaf": (certificate(),),
        "middle": (low, _middle()),
        "for-documents": (
            certificate(
                extensions=[
                    (x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")]), True)
                ]
            ),
        ),
        "unknown-not-critical": (
            certificate(
                extensions=[
                    (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\0"), False)
                ]
            ),
        ),
    }


def _jose(paper: str) -> Callable[[tuple[bytes, ...], bytes], Json]:
    def made(path: tuple[bytes, ...], anchor: bytes) -> Json:
        listed = [base64.b64encode(each).decode() for each in path]
        change = Change(by=SIGNER, header=lambda old: {**old, "x5c": listed})
        issuers = stage.agencies(keys=[dict(SIGNER.public_jwk)], x5c_anchors=[pem(anchor)])
        return stage.line(paper, {"credential": change}, issuers=issuers, status="ignore")

    return made


def _chain(path: tuple[bytes, ...]) -> Any:
    return path[0] if len(path) == 1 else list(path)


def _mdoc(path: tuple[bytes, ...], anchor: bytes) -> Json:
    change = mdoc_stage.Change(unprotected=lambda _: {33: _chain(path)})
    issuers = mdoc_stage.trusted(x5c_anchors=[pem(anchor)])
    return mdoc_stage.line(mdoc_stage.SHOWN, change, issuers=issuers)


def _cwt(path: tuple[bytes, ...], anchor: bytes) -> Json:
    change = cose_stage.Change(unprotected=lambda _: {33: _chain(path)})
    issuers = cose_stage.trusted(x5c_anchors=[pem(anchor)])
    return cose_stage.line(cose_stage.CWT, {"token": change}, issuers=issuers)


MAKERS = {
    Form("x5c.dc+sd-jwt", "dc+sd-jwt"): _jose("dc+sd-jwt"),
    Form("x5c.vc+jwt", "vc+jwt"): _jose("vc+jwt"),
    Form("x5chain.mdoc", "mso_mdoc"): _mdoc,
    Form("x5chain.cwt", "cwt"): _cwt,
}

# The signer of an mdoc is looked for before its path is judged, and its own time comes first.
OF_MDOC = {
    ("mso_mdoc", "not-yet"): ("signed_outside_of_certificate", "certificate_path"),
    ("mso_mdoc", "critical-unknown"): ("unknown_issuer", "paper_finds_issuer"),
    ("mso_mdoc", "weak"): ("unknown_issuer", "paper_finds_issuer"),
    ("mso_mdoc", "turned"): ("unknown_issuer", "paper_finds_issuer"),
}


def cases() -> Iterator[HostileCase]:
    for form, make in MAKERS.items():
        for name, (path, detail, anchor) in _bad().items():
            why, check = OF_MDOC.get((form.format, name), (detail, "certificate_path"))
            for sid in ("S-046", "S-007") if why == "untrusted_anchor" else ("S-046",):
                yield form.reject(
                    sid,
                    name,
                    make(path, anchor),
                    check=check,
                    reason="issuer_not_trusted",
                    detail=why,
                )
        if "mdoc" not in form.name:
            for name, text in {
                "other": f"{AGENCY_URI}x",
                "slash": f"{AGENCY_URI}/",
                "http": AGENCY_URI.replace("https", "http"),
            }.items():
                path = (certificate(names=[x509.UniformResourceIdentifier(text)]),)
                yield form.reject(
                    "S-046",
                    f"name-{name}",
                    make(path, ROOT_DER),
                    check="certificate_path",
                    reason="issuer_not_trusted",
                    detail="wrong_name",
                )
        for name, path in _good().items():
            yield form.twin("S-046", name, make(path, ROOT_DER), check="certificate_path")
            yield form.twin("S-007", name, make(path, ROOT_DER), check="certificate_path")
