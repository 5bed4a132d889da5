"""Everything a judgement needs beside the presentation, gathered beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from credentials.credential_schema import Validate
from credentials.signature_memory import SignatureMemory
from credentials.trust import TrustRegistry
from ledger.anchor import AnchorProof
from ledger.existence import ExistenceProof
from ledger.note import QuorumPolicy


@dataclass(frozen=True, slots=True)
class ListCopy:
    """A status list as fetched, and the proof that these bytes were public in an epoch, if any."""

    token: str
    proof: AnchorProof | None


@dataclass(frozen=True, slots=True)
class Memory:
    """
    What this verifier saw before, so that a register which rewrites its past is found out:
    `epochs` maps an epoch to the SHA-256 of its leaf, `versions` a list to its highest version.
    """

    epochs: Mapping[int, bytes] = field(default_factory=dict)
    versions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Documents:
    """
    What is said of types and of schemas, by the name that a credential gives them: type metadata
    of each `vct` with all that it extends, and JSON Schemas. `validate` decides about schemas. A
    type or schema that is not here is not judged.
    """

    types: Mapping[str, bytes] = field(default_factory=dict)
    schemas: Mapping[str, bytes] = field(default_factory=dict)
    validate: Validate | None = None


@dataclass(frozen=True, slots=True)
class Material:
    """
    `lists`: for each list URI the copies at hand; an anchored one says *valid*, any authentic one
    may make the verdict worse. `log`: which log and witnesses count; None when nothing is anchored
    (judge). `is_replayed`: this key binding was seen before. `proofs`: what child processes said
    of proofs that are not judged here, by `Credential.external_proof`. `existence`: proofs that a
    signature was there before a time, by `existence_digest` in base64url; without one, nothing
    that a stolen key signed counts. `signatures`: those of issuers that were found right before.
    `documents`: what types and schemas demand; empty ones demand nothing.
    """

    trust: TrustRegistry
    lists: Mapping[str, tuple[ListCopy, ...]]
    log: QuorumPolicy | None
    is_replayed: bool
    memory: Memory = field(default_factory=Memory)
    proofs: Mapping[str, bool] = field(default_factory=dict)
    existence: Mapping[str, tuple[ExistenceProof, ...]] = field(default_factory=dict)
    signatures: SignatureMemory | None = None
    documents: Documents = Documents()
