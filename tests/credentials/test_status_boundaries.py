"""Status lists at their limits, and the code of each refusal: gaps that mutation showed."""

import base64
import gzip
import hashlib
import io
import zlib
from datetime import timedelta

import pytest

from credentials.cwt_issuance import sign_cwt
from credentials.errors import Malformed
from credentials.jose import sign_jws
from credentials.model import Status
from credentials.status import (
    StatusArray,
    build_bitstring_credential,
    build_key_header,
    build_status_list_cwt,
    read_status_list,
)
from credentials.status_lists import (
    LEAST_BITSTRING,
    MAX_TOKEN_BYTES,
    read_bitstring,
    read_status_list_cwt,
)
from credentials.verdict import format_instant
from encoding import base64url, compression
from encoding.compression import Effort
from encoding.strict_json import parse_object
from tests.credentials.status_papers import (
    BITSTRING,
    NOW,
    REVOCATION,
    SIGNER,
    SUSPENSION,
    URI,
    bitstring_payload,
    credential_of,
    list_payload,
    signed,
    token_of,
)
from tests.credentials.test_jwt_vc import BASE, ISSUER, token

HOUR = timedelta(hours=1)
CWT_CLAIMS = {
    2: URI,
    6: int(NOW.timestamp()),
    65533: {"bits": 1, "lst": compression.deflate_zlib(bytes(16))},
}
NOISE = hashlib.shake_256(b"a large list").digest(80_000)
"""More than another token may hold, however it is compressed."""


def refusal(text):
    with pytest.raises(Malformed) as caught:
        read_status_list(text)
    return caught.value.detail


def refusal_of(act, *words):
    with pytest.raises(Malformed) as caught:
        act(*words)
    return caught.value.detail


def payload_of(token):
    return parse_object(base64url.decode(token.split(".")[1]), max_bytes=MAX_TOKEN_BYTES)


def header_of(token):
    return parse_object(base64url.decode(token.split(".")[0]), max_bytes=MAX_TOKEN_BYTES)


def list_cwt(array, **changes):
    words = {"uri": URI, "issued_at": NOW, "expires_at": NOW + HOUR, "ttl": HOUR, "signer": SIGNER}
    return build_status_list_cwt(array, **(words | changes))


def cwt(**changes):
    claims = CWT_CLAIMS | {int(name[1:]): value for name, value in changes.items()}
    return read_status_list_cwt(sign_cwt(claims, type="application/statuslist+cwt", signer=SIGNER))


def test_an_array_and_its_entries_are_refused_with_their_codes():
    array = StatusArray.all_valid(8)

    assert refusal_of(StatusArray.all_valid, 12) == "bad_size"
    assert refusal_of(StatusArray.all_valid, 0) == "bad_size"
    assert refusal_of(array.status, 8) == "range_error"
    assert refusal_of(array.status, -1) == "range_error"
    assert refusal_of(array.with_statuses, {8: Status.VALID}) == "range_error"


@pytest.mark.parametrize("effort", Effort)
def test_a_list_is_compressed_with_the_effort_that_was_asked_for(effort):
    array = StatusArray.all_valid(LEAST_BITSTRING).with_statuses(
        {index * index % LEAST_BITSTRING: Status.REVOKED for index in range(3000)}
    )
    packed = compression.deflate_zlib(array.packed, effort=effort)
    bits = compression.deflate_gzip(array.bitstring(Status.REVOKED), effort=effort)

    token = payload_of(token_of(array, effort=effort))
    credential = payload_of(credential_of(array, REVOCATION, effort=effort))

    assert token["status_list"]["lst"] == base64url.encode(packed)
    assert packed in list_cwt(array, effort=effort)
    assert credential["credentialSubject"]["encodedList"] == "u" + base64url.encode(bits)


def test_two_efforts_make_two_texts_of_one_list():
    """Else the test before would say nothing."""
    data = NOISE[:4096] + bytes(4096) + NOISE[:4096]

    assert compression.deflate_zlib(data, effort=Effort.QUICK) != (
        compression.deflate_zlib(data, effort=Effort.THOROUGH)
    )


def test_tsl_i_02_a_list_in_cbor_names_its_aggregation_and_its_certificates():
    data = list_cwt(
        StatusArray.all_valid(8),
        aggregation_uri="https://issuer.example/lists",
        x5c=(b"leaf", b"root"),
        key_id="key-1",
    )

    assert b"https://issuer.example/lists" in data
    hint = read_status_list_cwt(data).key_hint
    assert (hint.x5c, hint.key_id) == ((b"leaf", b"root"), "key-1")


def test_bsl_02_the_credential_of_a_bitstring_has_these_members_and_no_others():
    token = credential_of(StatusArray.all_valid(LEAST_BITSTRING), SUSPENSION)
    uri = f"{URI}/suspension"

    payload = payload_of(token)
    subject = payload.pop("credentialSubject")

    assert payload == {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": uri,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": "did:web:issuer.example",
        "validFrom": format_instant(NOW),
        "validUntil": format_instant(NOW + HOUR),
    }
    assert subject.pop("encodedList").startswith("u")
    assert subject == {
        "id": f"{uri}#list",
        "type": "BitstringStatusList",
        "statusPurpose": "suspension",
        "ttl": 300_000,
    }
    assert header_of(token)["kid"] == "did:web:issuer.example#key-1"


def test_a_header_names_a_key_by_id_and_by_certificates_in_plain_base64():
    assert build_key_header(x5c=(), key_id=None) == {}
    assert build_key_header(x5c=(b"\xff\xfe", b"root"), key_id="key-1") == {
        "kid": "key-1",
        "x5c": ["//4=", base64.b64encode(b"root").decode()],
    }


@pytest.mark.parametrize(
    "changes",
    [{"sub": ...}, {"sub": ""}, {"status_list": "eNo"}, {"status_list": {"bits": 1, "lst": 5}}],
)
def test_s_052_a_token_without_a_subject_or_a_list_has_its_code(changes):
    assert refusal(signed(list_payload(**changes))) == "malformed_status_list"


def test_a_list_names_its_issuer_only_in_text():
    assert read_status_list(signed(list_payload(iss="https://issuer.example"))).issuer == (
        "https://issuer.example"
    )
    assert read_status_list(signed(list_payload(iss=7))).issuer is None
    assert cwt(c1="https://issuer.example").issuer == "https://issuer.example"
    odd = bitstring_payload(issuer={"id": 7})
    assert read_status_list(signed(odd, type="vc+jwt")).issuer is None


def test_a_list_knows_what_it_was_read_as():
    assert read_status_list(signed(list_payload())).type == "statuslist+jwt"
    assert read_status_list(signed(bitstring_payload(), type="vc+jwt")).type == "vc+jwt"


def test_a_list_in_cbor_without_an_end_has_none():
    assert cwt().expires_at is None
    assert cwt(c4=int((NOW + HOUR).timestamp())).expires_at == NOW + HOUR


def test_security_md_a_list_may_be_larger_than_another_token():
    stored = zlib.compress(NOISE, level=0)
    token = signed(list_payload(status_list={"bits": 8, "lst": base64url.encode(stored)}))

    assert len(NOISE) > 65_536
    assert read_status_list(token).entries == NOISE
    assert cwt(c65533={"bits": 8, "lst": stored}).entries == NOISE


def test_security_md_a_text_in_cbor_of_eight_megabytes_is_decoded_and_a_letter_more_is_not():
    longest = "0o" + "A" * (MAX_TOKEN_BYTES - 2)

    assert refusal(longest) == "trailing_data"
    assert refusal(longest + "A") == "too_large"
    assert refusal("0o%%") == "invalid_base64url"


def test_tsl_i_02_a_ttl_is_more_than_nothing_and_less_than_two_to_the_forty():
    assert read_status_list(signed(list_payload(ttl=1))).ttl == timedelta(seconds=1)
    assert read_status_list(signed(list_payload(ttl=0.5))).ttl == timedelta(seconds=0.5)
    assert read_status_list(signed(list_payload(ttl=2**40 - 1))).ttl == timedelta(seconds=2**40 - 1)
    for ttl in (0, 2**40):
        assert refusal(signed(list_payload(ttl=ttl))) == "malformed_status_list"


def test_bsl_05_a_bitstring_of_one_entry_too_few_is_refused():
    short = "u" + base64url.encode(compression.deflate_gzip(bytes(LEAST_BITSTRING // 8 - 1)))

    assert len(read_bitstring(BITSTRING, status_size=1)) * 8 == LEAST_BITSTRING
    with pytest.raises(Malformed) as caught:
        read_bitstring(short, status_size=1)
    assert caught.value.detail == "status_list_length_error"
    with pytest.raises(Malformed):
        read_bitstring(BITSTRING, status_size=2)


def token_with(chain):
    return sign_jws(list_payload(), type="statuslist+jwt", signer=SIGNER, header={"x5c": chain})


def test_security_md_a_chain_of_four_certificates_is_read_and_one_of_five_is_not():
    four = [base64.b64encode(b"certificate").decode()] * 4

    assert read_status_list(token_with(four)).key_hint.x5c == (b"certificate",) * 4
    for chain in ([*four, four[0]], "text", ["%"], ["é"]):
        assert refusal(token_with(chain)) == "invalid_x5c"


def older(encoded, **times):
    """A StatusList2021Credential as `jwt_vc_json`."""
    document = {
        "@context": [BASE],
        "id": URI,
        "type": ["VerifiableCredential", "StatusList2021Credential"],
        "issuer": ISSUER,
        "credentialSubject": {
            "type": "StatusList2021",
            "statusPurpose": "revocation",
            "encodedList": encoded,
            "ttl": 300_000,
        },
    }
    ids = {"iss": ISSUER, "jti": URI, "nbf": int(NOW.timestamp())}
    return token({**ids, **times, "vc": document})


def test_an_older_list_says_what_its_issuer_wrote_and_may_be_as_large_as_others():
    text = older(base64url.encode(gzip.compress(NOISE, compresslevel=0)))
    ended = older(BITSTRING[1:], exp=int((NOW + HOUR).timestamp()))

    read = read_status_list(text)

    assert (read.entries, read.text, read.type) == (NOISE, text, "jwt_vc_json")
    assert (read.expires_at, read.ttl) == (None, timedelta(minutes=5))
    assert read_status_list(ended).expires_at == NOW + HOUR


def test_the_padding_of_an_older_list_stands_at_its_end():
    bits, padding = bytes(LEAST_BITSTRING // 8), set()
    for name in ("", "a", "abc"):  # gzip may hold a name, which moves its end
        packed = io.BytesIO()
        with gzip.GzipFile(name, "wb", fileobj=packed, mtime=0) as stream:
            stream.write(bits)
        text = base64.b64encode(packed.getvalue()).decode()
        padding.add(text.count("="))
        assert read_status_list(older(text)).entries == bits
        assert refusal(older("=" + text)) == "malformed_value_error"
    assert padding == {0, 1, 2}


def test_the_header_of_a_bitstring_credential_holds_its_certificates():
    array = StatusArray.all_valid(LEAST_BITSTRING)
    made = build_bitstring_credential(
        array,
        purpose=REVOCATION,
        uri=URI,
        issuer="did:web:issuer.example",
        valid_from=NOW,
        valid_until=NOW + HOUR,
        ttl=HOUR,
        signer=SIGNER,
        x5c=(b"leaf",),
    )

    assert read_status_list(made).key_hint.x5c == (b"leaf",)
    assert "kid" not in header_of(made)
