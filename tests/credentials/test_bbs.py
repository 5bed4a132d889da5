"""BBS signatures and proofs, against values that the draft prints and against what breaks them."""

from hashlib import shake_256

import pytest

from credentials.bbs import (
    derive_secret_key,
    parse_bbs_signature,
    parse_secret_key,
    sign,
    verify_bbs_signature,
)
from credentials.bbs_proof import count_hidden, prove, verify_proof
from credentials.bbs_suite import (
    MAX_MESSAGES,
    SHA256_SUITE,
    SHAKE256_SUITE,
    fixed_point,
    generators,
)
from credentials.bls import (
    ORDER,
    build_scalar,
    expand_xmd,
)
from credentials.errors import Malformed

# draft-irtf-cfrg-bbs-signatures, section 8 and appendix: key pair, header, first message.
KEY_MATERIAL = b"this-IS-just-an-Test-IKM-to-generate-$e(r@t#-key"
KEY_INFO = b"this-IS-some-key-metadata-to-be-used-in-test-key-gen"
SECRET = "60e55110f76883a13d030b2f6bd11883422d5abde717569fc0731f51237169fc"
PUBLIC = (
    "a820f230f6ae38503b86c70dc50b61c58a77e45c39ab25c0652bbaa8fa136f2851bd4781c9dcde39fc9d1d52c9e6"
    "0268061e7d7632171d91aa8d460acee0e96f1e7c4cfb12d3ff9ab5d5dc91c277db75c845d649ef3c4f63aebc364c"
    "d55ded0c"
)
HEADER = bytes.fromhex("11223344556677889900aabbccddeeff")
MESSAGE = bytes.fromhex("9872ad089e452c7b6e283dfac2a80d58e8d0ff71cc4d5e310a1debdda4a45f02")
PRESENTATION = bytes.fromhex("bed231d880675ed101ead304512e043ade9958dd0241ea70b4b3957fba941501")
SIGNATURE = (
    "84773160b824e194073a57493dac1a20b667af70cd2352d8af241c77658da5253aa8458317cca0eae615690d55b1"
    "f27164657dcafee1d5c1973947aa70e2cfbb4c892340be5969920d0916067b4565a0"
)
PROOF = (
    "94916292a7a6bade28456c601d3af33fcf39278d6594b467e128a3f83686a104ef2b2fcf72df0215eeaf69262ffe"
    "8194a19fab31a82ddbe06908985abc4c9825788b8a1610942d12b7f5debbea8985296361206dbace7af0cc834c80"
    "f33e0aadaeea5597befbb651827b5eed5a66f1a959bb46cfd5ca1a817a14475960f69b32c54db7587b5ee3ab665f"
    "bd37b506830a49f21d592f5e634f47cee05a025a2f8f94e73a6c15f02301d1178a92873b6e8634bafe4983c3e15a"
    "663d64080678dbf29417519b78af042be2b3e1c4d08b8d520ffab008cbaaca5671a15b22c239b38e940cfeaa5e72"
    "104576a9ec4a6fad78c532381aeaa6fb56409cef56ee5c140d455feeb04426193c57086c9b6d397d9418"
)
MESSAGES = tuple(f"message {number}".encode() for number in range(10))
OF_G1, OF_G2 = b"\xc0" + bytes(47), b"\xc0" + bytes(95)
IDENTITIES = (OF_G1, b"\xff" * 48)


def random_source(seed):
    """Octets that nobody could guess, and that are the same in every run."""
    drawn = []

    def draw(size):
        drawn.append(size)
        return shake_256(f"{seed} {len(drawn)}".encode()).digest(size)

    return draw


def mocked_source(count):
    """`mocked_calculate_random_scalars` of the draft: the digits of pi, expanded."""
    tag = SHA256_SUITE.interface + b"MOCK_RANDOM_SCALARS_DST_"
    octets = expand_xmd(b"3.141592653589793238462643383279", tag, 48 * count)
    slices = iter([octets[start : start + 48] for start in range(0, len(octets), 48)])
    return lambda size: next(slices)[:size]


@pytest.fixture(scope="module")
def secret():
    return parse_secret_key(bytes.fromhex(SECRET))


@pytest.fixture(scope="module")
def signature(secret):
    return sign(secret, MESSAGES, header=HEADER)


def show(secret, signature, disclosed, *, seed="holder", presentation_header=PRESENTATION):
    return prove(
        secret.public_key,
        signature,
        MESSAGES,
        disclosed=disclosed,
        header=HEADER,
        presentation_header=presentation_header,
        random_bytes=random_source(seed),
    )


def is_shown(secret, proof, disclosed, *, header=HEADER, presentation_header=PRESENTATION):
    return verify_proof(
        secret.public_key,
        proof,
        {index: MESSAGES[index] for index in disclosed},
        header=header,
        presentation_header=presentation_header,
    )


def test_the_key_of_the_draft_is_derived():
    derived = derive_secret_key(KEY_MATERIAL, key_info=KEY_INFO)

    assert build_scalar(derived.scalar).hex() == SECRET
    assert derived.public_key.octets.hex() == PUBLIC


@pytest.mark.parametrize(
    ("suite", "first", "q1"),
    [
        (
            SHA256_SUITE,
            "a8ce256102840821a3e94ea9025e4662b205762f9776b3a766c872b948f1fd22"
            "5e7c59698588e70d11406d161b4e28c9",
            "a9ec65b70a7fbe40c874c9eb041c2cb0a7af36ccec1bea48fa2ba4c2eb67ef7f"
            "9ecb17ed27d38d27cdeddff44c8137be",
        ),
        (
            SHAKE256_SUITE,
            "8929dfbc7e6642c4ed9cba0856e493f8b9d7d5fcb0c31ef8fdcd34d50648a56c"
            "795e106e9eada6e0bda386b414150755",
            "a9d40131066399fd41af51d883f4473b0dcd7d028d3d34ef17f3241d204e2850"
            "7d7ecae032afa1d5490849b7678ec1f8",
        ),
    ],
    ids=["SHA-256", "SHAKE-256"],
)
def test_the_points_of_both_ciphersuites_are_those_of_the_draft(suite, first, q1):
    assert fixed_point(suite).to_compressed_bytes().hex() == first
    assert generators(suite, 1)[0].to_compressed_bytes().hex() == q1


def test_generators_do_not_depend_on_how_many_are_asked_for():
    assert generators(SHA256_SUITE, 70)[:3] == generators(SHA256_SUITE, 3)


def test_the_signature_and_the_proof_of_the_draft_are_made_and_hold(secret):
    signature = sign(secret, [MESSAGE], header=HEADER)
    proof = prove(
        secret.public_key,
        signature,
        [MESSAGE],
        disclosed={0},
        header=HEADER,
        presentation_header=PRESENTATION,
        random_bytes=mocked_source(5),
    )

    assert signature.hex() == SIGNATURE
    assert proof.hex() == PROOF
    assert verify_bbs_signature(secret.public_key, signature, [MESSAGE], header=HEADER)
    assert verify_proof(
        secret.public_key,
        proof,
        {0: MESSAGE},
        header=HEADER,
        presentation_header=PRESENTATION,
    )


@pytest.mark.parametrize(
    ("messages", "header"),
    [
        (MESSAGES[:9], HEADER),
        ((*MESSAGES[:9], b"another"), HEADER),
        ((MESSAGES[1], MESSAGES[0], *MESSAGES[2:]), HEADER),
        ((*MESSAGES, b""), HEADER),
        (MESSAGES, b""),
    ],
    ids=["missing", "changed", "swapped", "added", "another header"],
)
def test_a_signature_covers_every_message_its_order_and_the_header(
    secret, signature, messages, header
):
    assert verify_bbs_signature(secret.public_key, signature, MESSAGES, header=HEADER)
    assert not verify_bbs_signature(secret.public_key, signature, messages, header=header)


def test_a_signature_of_another_key_does_not_hold(secret, signature):
    other = derive_secret_key(bytes(32)).public_key

    assert not verify_bbs_signature(other, signature, MESSAGES, header=HEADER)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        bytes(80),
        OF_G1 + bytes(31) + b"\x01",
        b"\xff" * 48 + bytes(31) + b"\x01",
    ],
    ids=["empty", "zeros", "identity", "identity in another form"],
)
def test_what_is_no_signature_does_not_hold(secret, broken):
    assert not verify_bbs_signature(secret.public_key, broken, MESSAGES, header=HEADER)


def test_both_suites_sign_and_prove():
    for suite in (SHA256_SUITE, SHAKE256_SUITE):
        secret = derive_secret_key(KEY_MATERIAL, suite=suite)
        made = sign(secret, MESSAGES, header=HEADER, suite=suite)
        proof = prove(
            secret.public_key,
            made,
            MESSAGES,
            disclosed=(4,),
            header=HEADER,
            presentation_header=b"",
            random_bytes=random_source(suite.name),
            suite=suite,
        )
        expected = {"header": HEADER, "presentation_header": b""}

        assert verify_proof(secret.public_key, proof, {4: MESSAGES[4]}, **expected, suite=suite)
        other = SHA256_SUITE if suite is SHAKE256_SUITE else SHAKE256_SUITE
        assert not verify_proof(secret.public_key, proof, {4: MESSAGES[4]}, **expected, suite=other)


@pytest.mark.parametrize("disclosed", [(), (0,), (9,), (1, 3, 5), tuple(range(10))])
def test_any_choice_of_messages_can_be_shown(secret, signature, disclosed):
    proof = show(secret, signature, disclosed)

    assert is_shown(secret, proof, disclosed)
    assert count_hidden(proof) == 10 - len(disclosed)


def test_a_proof_shows_no_other_message_header_or_presentation(secret, signature):
    proof = show(secret, signature, (1, 3))
    expected = {"header": HEADER, "presentation_header": PRESENTATION}
    key = secret.public_key

    assert not verify_proof(key, proof, {1: MESSAGES[1], 3: b"else"}, **expected)
    assert not verify_proof(key, proof, {1: MESSAGES[1], 4: MESSAGES[3]}, **expected)
    assert not verify_proof(key, proof, {1: MESSAGES[1]}, **expected)
    assert not verify_proof(key, proof, {i: MESSAGES[i] for i in (1, 3, 5)}, **expected)
    assert not is_shown(secret, proof, (1, 3), header=b"")
    assert not is_shown(secret, proof, (1, 3), presentation_header=b"")
    assert not verify_proof(
        derive_secret_key(bytes(32)).public_key, proof, {1: MESSAGES[1], 3: MESSAGES[3]}, **expected
    )


def test_every_bit_of_a_proof_counts(secret, signature):
    proof = show(secret, signature, range(9))

    for position in range(0, len(proof), 7):
        tampered = bytearray(proof)
        tampered[position] ^= 1
        assert not is_shown(secret, bytes(tampered), range(9)), position


def test_a_proof_without_the_signature_cannot_be_made(secret, signature):
    false = sign(derive_secret_key(bytes(32)), MESSAGES, header=HEADER)

    assert not is_shown(secret, show(secret, false, (1,)), (1,))
    assert is_shown(secret, show(secret, signature, (1,)), (1,))


@pytest.mark.parametrize("identity", IDENTITIES, ids=["usual form", "another form"])
@pytest.mark.parametrize("position", [0, 48, 96])
def test_a_proof_of_identity_points_does_not_hold(secret, signature, position, identity):
    proof = show(secret, signature, (1,))
    replaced = proof[:position] + identity + proof[position + 48 :]

    assert not is_shown(secret, replaced, (1,))
    assert not is_shown(secret, identity * 3 + proof[144:], (1,))


def test_a_proof_with_a_scalar_written_otherwise_does_not_hold(secret, signature):
    proof = show(secret, signature, (1,))
    scalar = int.from_bytes(proof[144:176], "big")
    beyond = (scalar + ORDER) % (1 << 256)

    assert not is_shown(secret, proof[:144] + beyond.to_bytes(32, "big") + proof[176:], (1,))


def test_two_proofs_of_one_signature_share_nothing(secret, signature):
    first = show(secret, signature, (1,), seed="first")
    second = show(secret, signature, (1,), seed="second")
    parts = [
        {proof[start : start + 16] for start in range(0, len(proof), 16)}
        for proof in (first, second)
    ]

    assert is_shown(secret, first, (1,))
    assert is_shown(secret, second, (1,))
    assert parts[0].isdisjoint(parts[1])
    assert signature[:48] not in first + second


def test_a_dead_random_source_makes_no_proof(secret, signature):
    with pytest.raises(Malformed) as refusal:
        prove(
            secret.public_key,
            signature,
            MESSAGES,
            disclosed=(),
            header=HEADER,
            presentation_header=b"",
            random_bytes=bytes,
        )

    assert refusal.value.detail == "invalid_randomness"


@pytest.mark.parametrize("disclosed", [(10,), (-1,), (0, 99)])
def test_messages_that_are_not_there_are_not_shown(secret, signature, disclosed):
    with pytest.raises(Malformed) as refusal:
        show(secret, signature, disclosed)

    assert refusal.value.detail == "index_out_of_range"


@pytest.mark.parametrize("index", [10, -1])
def test_a_proof_names_no_message_beyond_its_own(secret, signature, index):
    with pytest.raises(Malformed) as refusal:
        verify_proof(
            secret.public_key,
            show(secret, signature, (1,)),
            {index: b""},
            header=HEADER,
            presentation_header=PRESENTATION,
        )

    assert refusal.value.detail == "index_out_of_range"


@pytest.mark.parametrize("size", [0, 271, 273, 303])
def test_a_proof_of_another_length_is_malformed(secret, size):
    with pytest.raises(Malformed) as refusal:
        is_shown(secret, bytes(size), ())

    assert refusal.value.detail == "invalid_proof_value"


def test_too_many_messages_are_refused_before_any_work(secret, signature):
    many = [b""] * (MAX_MESSAGES + 1)
    endless = signature[:48] * 3 + bytes(32) * (4 + MAX_MESSAGES + 1)

    for attempt in (
        lambda: sign(secret, many, header=b""),
        lambda: verify_bbs_signature(secret.public_key, signature, many, header=b""),
        lambda: is_shown(secret, endless, ()),
    ):
        with pytest.raises(Malformed) as refusal:
            attempt()
        assert refusal.value.detail == "too_many_statements"


def test_a_key_needs_enough_that_nobody_knows():
    with pytest.raises(Malformed) as refusal:
        derive_secret_key(bytes(31))

    assert refusal.value.detail == "invalid_key"
    with pytest.raises(Malformed):
        derive_secret_key(bytes(32), key_info=bytes(65_536))


def test_a_signature_is_read_as_point_and_scalar(signature):
    point, scalar = parse_bbs_signature(signature)

    assert point.to_compressed_bytes() + build_scalar(scalar) == signature


def test_secrets_are_not_printed(secret):
    assert SECRET not in repr(secret)
