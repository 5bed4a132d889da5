"""
Issue an mdoc: the IssuerSigned that a wallet keeps (ISO 18013-5 sections 8.3.2.1.2.2 and 9.1.2).

Nothing in it tells which elements exist beside those that are shown: digest ids are a random
order of the elements, taken from their salts, and every digest is salted. The order of elements
in the document is that in which they are given.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from credentials.cose import X5CHAIN, build_protected, build_value, sig_structure
from credentials.errors import Malformed
from credentials.keys import PublicKey, Signer
from credentials.mdoc import MIN_SALT_BYTES
from credentials.mdoc_values import EMBEDDED_TAG
from credentials.mobile_security_object import build_mso
from credentials.model import StatusReference
from encoding.cbor import CborValue, Tagged, build_embedded

Namespaces = Mapping[str, Mapping[str, CborValue]]
"""Namespace to element to value; dates are `build_full_date` or `build_tdate`."""


def issue_mdoc(
    namespaces: Namespaces,
    *,
    doc_type: str,
    signer: Signer,
    x5chain: Sequence[bytes],
    device_key: PublicKey,
    signed: datetime,
    valid_from: datetime,
    valid_until: datetime,
    status: StatusReference | None,
    salt: Callable[[], bytes],
) -> bytes:
    """
    The encoded IssuerSigned. `x5chain`: the signer's certificates (DER), leaf first, without the
    anchor. `salt` gives at least 16 fresh random bytes at each call.
    """
    if not signed <= valid_from < valid_until:
        raise Malformed("the times of an mdoc are out of order", detail="invalid_time")
    if not x5chain or not namespaces or not all(namespaces.values()):
        raise Malformed("an mdoc has a certificate and elements", detail="invalid_mdoc")
    items = {name: _build_items(each, salt=salt) for name, each in namespaces.items()}
    mso = build_mso(
        doc_type=doc_type,
        digests={
            name: {number: hashlib.sha256(build_embedded(item)).digest() for number, item in each}
            for name, each in items.items()
        },
        device_key=device_key,
        signed=signed,
        valid_from=valid_from,
        valid_until=valid_until,
        status=status,
    )
    return _sign(build_embedded(mso), items, signer=signer, x5chain=x5chain)


def _sign(
    payload: bytes,
    items: Mapping[str, Sequence[tuple[int, bytes]]],
    *,
    signer: Signer,
    x5chain: Sequence[bytes],
) -> bytes:
    """The IssuerSigned of an encoded MSO and the items that it has digests of."""
    protected = build_protected(signer.algorithm, {})
    # RFC 9360 section 2: one certificate is a byte string, several are an array.
    chain: CborValue = x5chain[0] if len(x5chain) == 1 else list(x5chain)
    return build_value(
        {
            "nameSpaces": {
                name: [Tagged(EMBEDDED_TAG, item) for _, item in each]
                for name, each in items.items()
            },
            "issuerAuth": [
                protected,
                {X5CHAIN: chain},
                payload,
                signer.sign(sig_structure(protected, payload)),
            ],
        }
    )


def _build_items(
    elements: Mapping[str, CborValue], *, salt: Callable[[], bytes]
) -> list[tuple[int, bytes]]:
    """Digest id and encoded IssuerSignedItem of each element."""
    salts = [salt() for _ in elements]
    if any(len(each) < MIN_SALT_BYTES for each in salts) or len(set(salts)) != len(salts):
        raise Malformed("each element needs a salt of its own", detail="weak_salt")
    # The order of hashes of salts is random, and a shown salt tells nothing of the others.
    order = sorted(salts, key=lambda each: hashlib.sha256(b"digest id" + each).digest())
    numbers = {each: number for number, each in enumerate(order)}
    return [
        (
            numbers[each],
            build_value(
                {
                    "digestID": numbers[each],
                    "random": each,
                    "elementIdentifier": name,
                    "elementValue": value,
                }
            ),
        )
        for each, (name, value) in zip(salts, elements.items(), strict=True)
    ]
