"""Encrypted answers: ECDH-ES on P-256 with AES-GCM, and nothing else (S-016)."""

import json

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey, OctKey

from credentials.errors import Malformed
from credentials.jwe import (
    EncryptionKey,
    decrypt_jwe,
    encrypt_jwe,
    generate_decryption_key,
    parse_encryption_jwk,
)
from encoding import base64url

KEY = generate_decryption_key("k1")
PUBLIC = parse_encryption_jwk(dict(KEY.public_jwk))


def header_of(text):
    return json.loads(base64url.decode(text.split(".")[0]))


def with_header(text, **changes):
    header = {name: value for name, value in {**header_of(text), **changes}.items() if value}
    return ".".join([base64url.encode(json.dumps(header).encode()), *text.split(".")[1:]])


@pytest.mark.parametrize("method", ["A128GCM", "A256GCM"])
def test_what_is_encrypted_to_a_key_is_read_with_it(method):
    text = encrypt_jwe(b"vp_token", key=PUBLIC, method=method)

    assert decrypt_jwe(text, key=KEY) == b"vp_token"
    assert {name: header_of(text)[name] for name in ("alg", "enc", "kid")} == {
        "alg": "ECDH-ES",
        "enc": method,
        "kid": "k1",
    }


def test_a_key_without_a_name_is_not_named():
    """VP-W-06."""
    text = encrypt_jwe(b"x", key=EncryptionKey(None, PUBLIC.public_key), method="A256GCM")

    assert "kid" not in header_of(text)
    assert decrypt_jwe(text, key=KEY) == b"x"


def test_a_long_answer_is_read_and_unknown_header_members_are_ignored():
    """security.md, Limits: a presentation may have 256 KB."""
    answer = b"x" * 262_144
    long = encrypt_jwe(answer, key=PUBLIC, method="A256GCM")
    odd = jwe.encrypt_compact(
        {"alg": "ECDH-ES", "enc": "A128GCM", "kid": "k1", "typ": "JWT", "x_future": 1},
        b"x",
        ECKey.import_key(dict(PUBLIC.public_key.jwk)),
        registry=jwe.JWERegistry(algorithms=["ECDH-ES", "A128GCM"], strict_check_header=False),
    )

    assert decrypt_jwe(long, key=KEY) == answer
    assert decrypt_jwe(odd, key=KEY) == b"x"


def test_each_transaction_has_a_key_of_its_own():
    """HAIP-05."""
    other = generate_decryption_key("k1")

    assert other.public_jwk != KEY.public_jwk
    with pytest.raises(Malformed, match="cannot be decrypted"):
        decrypt_jwe(encrypt_jwe(b"x", key=PUBLIC, method="A256GCM"), key=other)


def test_a_private_key_does_not_show_itself():
    assert KEY.private_jwk["d"] not in repr(KEY)
    assert "d" not in KEY.public_jwk


GOOD = encrypt_jwe(b"x", key=PUBLIC, method="A256GCM")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b.c",
        "a.b.c.d.e",
        "...." + GOOD,
        GOOD.replace("..", ".AAAA.", 1),
        "*" + GOOD,
        with_header(GOOD, alg="none"),
        with_header(GOOD, alg="ECDH-ES+A256KW"),
        with_header(GOOD, enc="A128CBC-HS256"),
        with_header(GOOD, enc=["A256GCM"]),
        with_header(GOOD, enc=None),
        with_header(GOOD, zip="DEF"),
        with_header(GOOD, crit=["exp"]),
        with_header(GOOD, kid="k2"),
        with_header(GOOD, epk=None),
        with_header(GOOD, epk={"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}),
        with_header(GOOD, epk={**KEY.public_jwk, "use": None, "alg": None, "d": "AAAA"}),
        with_header(GOOD, enc="A128GCM"),
        GOOD[:-4] + "AAAA",
    ],
)
def test_what_was_changed_or_is_of_another_kind_is_refused(text):
    with pytest.raises(Malformed):
        decrypt_jwe(text, key=KEY)


def test_other_algorithms_are_refused_before_any_key_is_used():
    wrapped = jwe.encrypt_compact(
        {"alg": "dir", "enc": "A256GCM"},
        b"x",
        OctKey.generate_key(256),
        algorithms=["dir", "A256GCM"],
    )
    bare = {name: KEY.private_jwk[name] for name in ("kty", "crv", "x", "y")}
    agreed = jwe.encrypt_compact(
        {"alg": "ECDH-ES+A128KW", "enc": "A128GCM"},
        b"x",
        ECKey.import_key(bare),
        algorithms=["ECDH-ES+A128KW", "A128GCM"],
    )
    for text in (wrapped, agreed):
        with pytest.raises(Malformed):
            decrypt_jwe(text, key=KEY)


def test_an_answer_has_a_greatest_size():
    text = encrypt_jwe(b"x" * 600, key=PUBLIC, method="A256GCM")

    assert decrypt_jwe(text, key=KEY, max_bytes=len(text)) == b"x" * 600
    with pytest.raises(Malformed, match="larger"):
        decrypt_jwe(text, key=KEY, max_bytes=len(text) - 1)


@pytest.mark.parametrize(
    "change",
    [
        {"alg": None},
        {"alg": "ES256"},
        {"use": "sig"},
        {"crv": "P-384"},
        {"crv": "X25519", "kty": "OKP"},
        {"kid": 7},
        {"d": "AAAA"},
        {"x": "AAAA"},
        {"kty": "RSA"},
    ],
)
def test_a_key_for_something_else_is_refused(change):
    """VP-V-06, S-019."""
    with pytest.raises(Malformed):
        parse_encryption_jwk({**KEY.public_jwk, **change})


def test_a_key_is_an_object_and_methods_are_known():
    with pytest.raises(Malformed):
        parse_encryption_jwk("key")
    with pytest.raises(Malformed):
        encrypt_jwe(b"x", key=PUBLIC, method="A128CBC-HS256")
