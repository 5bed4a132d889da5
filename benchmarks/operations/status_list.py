"""A Token Status List of 131,072 entries: set one, compress, sign."""

import random
from collections.abc import Callable
from datetime import timedelta

from benchmarks import raw
from benchmarks.measure import local
from benchmarks.operation import Bench, Operation, refuse_unless
from benchmarks.papers import DAY, ENTRIES, INDEX, LIST, Papers
from credentials.model import Status, StatusPurpose
from credentials.status import StatusArray, build_bitstring_credential, build_status_list_token
from credentials.status_lists import read_status_list, status_at
from encoding.compression import Effort, deflate_zlib

SET = ENTRIES // 50
MILLISECONDS = 0.3


def build(bench: Bench) -> list[Operation]:
    """Two of a hundred entries are revoked or suspended, scattered as in life."""
    papers = bench.papers
    dice = random.Random(131_072)
    array = StatusArray.all_valid(ENTRIES).with_statuses(
        {dice.randrange(ENTRIES): dice.choice([*Status]) for _ in range(SET)}
    )
    read = read_status_list(publish(papers, array))
    refuse_unless(status_at(read, INDEX, StatusPurpose.BOTH) is Status.REVOKED, "status list")
    sign = raw.p256_signature()
    packed = bytearray(array.packed)
    return [
        Operation(
            "status list of 131,072: set one, compress, sign",
            local(lambda: publish(papers, array)),
            local(lambda: (bytes(packed), sign())),
            "one raw P-256 signature and a copy",
            note=lambda rate: (
                f"{1000 / rate:.3f} ms of {MILLISECONDS} ms: "
                + ("met" if 1000 / rate <= MILLISECONDS else "missed")
            ),
            parts=parts_of_publishing(papers, array),
        )
    ]


def publish(papers: Papers, array: StatusArray) -> str:
    """As at every change."""
    return build_status_list_token(
        array.with_statuses({INDEX: Status.REVOKED}), uri=LIST,
        issued_at=papers.now, expires_at=papers.now + DAY, ttl=timedelta(minutes=1),
        signer=papers.issuer, key_id=papers.issuer_key.thumbprint, effort=Effort.QUICK,
    )  # fmt: skip


def parts_of_publishing(papers: Papers, array: StatusArray) -> dict[str, Callable[[], object]]:
    """And the two forms that are made beside it."""
    return {
        "set one": lambda: array.with_statuses({INDEX: Status.REVOKED}),
        "compress at a change": lambda: deflate_zlib(array.packed, effort=Effort.QUICK),
        "compress at a renewal": lambda: deflate_zlib(array.packed),
        "sign 10,000 bytes": lambda: papers.issuer.sign(raw.DATA * 10),
        "a Bitstring list beside it": lambda: build_bitstring_credential(
            array, purpose=StatusPurpose.REVOCATION, uri=LIST, issuer="did:web:issuer.example",
            valid_from=papers.now, valid_until=papers.now + DAY, ttl=timedelta(minutes=1),
            signer=papers.issuer, effort=Effort.QUICK,
        ),
    }  # fmt: skip
