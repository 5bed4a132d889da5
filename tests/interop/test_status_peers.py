"""Status lists with openvc-core and @sd-jwt: each reads the other's, and where they differ."""

import zlib
from datetime import timedelta

import pytest

from credentials.errors import Malformed
from credentials.jose import sign_jws
from credentials.model import Status, StatusPurpose
from credentials.status import StatusArray, build_bitstring_credential, build_status_list_token
from credentials.status_lists import is_signed_by, read_status_list, status_at, value_at
from credentials.verdict import format_instant
from encoding import base64url, compression
from encoding.strict_json import parse_object
from tests.interop.our_side import DAY, Party, now, seconds
from tests.interop.peer_page import Hostile, assert_disagreement, assert_exchange
from tests.interop.peer_process import PeerRefused
from tests.interop.sd_jwt_papers import sign

pytestmark = pytest.mark.interop
OPENVC, SD_JWT = "openvc-core", "@sd-jwt/sd-jwt-vc"
URI = "https://issuer.city.example/agencies/transport/status/1"
BY = Party("agency status")
SIZE = 131_072
TTL = timedelta(minutes=5)
# Index to value: valid at both ends, revoked, suspended.
STATUSES = {0: 0, 1: 1, 7: 2, 4_099: 1, SIZE - 2: 1, SIZE - 1: 0}


def array():
    known = {1: Status.REVOKED, 2: Status.SUSPENDED}
    return StatusArray.all_valid(SIZE).with_statuses(
        {index: known[value] for index, value in STATUSES.items() if value}
    )


def token_list(**changes):
    words = {
        "uri": URI,
        "issued_at": now() - DAY,
        "expires_at": now() + DAY,
        "ttl": TTL,
        "signer": BY.signer,
        "key_id": BY.key.thumbprint,
        **changes,
    }
    return build_status_list_token(array(), **words)


def bitstring_list(purpose):
    return build_bitstring_credential(
        array(),
        purpose=purpose,
        uri=URI,
        issuer=BY.did,
        valid_from=now() - DAY,
        valid_until=now() + DAY,
        ttl=TTL,
        signer=BY.signer,
        key_id=BY.method,
    )


def body_of(token):
    return parse_object(base64url.decode(token.split(".")[1]))


def entry(index, purpose="revocation"):
    return {
        "id": f"{URI}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": URI,
    }


def read_there(peers, name, token, index):
    if name == SD_JWT:
        return peers[name].ask("readTokenList", token=token, index=index)
    return peers[name].ask("read_token_list", token=token, uri=URI, index=index, jwk=BY.jwk)


def altered(token):
    header, payload, signature = token.split(".")
    changed = base64url.decode(payload).replace(b"/status/1", b"/status/2")
    return ".".join((header, base64url.encode(changed), signature))


@pytest.mark.parametrize("name", [OPENVC, SD_JWT])
def test_they_read_our_token_status_list_and_we_read_theirs(peers, name):
    token = token_list()
    ours = {
        index: read_there(peers, name, token, index) == value for index, value in STATUSES.items()
    }
    # The reader of @sd-jwt leaves signatures to its caller.
    changed = None if name == SD_JWT else {0: refused_there(peers, name, altered(token))}
    theirs = read_status_list(their_list(peers, name))
    back = {index: value_at(theirs, index) == value for index, value in STATUSES.items()}

    assert is_signed_by(theirs, BY.key)
    assert all((*ours.values(), *back.values(), *(changed or {}).values())), (ours, changed, back)
    assert_exchange("statuslist+jwt", name, ours=ours, altered=changed, theirs=back)


def refused_there(peers, name, token, index=0):
    try:
        read_there(peers, name, token, index)
    except PeerRefused:
        return True
    return False


def their_list(peers, name):
    if name == OPENVC:
        return peers[name].ask(
            "issue_token_list",
            uri=URI,
            size=SIZE,
            statuses=[[index, value] for index, value in STATUSES.items()],
            bits=2,
            jwk=BY.private_jwk,
            expires=seconds(now() + DAY),
        )
    values = [STATUSES.get(index, 0) for index in range(SIZE)]
    packed = peers[name].ask("packTokenList", statuses=values, bits=2)
    claims = {
        "sub": URI,
        "iat": seconds(now() - DAY),
        "exp": seconds(now() + DAY),
        "ttl": 300,
        "status_list": {"bits": 2, "lst": packed},
    }
    header = {"kid": BY.key.thumbprint}
    return sign_jws(claims, type="statuslist+jwt", signer=BY.signer, header=header)


def test_openvc_core_reads_our_bitstrings_and_we_read_its(peers):
    openvc, ours, back = peers[OPENVC], {}, {}
    for purpose, word, value in (
        (StatusPurpose.REVOCATION, "revoked", 1),
        (StatusPurpose.SUSPENSION, "suspended", 2),
    ):
        credential = body_of(bitstring_list(purpose))
        for index, status in STATUSES.items():
            found = openvc.ask(
                "read_bitstring_list", credential=credential, entry=entry(index, purpose.value)
            )
            ours[purpose.value, index] = found[word] is (status == value)
    revoked = [index for index, value in STATUSES.items() if value == 1]
    made = openvc.ask("issue_bitstring_list", uri=URI, issuer=BY.did, size=SIZE, indices=revoked)
    made |= {"validFrom": format_instant(now() - DAY), "validUntil": format_instant(now() + DAY)}
    header = {"kid": BY.method, "cty": "vc"}
    read = read_status_list(sign_jws(made, type="vc+jwt", signer=BY.signer, header=header))
    for index in STATUSES:
        status = status_at(read, index, StatusPurpose.REVOCATION)
        back[index] = (status.value != "valid") is (index in revoked)

    assert all((*ours.values(), *back.values())), (ours, back)
    assert_exchange("BitstringStatusListCredential", OPENVC, ours=ours, altered=None, theirs=back)


# Lists on which readers differ; each is asked for the status of index 7, which is suspended.


def by_hand(listed=None, *, header=None, **changes):
    claims = body_of(token_list()) | changes
    claims["status_list"] = claims["status_list"] | (listed or {})
    claims = {name: value for name, value in claims.items() if value is not None}
    words = {"type_": "statuslist+jwt", "header": {"kid": BY.key.thumbprint}, **(header or {})}
    return sign(claims, by=BY, **words)


def packed(data):
    return {"lst": base64url.encode(compression.deflate_zlib(data))}


def raw_deflate():
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return {"lst": base64url.encode(machine.compress(array().packed) + machine.flush())}


def behind_the_stream():
    return {"lst": base64url.encode(compression.deflate_zlib(array().packed) + b"more")}


MAKERS = {
    "nothing wrong": by_hand,
    "another typ": lambda: by_hand(header={"type_": "JWT"}),
    "the list of another place": lambda: by_hand(sub=URI.replace("/1", "/2")),
    "no sub": lambda: by_hand(sub=None),
    "a list that expired": lambda: by_hand(exp=seconds(now() - DAY)),
    "an exp that is text": lambda: by_hand(exp="2099-01-01"),
    "three bits": lambda: by_hand({"bits": 3}),
    "bits as text": lambda: by_hand({"bits": "2"}),
    "an index behind the end": lambda: by_hand(packed(b"\0")),
    "a list without zlib's head": lambda: by_hand(raw_deflate()),
    "bytes behind the compressed list": lambda: by_hand(behind_the_stream()),
    "half of the compressed list": lambda: by_hand(
        {"lst": body_of(token_list())["status_list"]["lst"][:40]}
    ),
    "padding behind the list": lambda: by_hand(
        {"lst": body_of(token_list())["status_list"]["lst"] + "="}
    ),
    "a bomb of 64 megabytes": lambda: by_hand(packed(bytes(64 << 20))),
}
_TSL = "Token Status List"
_SUB = "MUST be equal to the uri claim in the status_list object of the Referenced Token"
_ZLIB = "using DEFLATE with the ZLIB data format"
ROWS = (
    ("nothing wrong", True, f"{_TSL} 8.3", "Retrieve the status value of the index"),
    ("another typ", False, f"{_TSL} 5.1", "The JWT type MUST be statuslist+jwt"),
    ("the list of another place", False, f"{_TSL} 8.3", _SUB),
    ("no sub", False, f"{_TSL} 5.1", "sub: REQUIRED"),
    (
        "a list that expired",
        False,
        f"{_TSL} 8.3",
        "it MUST be checked if the Status List Token is expired",
    ),
    ("an exp that is text", False, "RFC 7519 4.1.4", "Its value MUST be a number"),
    ("three bits", False, f"{_TSL} 4.2", "The allowed values for bits are 1, 2, 4, and 8"),
    ("bits as text", False, f"{_TSL} 4.2", "bits: REQUIRED. JSON Integer"),
    (
        "an index behind the end",
        False,
        f"{_TSL} 8.3",
        "out of bounds [...] the Referenced Token MUST be rejected",
    ),
    ("a list without zlib's head", False, f"{_TSL} 4.1", _ZLIB),
    (
        "bytes behind the compressed list",
        False,
        "RFC 1950 2.2",
        "the stream ends with its checksum (our words)",
    ),
    (
        "half of the compressed list",
        False,
        "RFC 1950 2.3",
        "a decompressor checks the checksum (our words)",
    ),
    ("padding behind the list", False, "RFC 7515 2", "with all trailing '=' characters omitted"),
    ("a bomb of 64 megabytes", False, f"{_TSL} 11", "what is unpacked is bounded (our words)"),
)
HOSTILE = tuple(Hostile(*row) for row in ROWS)


def accepted_here(token, index=7):
    """Reads, signed, of this place, in time, and has the index."""
    try:
        found = read_status_list(token)
        value_at(found, index)
    except Malformed:
        return False
    is_in_time = found.expires_at is None or found.expires_at > now()
    return is_signed_by(found, BY.key) and found.uri == URI and is_in_time


def judged_there(peers, name, hostile, token):
    """None for the bomb at @sd-jwt: its process grows until it dies, and there is no answer."""
    if (name, hostile.name) == (SD_JWT, "a bomb of 64 megabytes"):
        return None
    return not refused_there(peers, name, token, 7)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda each: each.name)
def test_where_they_differ_the_text_decides(peers, hostile):
    token = MAKERS[hostile.name]()

    assert accepted_here(token) is hostile.accepted
    answers = {name: judged_there(peers, name, hostile, token) for name in (OPENVC, SD_JWT)}
    assert_disagreement("statuslist+jwt", hostile, answers)
