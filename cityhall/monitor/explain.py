"""
The status history of one entry of a list, from public data alone.

Each version of the list is proved in the first and in the last epoch that had it. Its value is read
while its bytes are kept. Later only digests remain, and they say one thing: where the bits of two
versions have the same root, no entry changed between them. Public data cannot tell why a status
changed, who changed it, or whose entry this is; nor, for a version whose bytes are gone and whose
bits differ from both neighbours', whether this entry or another one changed.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

from cityhall.monitor.log_check import Head
from cityhall.monitor.past import prove_past, read_past
from cityhall.monitor.public_log import Absent, NotReadable, PublicLog
from credentials.model import StatusPurpose
from credentials.status_lists import status_at
from encoding import base64url
from encoding.errors import EncodingError
from encoding.strict_json import JsonValue
from ledger.epoch import ListLeaf, parse_list_leaf
from ledger.errors import AnchorError

LIMITS = (
    "why a status changed, who changed it and whose entry this is stands in no public data",
    "an unknown value: its bytes are gone, and other entries of the list changed as well",
)
MAX_PROVED = 2000


@dataclass(frozen=True, slots=True)
class Era:
    """A run of epochs with one version. `status` None: unknown; `source`: how it is known."""

    first_epoch: int
    last_epoch: int
    leaf: ListLeaf
    status: str | None
    source: str


def explain(log: PublicLog, head: Head, *, uri: str, index: int) -> list[Era]:
    """Every version with what is known of the entry, oldest first."""
    eras = [_read_era(row, head) for row in _load_rows(log, uri)]
    for before, after in pairwise(eras):
        if after.first_epoch != before.last_epoch + 1 or after.leaf.version < before.leaf.version:
            raise AnchorError("the versions do not follow each other", detail="wrong_list")
    known = [_prove(log, head, era, uri=uri, index=index) for era in eras[-MAX_PROVED:]]
    return _spread(known)


def changes(eras: list[Era]) -> list[Era]:
    """The eras in which the value is another than before, or stops being known."""
    return [era for at, era in enumerate(eras) if at == 0 or eras[at - 1].status != era.status]


def describe(eras: list[Era], *, uri: str, index: int) -> dict[str, JsonValue]:
    """The JSON of the command."""
    return {
        "list": uri,
        "index": index,
        "history": [
            {
                "first_epoch": era.first_epoch,
                "last_epoch": era.last_epoch,
                "version": era.leaf.version,
                "status": era.status,
                "known_by": era.source,
            }
            for era in eras
        ],
        "changes": [{"epoch": era.first_epoch, "status": era.status} for era in changes(eras)],
        "public_data_cannot_tell": [*LIMITS],
    }


def _load_rows(log: PublicLog, uri: str) -> list[JsonValue]:
    rows = log.json(log.past("versions", uri=uri), max_bytes=64 << 20).get("versions")
    if not isinstance(rows, list) or not rows:
        raise NotReadable("the register names no versions of this list")
    return rows


def _read_era(row: JsonValue, head: Head) -> Era:
    members = row if isinstance(row, dict) else {}
    data, first = members.get("list_leaf"), members.get("first_epoch")
    last = members.get("last_epoch")
    last = head.checkpoint.size if last is None else last
    if not isinstance(data, str) or type(first) is not int or type(last) is not int:
        raise NotReadable("a version of the list cannot be read")
    try:
        return Era(first, last, parse_list_leaf(base64url.decode(data)), None, "unknown")
    except EncodingError as error:
        raise NotReadable("a version of the list cannot be read") from error


def _prove(log: PublicLog, head: Head, era: Era, *, uri: str, index: int) -> Era:
    """The version in its first and last epoch; its value from its bytes, if they are kept."""
    for epoch in {era.first_epoch, era.last_epoch}:
        if prove_past(log, head, uri, epoch).list_leaf != era.leaf:
            raise AnchorError("an epoch has another version than is told", detail="wrong_list")
    try:
        listed = read_past(log, head, uri, era.first_epoch).listed
    except Absent:
        return era
    purpose = StatusPurpose(listed.purposes[0])
    return replace(era, status=status_at(listed, index, purpose).value, source="bytes")


def _spread(eras: list[Era]) -> list[Era]:
    """Carry a known value over to neighbours with the same bits, in both directions."""
    for at in (*range(1, len(eras)), *range(len(eras) - 2, -1, -1)):
        for beside in (at - 1, at + 1):
            if not 0 <= beside < len(eras) or eras[at].status is not None:
                continue
            other = eras[beside]
            if other.status is not None and other.leaf.chunk_root == eras[at].leaf.chunk_root:
                eras[at] = replace(eras[at], status=other.status, source="same bits as beside")
    return eras
