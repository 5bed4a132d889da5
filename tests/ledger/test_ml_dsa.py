"""ML-DSA-44 in notes: tlog-cosignature type 0x06, beside Ed25519 and never mistaken for it."""

import base64
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

sys.path.insert(0, str(Path(__file__).parent))

from ledgers import LOG_KEY, NOON, ORIGIN, signing_key, verifier_key

from ledger.errors import Malformed, NoteRefused
from ledger.merkle import leaf_hash
from ledger.ml_dsa import SIGNATURE_BYTES, build_tree_message
from ledger.note import (
    COSIGNATURE,
    ED25519,
    MAX_NOTE_BYTES,
    ML_DSA_44,
    Checkpoint,
    VerifierKey,
    build_checkpoint_text,
    build_cosignature,
    build_signature_line,
    parse_note,
    parse_verifier_key,
    sign_note,
    verify_checkpoint,
    verify_note,
)
from ledger.quorum import build_policy, parse_policy

TEXT = build_checkpoint_text(Checkpoint(ORIGIN, 5, leaf_hash(b"x")))


def lattice(seed):
    return MLDSA44PrivateKey.from_seed_bytes(bytes([seed]) * 32)


def lattice_key(name, seed):
    return VerifierKey(name, ML_DSA_44, lattice(seed).public_key().public_bytes_raw())


OLD, NEW = LOG_KEY, lattice_key(ORIGIN, 1)
WITNESS, SLOW_WITNESS = verifier_key("w.example", 2, COSIGNATURE), lattice_key("w.example", 2)
POLICY = parse_policy(f"""log {OLD.vkey}
log {NEW.vkey}
witness fast {WITNESS.vkey}
witness slow {SLOW_WITNESS.vkey}
group w any fast slow
quorum w
""")


def signed_by_log():
    return sign_note(TEXT, key=OLD, signer=signing_key(1))


def cosigned(key, seed, *, text=TEXT, now=NOON):
    return build_cosignature(text, key=key, signer=lattice(seed), now=now)


def body(key, signature):
    return f"{TEXT}\n" + build_signature_line(key, signature)


def test_cos_01_the_signed_message_is_laid_out_as_in_the_specification():
    message = build_tree_message(
        cosigner="w.example/1", timestamp=1679315147, origin="o", size=258, root=b"\x07" * 32
    )

    assert message == (
        b"subtree/v1\n\x00"
        b"\x0bw.example/1"
        b"\x00\x00\x00\x00\x64\x18\x50\xcb"
        b"\x01o"
        b"\x00\x00\x00\x00\x00\x00\x00\x00"
        b"\x00\x00\x00\x00\x00\x00\x01\x02" + b"\x07" * 32
    )


def test_note_01_a_key_of_1312_bytes_reads_as_it_was_written():
    assert parse_verifier_key(NEW.vkey) == NEW
    assert len(NEW.public_key) == 1312
    assert len({key.key_id for key in (OLD, NEW, WITNESS, SLOW_WITNESS)}) == 4


@pytest.mark.parametrize("length", [0, 32, 1311, 1313])
def test_note_01_a_key_of_another_length_is_refused(length):
    key = VerifierKey("w.example", ML_DSA_44, bytes(length))

    with pytest.raises(Malformed):
        parse_verifier_key(key.vkey)


def test_cos_01_a_log_that_changes_its_key_signs_with_both():
    note = signed_by_log() + cosigned(NEW, 1)
    found = [key for key, _ in verify_note(parse_note(note), keys=[OLD, NEW])]

    assert found == [OLD, NEW]
    for keys in ([OLD], [NEW]):
        assert [key for key, _ in verify_note(parse_note(note), keys=keys)] == keys


@pytest.mark.parametrize("log", [signed_by_log(), f"{TEXT}\n" + cosigned(NEW, 1)])
@pytest.mark.parametrize("is_fast", [True, False])
def test_either_key_of_log_and_witness_satisfies_a_policy_that_names_both(log, is_fast):
    if is_fast:
        line = build_cosignature(TEXT, key=WITNESS, signer=signing_key(2), now=NOON)
    else:
        line = cosigned(SLOW_WITNESS, 2)
    found = verify_checkpoint(log + line, POLICY)

    assert [one.time for one in found.cosignatures] == [NOON]
    assert parse_policy(build_policy(POLICY)).is_met(frozenset({found.cosignatures[0].key}))


@pytest.mark.parametrize("place", [0, 3, 7, 8, 100, -1])
def test_note_01_a_changed_signature_of_a_known_key_refuses_the_note(place):
    line = parse_note(f"{TEXT}\n" + cosigned(SLOW_WITNESS, 2)).signatures[0]
    broken = bytearray(line.signature)
    broken[place] ^= 1

    with pytest.raises(NoteRefused) as refused:
        verify_checkpoint(
            signed_by_log() + build_signature_line(SLOW_WITNESS, bytes(broken)), POLICY
        )

    assert refused.value.detail == "bad_signature"


@pytest.mark.parametrize(
    "signature",
    [bytes(1), bytes(72), bytes(7 + SIGNATURE_BYTES), bytes(9 + SIGNATURE_BYTES), b"\xff" * 2428],
)
def test_cos_01_what_has_not_the_form_of_the_signature_is_refused(signature):
    with pytest.raises(NoteRefused):
        verify_note(parse_note(body(NEW, signature)), keys=[NEW])


@pytest.mark.parametrize(
    "made_by",
    [
        lambda: cosigned(lattice_key("other.example", 2), 2),
        lambda: cosigned(SLOW_WITNESS, 2, text=TEXT.replace("\n5\n", "\n6\n")),
        lambda: cosigned(SLOW_WITNESS, 2, text=TEXT.replace(ORIGIN, "o.example")),
    ],
)
def test_cos_01_name_origin_and_tree_are_signed(made_by):
    signature = parse_note(f"{TEXT}\n" + made_by()).signatures[0].signature

    with pytest.raises(NoteRefused):
        verify_note(parse_note(body(SLOW_WITNESS, signature)), keys=[SLOW_WITNESS])


def test_cos_01_extension_lines_are_not_signed():
    longer = build_checkpoint_text(Checkpoint(ORIGIN, 5, leaf_hash(b"x"), ("more",)))
    note = f"{longer}\n" + cosigned(SLOW_WITNESS, 2)

    assert len(verify_note(parse_note(note), keys=[SLOW_WITNESS])) == 1


def test_cos_01_such_a_key_signs_no_other_text():
    note = "no tree\n\n" + build_signature_line(NEW, bytes(8 + SIGNATURE_BYTES))

    with pytest.raises(NoteRefused):
        verify_note(parse_note(note), keys=[NEW])
    with pytest.raises(Malformed):
        cosigned(NEW, 1, text="no tree\n")
    with pytest.raises(Malformed):
        cosigned(lattice_key("w" * 256, 2), 2)


def test_wit_01_a_cosignature_without_a_time_is_no_witness_of_the_newest_tree():
    note = signed_by_log() + cosigned(SLOW_WITNESS, 2, now=datetime.fromtimestamp(0, UTC))

    assert len(verify_note(parse_note(note), keys=[OLD, SLOW_WITNESS])) == 2
    with pytest.raises(NoteRefused) as refused:
        verify_checkpoint(note, POLICY)
    assert refused.value.detail == "no_quorum"


def test_a_log_without_a_time_still_signs_its_checkpoint():
    note = f"{TEXT}\n" + cosigned(NEW, 1, now=datetime.fromtimestamp(0, UTC))
    policy = parse_policy(f"log {NEW.vkey}\nquorum none\n")

    assert verify_checkpoint(note, policy).checkpoint.size == 5


def test_a_log_is_no_witness_of_itself():
    with pytest.raises(Malformed):
        parse_policy(f"log {NEW.vkey}\nwitness w {NEW.vkey}\nquorum w\n")
    other = verifier_key("w.example", 1, COSIGNATURE)
    with pytest.raises(Malformed):
        parse_policy(f"log {OLD.vkey}\nwitness w {other.vkey}\nquorum w\n")


def test_types_keep_to_their_place_in_a_policy():
    for wrong in (
        f"log {WITNESS.vkey}\nquorum none\n",
        f"log {OLD.vkey}\nwitness w {verifier_key('w', 2, ED25519).vkey}\nquorum w\n",
    ):
        with pytest.raises(Malformed):
            parse_policy(wrong)


def test_note_01_sixteen_signatures_of_this_size_fit_into_a_note():
    keys = [lattice_key(f"w{seed}.example", seed) for seed in range(2, 18)]
    note = signed_by_log() + "".join(
        cosigned(key, seed) for seed, key in zip(range(2, 18), keys, strict=True)
    )

    assert len(note) < MAX_NOTE_BYTES
    assert len(verify_note(parse_note(note), keys=[OLD, *keys])) == 17


def test_a_policy_of_32_logs_and_32_witnesses_is_read():
    lines = [f"log {lattice_key(f'log{seed}', seed).vkey}" for seed in range(32)]
    lines += [f"witness w{seed} {lattice_key(f'w{seed}', seed).vkey}" for seed in range(32, 64)]
    lines += [f"group g{seed} any w{seed}" for seed in range(32, 63)]
    members = " ".join(f"g{seed}" for seed in range(32, 63))
    policy = parse_policy("\n".join([*lines, f"group all 20 {members}", "quorum all", ""]))

    assert (len(policy.other_logs), len(policy.witnesses)) == (31, 32)


def test_a_policy_holds_no_delete_character():
    with pytest.raises(Malformed):
        parse_policy(f"log {OLD.vkey}\n# \x7f\nquorum none\n")


def test_base64_of_a_signature_line_is_one_word():
    line = cosigned(SLOW_WITNESS, 2)
    name, material = line.removeprefix("\N{EM DASH} ").rstrip("\n").split(" ")

    assert name == "w.example"
    assert len(base64.b64decode(material)) == 4 + 8 + SIGNATURE_BYTES
