"""
The nouns of the workshop: what a credential is once it has been read.

A `Credential` is read, not believed: reading checks shape only. `verification.verify` decides
whether it holds. Nothing here signs, fetches or saves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from credentials.keys import PublicKey
from credentials.sd_jwt import SdJwt
from encoding.strict_json import JsonValue


class Format(StrEnum):
    """Format identifiers of OpenID4VCI and OpenID4VP, and media types where those have none."""

    DC_SD_JWT = "dc+sd-jwt"
    VC_SD_JWT = "vc+sd-jwt"
    VC_JWT = "vc+jwt"
    VC_COSE = "vc+cose"
    JWT_VC_JSON = "jwt_vc_json"
    LDP_VC = "ldp_vc"
    MSO_MDOC = "mso_mdoc"
    CWT = "cwt"


class Status(StrEnum):
    """The life of a credential. Revoked is terminal."""

    VALID = "valid"
    REVOKED = "revoked"
    SUSPENDED = "suspended"


class StatusPurpose(StrEnum):
    """What a list speaks of: a Token Status List of both, a Bitstring list of one."""

    BOTH = "both"
    REVOCATION = "revocation"
    SUSPENSION = "suspension"


@dataclass(frozen=True, slots=True)
class StatusReference:
    """Where the status of a credential stands: entry `index` of the list at `uri`."""

    uri: str
    index: int
    purpose: StatusPurpose = StatusPurpose.BOTH


@dataclass(frozen=True, slots=True)
class Link:
    """A credential that a view stands for: its type name and where its status stands."""

    type: str
    reference: StatusReference


@dataclass(frozen=True, slots=True)
class IssuerKeyHint:
    """How the credential names its issuer's key. A hint only: trust comes from the registry."""

    algorithm: str
    key_id: str | None
    x5c: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class KeyBinding:
    """A holder's proof of possession, as read: KB-JWT (RFC 9901 4.3) or an enveloping vp+jwt."""

    audience: str
    nonce: str
    issued_at: datetime | None
    """None: the proof names no time, as VCDM 1.1 allows; then only our own nonce makes it fresh."""
    signing_input: bytes
    signature: bytes
    algorithm: str
    covers_presentation: bool
    """False when `sd_hash` does not match what is presented."""
    digest: str
    """
    base64url SHA-256 of what was signed: what a replay is recognised by. Not of the signature:
    (r, s) and (r, -s) are both valid ECDSA signatures of one proof.
    """
    external_proof: str | None = None
    """As in `Credential`: the proof is one that a child process judged."""
    proof_key: PublicKey | None = None
    """
    The key that the proof names as the holder's, or that `external_proof` was judged with: it must
    be the credential's holder key.
    """


@dataclass(frozen=True, slots=True)
class DeviceBinding:
    """
    A holder's proof in an mdoc (ISO 18013-5 section 9.1.3), as read. What was signed depends on
    the session, so it is put together when it is judged.

    `namespaces`: the encoded DeviceNameSpaces as sent; `protected`: the signature's protected
    header. `digest`: as in `KeyBinding`.
    """

    doc_type: str
    namespaces: bytes
    protected: bytes
    algorithm: str
    signature: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class Signed:
    """Bytes and a raw signature over them, with the signer's hint at the key."""

    signing_input: bytes
    signature: bytes
    key_hint: IssuerKeyHint


@dataclass(frozen=True, slots=True)
class UnlinkableProof:
    """
    A proof that its maker holds an issuer's BBS signature (`bbs-2023`), as read. It names no
    signature: `disclosed` are the statements that it shows, each at its place among all that were
    signed; `header` covers the proof's options and the mandatory statements.
    """

    proof: bytes
    header: bytes
    presentation_header: bytes
    disclosed: Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class Credential:
    """
    A credential as presented, read strictly.

    `issuer`: empty where only a certificate names it (mdoc, SD-JWT VC without `iss`).
    `types`: the `vct`, the doctype, or the VCDM types other than VerifiableCredential; each must
    be accredited.
    `claims`: what is disclosed, without registered members; for VCDM the credentialSubject; for
    an mdoc namespace to element to value.
    `alteration`: why the content is not what was signed, where the signature covers digests.
    `co_signatures`: further proofs by the issuer, all of which must hold.
    `external_proof`: the key into `Material.proofs` of a proof that a child process judged; then
    `signature` is empty.
    `unlinkable_proof`: a `bbs-2023` proof in place of a signature; then `signature` is empty.
    `sd_jwt`: what an SD-JWT was read from; `document`: the whole of a W3C credential, as far as it
    is disclosed. Both for what type metadata and schemas ask of it.
    """

    format: Format
    issuer: str
    types: tuple[str, ...]
    claims: Mapping[str, JsonValue]
    issued_at: datetime | None
    valid_from: datetime | None
    valid_until: datetime | None
    statuses: tuple[StatusReference, ...]
    links: tuple[Link, ...]
    holder_key: PublicKey | None
    key_hint: IssuerKeyHint
    signing_input: bytes
    signature: bytes
    key_binding: KeyBinding | DeviceBinding | None
    alteration: str | None = None
    co_signatures: tuple[Signed, ...] = ()
    external_proof: str | None = None
    unlinkable_proof: UnlinkableProof | None = None
    sd_jwt: SdJwt | None = field(default=None, repr=False)
    document: Mapping[str, JsonValue] | None = field(default=None, repr=False)
