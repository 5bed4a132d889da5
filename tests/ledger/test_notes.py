"""Signed notes, checkpoints, cosignatures, policies and proofs, as C2SP writes them."""

import base64
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ledgers import LOG_KEY, NOON, ORIGIN, signing_key, verifier_key

from ledger.errors import Malformed, NoteRefused
from ledger.merkle import (
    leaf_hash,
)
from ledger.note import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    QuorumPolicy,
    build_checkpoint_text,
    build_cosignature,
    parse_checkpoint_text,
    parse_note,
    parse_verifier_key,
    sign_note,
    verify_checkpoint,
    verify_note,
)

EXAMPLE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ON"
    "ncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
WITNESSES = tuple(verifier_key(f"witness.example/{n}", n, COSIGNATURE) for n in (2, 3, 4, 5))
TEXT = build_checkpoint_text(Checkpoint(ORIGIN, 1, leaf_hash(b"x")))


def checkpoint(*seeds, text=TEXT, now=NOON):
    """A checkpoint signed by the log and cosigned by the witnesses of these seeds."""
    note = sign_note(text, key=LOG_KEY, signer=signing_key(1))
    for seed in seeds:
        key = verifier_key(f"witness.example/{seed}", seed, COSIGNATURE)
        note += build_cosignature(text, key=key, signer=signing_key(seed), now=now)
    return note


def test_note_01_the_example_of_the_specification_holds():
    key = parse_verifier_key(EXAMPLE_KEY)
    verified = verify_note(parse_note(EXAMPLE), keys=[key])

    assert [found.name for found, _ in verified] == ["example.com/foo"]
    assert key.vkey == EXAMPLE_KEY


def test_note_01_a_changed_text_is_refused():
    note = parse_note(EXAMPLE.replace("example message", "exemple message"))

    with pytest.raises(NoteRefused) as refused:
        verify_note(note, keys=[parse_verifier_key(EXAMPLE_KEY)])

    assert refused.value.detail == "bad_signature"


def test_note_01_unknown_keys_are_ignored_and_alone_they_prove_nothing():
    note = parse_note(EXAMPLE)

    with pytest.raises(NoteRefused) as refused:
        verify_note(note, keys=[LOG_KEY])
    with pytest.raises(NoteRefused):
        verify_note(note, keys=[])

    assert refused.value.detail == "no_known_signature"


def test_note_01_one_wrong_signature_of_a_known_key_refuses_the_whole_note():
    good = checkpoint(2)
    wrong = good.splitlines(keepends=True)[-1].split(" ")
    broken = bytearray(base64.b64decode(wrong[2]))
    broken[-1] ^= 1
    wrong[2] = base64.b64encode(broken).decode() + "\n"
    policy = QuorumPolicy(LOG_KEY, WITNESSES, threshold=1)

    assert len(verify_checkpoint(good, policy).cosignatures) == 1
    with pytest.raises(NoteRefused):
        verify_checkpoint(good + " ".join(wrong), policy)


def test_note_01_sixteen_signatures_are_read():
    note = checkpoint() + "".join(
        build_cosignature(
            TEXT,
            key=verifier_key(f"w{n}", n, COSIGNATURE),
            signer=signing_key(n),
            now=NOON,
        )
        for n in range(10, 26)
    )

    assert len(parse_note(note).signatures) == 17


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        "text\n\n— name\n",
        "text\n\n— name AAAA\n",
        "text\n\n- name AAAAAAAA\n",
        "text\n\n— name AAAAAAAA",
        "text\n\n— name AAAAAAAA\n\n",
        "text\n\n— na+me AAAAAAAA\n",
        "text\n\n— name AAAAAAA\n",
        "text\n\n— name AAAAAAAB!\n",
        "te\x00xt\n\n— name AAAAAAAA\n",
        "te\rxt\n\n— name AAAAAAAA\n",
        "te\udc80xt\n\n— name AAAAAAAA\n",
        "x" * 200_000 + "\n\n— name AAAAAAAA\n",
        "text\n\n" + "— name AAAAAAAA\n" * 65,
    ],
)
def test_note_01_what_is_no_note_is_refused(text):
    with pytest.raises(Malformed):
        parse_note(text)


def test_a_note_may_hold_blank_lines_and_the_last_one_separates():
    note = parse_note("one\n\ntwo\n\n— name AAAAAAAA\n")

    assert note.text == "one\n\ntwo\n"


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name+00000000+",
        EXAMPLE_KEY.replace("530d903a", "530D903A"),
        EXAMPLE_KEY.replace("530d903a", "530d903b"),
        EXAMPLE_KEY + "AA==",
        EXAMPLE_KEY.replace("example.com/foo", "example .com"),
        "name+00000000+" + base64.b64encode(bytes([6]) + bytes(32)).decode(),
    ],
)
def test_a_verifier_key_that_does_not_fit_itself_is_refused(vkey):
    with pytest.raises(Malformed):
        parse_verifier_key(vkey)


def test_cp_01_a_checkpoint_reads_as_it_was_written():
    head = Checkpoint(ORIGIN, 20852163, bytes(range(32)))

    assert parse_checkpoint_text(build_checkpoint_text(head)) == head
    assert build_checkpoint_text(head).split("\n")[1] == "20852163"


@pytest.mark.parametrize(
    "size", ["", "-1", "+1", "01", "1.0", "0x1", "１", "1 ", str(2**63), "9" * 30]
)
def test_cp_01_a_size_has_one_form(size):
    text = f"{ORIGIN}\n{size}\n{base64.b64encode(bytes(32)).decode()}\n"

    with pytest.raises(Malformed):
        parse_checkpoint_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "o\n1\n",
        "\n1\n" + base64.b64encode(bytes(32)).decode() + "\n",
        "o\n1\n" + base64.b64encode(bytes(31)).decode() + "\n",
        "o\n1\n" + base64.b64encode(bytes(32)).decode(),
        "o\n1\n" + base64.b64encode(bytes(32)).decode() + "\n\nx\n",
    ],
)
def test_cp_01_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(Malformed):
        parse_checkpoint_text(text)


def test_extension_lines_are_kept():
    text = build_checkpoint_text(Checkpoint("o", 1, bytes(32), ("more",)))

    assert parse_checkpoint_text(text).extensions == ("more",)


def test_cos_01_a_cosignature_carries_its_time():
    policy = QuorumPolicy(LOG_KEY, WITNESSES, threshold=1)
    found = verify_checkpoint(checkpoint(2), policy)

    assert [(one.key.name, one.time) for one in found.cosignatures] == [("witness.example/2", NOON)]


def test_cos_01_a_time_beyond_the_calendar_is_refused():
    policy = QuorumPolicy(LOG_KEY, WITNESSES, threshold=1)
    late = 2**63 - 1
    message = f"cosignature/v1\ntime {late}\n{TEXT}".encode()
    signature = late.to_bytes(8, "big") + signing_key(2).sign(message)
    line = base64.b64encode(WITNESSES[0].key_id + signature).decode()

    with pytest.raises(Malformed):
        verify_checkpoint(checkpoint() + f"— {WITNESSES[0].name} {line}\n", policy)


@pytest.mark.parametrize("signature", [bytes(71), bytes(73), b"\xff" * 8 + bytes(64)])
def test_cos_01_a_cosignature_has_a_time_and_64_bytes(signature):
    line = base64.b64encode(WITNESSES[0].key_id + signature).decode()

    with pytest.raises(NoteRefused) as refused:
        verify_checkpoint(
            checkpoint() + f"— {WITNESSES[0].name} {line}\n",
            QuorumPolicy(LOG_KEY, WITNESSES, threshold=1),
        )

    assert refused.value.detail == "bad_signature"


def test_a_note_signature_never_passes_for_a_cosignature():
    as_note = verifier_key("witness.example/2", 2, ED25519)
    note = checkpoint() + sign_note(TEXT, key=as_note, signer=signing_key(2)).split("\n\n")[1]

    with pytest.raises(NoteRefused) as refused:
        verify_checkpoint(note, QuorumPolicy(LOG_KEY, WITNESSES, threshold=1))

    assert refused.value.detail == "no_quorum"


@pytest.mark.parametrize(
    ("seeds", "is_enough"),
    [((), False), ((2,), False), ((2, 3), False), ((2, 3, 4), True), ((2, 3, 4, 5), True)],
)
def test_three_of_four_witnesses_are_a_quorum(seeds, is_enough):
    policy = QuorumPolicy(LOG_KEY, WITNESSES, threshold=3)
    note = checkpoint(*seeds)
    if is_enough:
        assert verify_checkpoint(note, policy).checkpoint.size == 1
    else:
        with pytest.raises(NoteRefused):
            verify_checkpoint(note, policy)


def test_one_witness_twice_counts_once():
    with pytest.raises(NoteRefused):
        verify_checkpoint(checkpoint(2, 2), QuorumPolicy(LOG_KEY, WITNESSES, threshold=2))


def test_witnesses_without_the_log_prove_nothing():
    note = checkpoint(2, 3, 4, 5)
    text, _, lines = note.partition("\n\n")
    without = text + "\n\n" + "".join(lines.splitlines(keepends=True)[1:])

    with pytest.raises(NoteRefused) as refused:
        verify_checkpoint(without, QuorumPolicy(LOG_KEY, WITNESSES, threshold=3))

    assert refused.value.detail == "no_log_signature"


def test_a_checkpoint_of_another_origin_is_refused():
    text = build_checkpoint_text(Checkpoint("other.example", 1, bytes(32)))

    with pytest.raises(NoteRefused):
        verify_checkpoint(checkpoint(2, text=text), QuorumPolicy(LOG_KEY, WITNESSES, threshold=1))


def test_a_second_log_key_is_accepted_while_the_log_changes_its_key():
    new = verifier_key(ORIGIN, 9, ED25519)
    note = sign_note(TEXT, key=new, signer=signing_key(9))
    old_policy = QuorumPolicy(LOG_KEY, (), threshold=0)
    both = QuorumPolicy(LOG_KEY, (), threshold=0, other_logs=(new,))

    assert verify_checkpoint(note, both).checkpoint.origin == ORIGIN
    with pytest.raises(NoteRefused):
        verify_checkpoint(note, old_policy)


@pytest.mark.parametrize("name", ["signed-note-02", "tlog-checkpoint-01", "tlog-cosignature-01"])
def test_published_blocks_are_read(vectors, name):
    text = (vectors / "tlog" / "c2sp-spec-blocks" / f"{name}.txt").read_text()
    note = parse_note(text if text.endswith("\n") else text + "\n")

    assert note.text.endswith("\n")
    assert len(note.signatures) >= 1


def test_the_published_cosignature_has_its_time(vectors):
    text = (vectors / "tlog" / "c2sp-spec-blocks" / "tlog-cosignature-01.txt").read_text()
    line = parse_note(text if text.endswith("\n") else text + "\n").signatures[-1]

    assert int.from_bytes(line.signature[:8], "big") == 1679315147
