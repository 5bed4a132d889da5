"""The cases of `staples.json`: what a phone holds, the staple it is shown, what must come of it."""

from dataclasses import replace
from datetime import timedelta

from encoding import base64url
from encoding.cbor import build_cbor, parse_cbor
from ledger.epoch import build_epoch_leaf
from ledger.merkle import leaf_hash
from ledger.note import parse_checkpoint_text, parse_note
from ledger.staple_form import build_epoch_head, build_staple
from tests.vectors.small_city import NOW
from tests.vectors.small_ledger import Log
from tests.vectors.staple_log import (
    ISSUER,
    LOG,
    SIGNED_WITH,
    TYPE,
    URI,
    StapledCity,
    noise,
    statement,
)

REVOKED_AT, SUSPENDED_AT, INDEX = 300, 303, 301
ENTRIES = bytearray(3 * 64 + 20)
ENTRIES[REVOKED_AT // 4] |= 1
ENTRIES[SUSPENDED_AT // 4] |= 2 << 6
FULL = bytes(range(1, 65)) * 3
CITY = StapledCity(entries=bytes(ENTRIES))
HEAD = build_epoch_head(CITY.head())
SHORT = replace(CITY, epochs=9, ahead=4)


def edit(data, *path, value):
    """The same CBOR with another value at a place."""
    parts = parse_cbor(data)
    inner = parts
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value(inner[path[-1]]) if callable(value) else value
    return build_cbor(parts)


def case(name, data, expect="valid", reason=None, **given):
    """One case; what is not said is the honest credential, and an empty memory."""
    words = {
        "head": None,
        "uri": URI,
        "index": INDEX,
        "is_bitstring": False,
        "issuer": ISSUER,
        "type": TYPE,
        "signed_with": base64url.encode(SIGNED_WITH),
        "policy": LOG.policy_text(),
        "now": int(NOW.timestamp()),
        "promised": 300,
        "memory": {"head": None, "epochs": {}, "roots": {}, "versions": {}},
        "receipts": [],
    }
    unknown = set(given) - set(words)
    assert not unknown, unknown
    return {
        "name": name,
        "given": {"staple": base64url.encode(data), **(words | given)},
        "expect": expect,
        "reason": reason,
    }


def memory(city=CITY, **changes):
    """What a phone remembers that saw this city's head."""
    proof = city.proof()
    head = parse_checkpoint_text(parse_note(proof.checkpoint).text)
    leaf = leaf_hash(build_epoch_leaf(proof.epoch_leaf))
    return {
        "head": {"origin": head.origin, "size": head.size, "root": head.root.hex()},
        "epochs": {str(proof.epoch_leaf.epoch): leaf.hex()},
        "roots": {str(head.size): head.root.hex()},
        "versions": {URI: city.version},
    } | changes


def receipt(value, due, index=INDEX):
    """A promise that the entry has this value from an epoch on."""
    return {"uri": URI, "index": index, "value": value, "due_epoch": due}


FULL_STAPLE = CITY.staple_bytes(INDEX)
LEAN = CITY.staple_bytes(INDEX, with_head=False)
FLIP = {"value": lambda data: bytes([data[0] ^ 1]) + data[1:]}


def held(data=HEAD):
    """A phone that holds this head."""
    return {"head": base64url.encode(data)}


def sound_cases():
    """Staples that hold."""
    bits = replace(CITY, entries=bytes(ENTRIES), bits=1)
    keys = tuple(sorted((SIGNED_WITH, noise("next key"))))
    rotating = replace(CITY, statement=statement(credential_keys=keys))
    forever = replace(CITY, statement=statement(not_after=None))
    dense = replace(CITY, entries=FULL)
    return [
        case("a valid entry", FULL_STAPLE, expect=0),
        case("a revoked entry", CITY.staple_bytes(REVOKED_AT), index=REVOKED_AT, expect=1),
        case("a suspended entry", CITY.staple_bytes(SUSPENDED_AT), index=SUSPENDED_AT, expect=2),
        case("an entry of the short last chunk", CITY.staple_bytes(840), index=840, expect=0),
        case("a chunk without zeros", dense.staple_bytes(5), index=5, expect=0),
        case("a W3C list begins at the top bit", bits.staple_bytes(607), index=607, expect=1,
             is_bitstring=True),
        case("the head is held", LEAN, expect=0, **held()),
        case("the head is held without its trust leaves",
             CITY.staple_bytes(INDEX, with_head=False, with_trust_path=True), expect=0,
             **held(build_epoch_head(replace(CITY.head(), trust=())))),
        case("a later checkpoint", SHORT.staple_bytes(INDEX), expect=0),
        case("two keys while one takes over", rotating.staple_bytes(INDEX), expect=0),
        case("an accreditation without end", forever.staple_bytes(INDEX), expect=0),
        case("the same epoch again", FULL_STAPLE, expect=0, memory=memory()),
        case("a newer epoch of a newer list",
             replace(CITY, epochs=10, version=CITY.version + 1).staple_bytes(INDEX), expect=0,
             memory=memory()),
        case("an older epoch, the same list", replace(CITY, epochs=8).staple_bytes(INDEX),
             expect=0, memory=memory()),
        case("a promise that is kept", CITY.staple_bytes(REVOKED_AT), index=REVOKED_AT, expect=1,
             receipts=[receipt(1, 9, REVOKED_AT)]),
        case("a promise that is not due yet", FULL_STAPLE, expect=0, receipts=[receipt(1, 10)]),
        case("a promise about another entry", FULL_STAPLE, expect=0,
             receipts=[receipt(1, 9, INDEX + 1)]),
    ]  # fmt: skip


def remembered_cases():
    """Staples that hold by themselves, and not beside what the phone saw before."""
    older = replace(CITY, version=CITY.version - 60)
    return [
        refuse("an older list", older.staple_bytes(INDEX), "rollback",
               memory=memory(epochs={}, roots={})),
        refuse("an older list in a newer epoch", replace(older, epochs=10).staple_bytes(INDEX),
               "rollback", memory=memory()),
        refuse("two leaves of one epoch", replace(CITY, lists=6).staple_bytes(INDEX), "fork",
               memory=memory(roots={})),
        refuse("two roots of one size", replace(CITY, salt="fork").staple_bytes(INDEX), "fork",
               memory=memory()),
        refuse("an epoch older than promised", FULL_STAPLE, "overdue",
               now=int((NOW + timedelta(minutes=10)).timestamp())),
        refuse("a withheld revocation", FULL_STAPLE, "overdue", receipts=[receipt(1, 9)]),
        refuse("a revocation that was taken back unpromised", FULL_STAPLE, "overdue",
               receipts=[receipt(2, 3), receipt(0, 3)]),
        refuse("another log's memory", FULL_STAPLE, "wrong_log",
               memory=memory(head={"origin": "log.other.example", "size": 9, "root": "00" * 32})),
    ]  # fmt: skip


def refuse(name, data, reason, **given):
    """A case that is refused."""
    return case(name, data, "refused", reason, **given)


def untrue_cases():
    """Staples that do not hold."""
    late = statement(not_before=int((NOW + timedelta(days=1)).timestamp()))
    ended = statement(not_after=int((NOW - timedelta(days=1)).timestamp()))
    other = Log("log.other.example")
    stranger = {"signed_with": base64url.encode(noise("stranger"))}
    unlisted = replace(CITY, statement=statement(credential_keys=(noise("other key"),)))
    future = replace(CITY, time=NOW + timedelta(hours=1), seen=NOW)
    return [
        refuse("another list's", FULL_STAPLE, "bad_signature", uri=f"{ISSUER}/status/18"),
        refuse("another list's, head held", LEAN, "not_in_snapshot", uri=f"{ISSUER}/status/18",
               **held()),
        refuse("another chunk's", FULL_STAPLE, "bad_signature", index=5),
        refuse("beyond the list", FULL_STAPLE, "wrong_chunk", index=848),
        refuse("another issuer's", FULL_STAPLE, "bad_signature", issuer=f"{ISSUER}x"),
        refuse("another type's", LEAN, "not_in_trust", type=f"{TYPE}x", **held()),
        refuse("signed with a stranger's key", FULL_STAPLE, "bad_signature", **stranger),
        refuse("a key that is not listed", unlisted.staple_bytes(INDEX), "key_not_listed"),
        refuse("accredited from tomorrow on", replace(CITY, statement=late).staple_bytes(INDEX),
               "not_accredited"),
        refuse("accredited until yesterday", replace(CITY, statement=ended).staple_bytes(INDEX),
               "not_accredited"),
        refuse("a status that was flipped", edit(FULL_STAPLE, 2, 0, value=lambda data: data[:-1]
               + bytes([data[-1] ^ 1])), "bad_signature"),
        refuse("a version that was raised",
               edit(FULL_STAPLE, 2, 2, value=lambda number: number + 1), "bad_signature"),
        refuse("a path of the chunk that was changed", edit(FULL_STAPLE, 2, 1, **FLIP),
               "bad_signature"),
        refuse("a path of the chunk that is too short",
               edit(FULL_STAPLE, 2, 1, value=lambda data: data[32:]), "not_in_list"),
        refuse("a path of the list that is too short",
               edit(FULL_STAPLE, 2, 7, value=lambda data: data[32:]), "not_in_snapshot"),
        refuse("a path of trust that is too short",
               edit(FULL_STAPLE, 3, 3, value=lambda data: data[32:]), "not_in_trust"),
        refuse("a path of the log that is too short",
               edit(SHORT.staple_bytes(INDEX), 4, 3, value=lambda data: data[32:]), "not_in_log"),
        refuse("an epoch that was dated anew",
               edit(FULL_STAPLE, 4, 0, value=lambda seconds: seconds + 60), "bad_signature"),
        refuse("one witness of two", replace(CITY, witnesses=1).staple_bytes(INDEX), "no_quorum"),
        refuse("no signature of the log", edit(FULL_STAPLE, 4, 4, value=b""), "no_log_signature"),
        refuse("a log that is not ours", replace(CITY, log=other).staple_bytes(INDEX),
               "no_log_signature"),
        refuse("an epoch in the future", future.staple_bytes(INDEX), "epoch_in_the_future"),
        refuse("the head is not held", LEAN, "head_not_held"),
        refuse("another epoch's head is held", LEAN, "head_not_held",
               **held(build_epoch_head(replace(CITY, epochs=10).head()))),
        refuse("the held head lacks the trust leaves", LEAN, "not_in_trust",
               **held(build_epoch_head(replace(CITY.head(), trust=())))),
        refuse("the trust leaves of a held head were changed", LEAN, "not_in_trust",
               **held(edit(HEAD, 5, **FLIP))),
        refuse("a held head that nobody signed", LEAN, "bad_signature",
               **held(edit(HEAD, 2, **FLIP))),
    ]  # fmt: skip


def unreadable_cases():
    """Bytes that are no staple."""
    staple = CITY.staple(INDEX)
    odd_chunk = replace(staple, entry=replace(staple.entry, data=bytes(64)))
    bare = replace(staple, trust=replace(staple.trust, path=None))
    broken = {
        "nothing": b"",
        "no CBOR": b"\xff",
        "no array": build_cbor({"a": 1}),
        "another format": edit(FULL_STAPLE, 0, value=2),
        "a format that is true": edit(FULL_STAPLE, 0, value=True),
        "epoch zero": edit(FULL_STAPLE, 1, value=0),
        "a part too many": build_cbor([*parse_cbor(FULL_STAPLE), 0]),
        "three bits": edit(FULL_STAPLE, 2, 3, value=3),
        "a path of half a hash": edit(FULL_STAPLE, 2, 1, value=lambda data: data[:-16]),
        "a digest of 31 bytes": edit(FULL_STAPLE, 2, 5, value=lambda data: data[1:]),
        "a chunk of 65 bytes": edit(FULL_STAPLE, 2, 0, value=bytes(65)),
        "an empty chunk": edit(FULL_STAPLE, 2, 0, value=b""),
        "a chunk that should be packed": build_staple(odd_chunk),
        "a packed chunk with a zero": edit(FULL_STAPLE, 2, 0, value=bytes(7) + b"\1\0"),
        "a packed chunk too short": edit(FULL_STAPLE, 2, 0, value=bytes(7)),
        "a statement that is text": edit(FULL_STAPLE, 3, 0, value="x"),
        "a head but no trust path": build_staple(bare),
        "a time without cosignature": edit(FULL_STAPLE, 4, 6, value=lambda times: [*times, 0]),
        "a time before 1970": edit(FULL_STAPLE, 4, 6, value=[-(2**40), 0]),
        "a negative number": edit(FULL_STAPLE, 2, 4, value=-1),
        "bytes behind": FULL_STAPLE + b"\0",
        "cut off": FULL_STAPLE[:-1],
    }
    no_keys = edit(FULL_STAPLE, 3, 0, value=build_cbor([1, None, [1], [], bytes(32)]))
    twice = build_cbor([1, None, [None, None], [], bytes(32)])
    return [
        *(refuse(name, data, "malformed_staple") for name, data in broken.items()),
        refuse("a key that is a number", no_keys, "malformed_trust_leaf"),
        refuse("a key twice", edit(FULL_STAPLE, 3, 0, value=twice), "malformed_trust_leaf"),
        refuse("an empty statement", edit(FULL_STAPLE, 3, 0, value=b""), "malformed_trust_leaf"),
    ]


CASES = [*sound_cases(), *remembered_cases(), *untrue_cases(), *unreadable_cases()]
