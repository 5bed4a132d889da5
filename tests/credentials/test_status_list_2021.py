"""Lists of the older kind, StatusList2021, as `jwt_vc_json` (S-052, S-054, BSL-04)."""

import base64

import pytest

from credentials.errors import Malformed
from credentials.model import Status, StatusPurpose
from credentials.status import StatusArray
from credentials.status_lists import is_signed_by, read_status_list, status_at
from encoding import base64url, compression, strict_json
from tests.credentials.test_jwt_vc import BASE, ISSUER, token
from tests.credentials.workshop import AGENCY, NOW, public_key

URI = "https://issuer.city.example/lists/1"
ARRAY = StatusArray.all_valid(131_072).with_statuses({7: Status.REVOKED})
PACKED = compression.deflate_gzip(ARRAY.bitstring(Status.REVOKED))


def listed(encoded=None, *, issuer=ISSUER, **subject):
    document = {
        "@context": [BASE],
        "id": URI,
        "type": ["VerifiableCredential", "StatusList2021Credential"],
        "issuer": issuer,
        "credentialSubject": {
            "id": f"{URI}#list",
            "type": "StatusList2021",
            "statusPurpose": "revocation",
            "encodedList": base64url.encode(PACKED) if encoded is None else encoded,
            **subject,
        },
    }
    times = {"nbf": int(NOW.timestamp())}
    ids = {"iss": issuer, "jti": URI, "sub": f"{URI}#list"}
    return token({**ids, **times, "vc": document})


@pytest.mark.parametrize("encode", [base64url.encode, lambda raw: base64.b64encode(raw).decode()])
def test_bsl_04_the_bits_of_an_older_list_mean_the_same(encode):
    read = read_status_list(listed(encode(PACKED)))

    assert (read.uri, read.issuer, read.issued_at) == (URI, ISSUER, NOW)
    assert status_at(read, 7, StatusPurpose.REVOCATION) is Status.REVOKED
    assert status_at(read, 8, StatusPurpose.REVOCATION) is Status.VALID
    assert is_signed_by(read, public_key(AGENCY))


REFUSED = {
    "another purpose's form": (listed(type="BitstringStatusList"), "status_verification_error"),
    "too short": (
        listed(base64url.encode(compression.deflate_gzip(bytes(100)))),
        "status_list_length_error",
    ),
    "no list": (listed("!!"), "malformed_value_error"),
    "a linked-data proof": (
        strict_json.build_json(
            {"@context": [BASE], "type": ["VerifiableCredential", "StatusList2021Credential"]}
        ).decode(),
        "unsupported_list_proof",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_s_052_what_is_no_such_list_makes_no_statement(name):
    text, detail = REFUSED[name]
    with pytest.raises(Malformed) as refused:
        read_status_list(text)

    assert refused.value.detail == detail
