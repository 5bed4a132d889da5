"""The log and the certificate authority of the small city, deterministic like all of it."""

import base64

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from credentials.status_lists import read_status_list
from credentials.x509 import build_authority_certificate, build_leaf_certificate
from encoding import base64url
from ledger.anchor import AnchorProof, build_anchor_proof_json
from ledger.epoch import (
    EpochLeaf,
    ListLeaf,
    build_epoch_leaf,
    build_list_leaf,
    chunk_root,
    token_digest,
    trust_root,
)
from ledger.merkle import inclusion_proof, leaf_hash, tree_root
from ledger.note import (
    Checkpoint,
    QuorumPolicy,
    build_checkpoint_text,
    build_cosignature,
    sign_note,
)
from ledger.quorum import build_policy
from ledger.vkey import COSIGNATURE, ED25519, VerifierKey
from tests.vectors.small_city import DAY, MINUTE, NOW, public, signer


class Log:
    """A log with two witnesses, both of which must cosign."""

    def __init__(self, name="log.city.example"):
        self.signer = signer(name, edwards=True)
        self.key = self._key(name, ED25519, self.signer)
        self.witnesses = []
        for number in (1, 2):
            witness = signer(f"witness {number} of {name}", edwards=True)
            self.witnesses.append(
                (self._key(f"witness-{number}.{name}", COSIGNATURE, witness), witness)
            )
        self.policy = QuorumPolicy(
            log=self.key, witnesses=tuple(key for key, _ in self.witnesses), threshold=2
        )

    @staticmethod
    def _key(name, kind, some):
        raw = base64url.decode(some.public_jwk["x"])
        return VerifierKey(name=name, signature_type=kind, public_key=raw)

    def anchor(
        self,
        tokens,
        *,
        epoch=40,
        time=NOW - 5 * MINUTE,
        versions=None,
        witnesses=2,
        seen=None,
        size=None,
    ):
        """A proof for each list token, all in one epoch of a log of `epoch` leaves."""
        read = {token: read_status_list(token) for token in tokens}
        ordered = sorted(tokens, key=lambda token: read[token].uri)
        leaves = [
            ListLeaf(
                uri=read[token].uri,
                version=(versions or {}).get(read[token].uri, epoch),
                bits=read[token].bits,
                size=size or read[token].size,
                token_digest=token_digest(token.encode()),
                chunk_root=chunk_root(read[token].entries),
            )
            for token in ordered
        ]
        hashes = [leaf_hash(build_list_leaf(each)) for each in leaves]
        leaf = EpochLeaf(epoch, time, len(leaves), tree_root(hashes), trust_root(()))
        log = [leaf_hash(bytes([count])) for count in range(epoch - 1)]
        log.append(leaf_hash(build_epoch_leaf(leaf)))
        text = build_checkpoint_text(Checkpoint(self.key.name, len(log), tree_root(log)))
        note = sign_note(text, key=self.key, signer=self.signer)
        for key, witness in self.witnesses[:witnesses]:
            note += build_cosignature(text, key=key, signer=witness, now=seen or max(time, NOW))
        return {
            token: build_anchor_proof_json(
                AnchorProof(
                    list_leaf=leaves[place],
                    list_index=place,
                    list_path=inclusion_proof(hashes, place),
                    epoch_leaf=leaf,
                    epoch_index=len(log) - 1,
                    epoch_path=inclusion_proof(log, len(log) - 1),
                    checkpoint=note,
                )
            )
            for place, token in enumerate(ordered)
        }

    def policy_text(self):
        """The policy as text."""
        return build_policy(self.policy)


class Authority:
    """A certificate authority for `x5c`."""

    def __init__(self, name="City Root"):
        self.signer = signer(name)
        builder = build_authority_certificate(
            common_name=name,
            public_key=public(self.signer),
            serial=1,
            valid_from=NOW - 400 * DAY,
            validity=3650 * DAY,
        )
        self.certificate = self._sign(builder)
        self.der = self.certificate.public_bytes(Encoding.DER)

    def _sign(self, builder):
        return builder.sign(self.signer.private_key, SHA256(), ecdsa_deterministic=True)

    def leaf(self, some, *, uri, valid_from=NOW - 30 * DAY, validity=365 * DAY):
        """The DER of a certificate for an agency's key."""
        builder = build_leaf_certificate(
            common_name="Agency",
            public_key=public(some),
            authority=self.certificate,
            uris=(uri,),
            dns_names=("issuer.city.example",),
            serial=2,
            valid_from=valid_from,
            validity=validity,
        )
        return self._sign(builder).public_bytes(Encoding.DER)


def x5c_header(*certificates):
    """A header with a certificate chain."""
    return {"x5c": [base64.b64encode(each).decode() for each in certificates]}


LOG, AUTHORITY = Log(), Authority()
