"""Merkle proofs, a published log and the blocks of C2SP (NOTE-01, CP-01, TILE-01)."""

import base64
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from cityhall.vectors.shelf import Checks, Result, Shelf, explain
from ledger import merkle
from ledger.note import (
    build_checkpoint_text,
    build_note,
    parse_checkpoint_text,
    parse_note,
    parse_verifier_key,
    verify_note,
)
from ledger.tiles import build_entry_bundle, read_nodes

EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
"""C2SP signed-note prints it in the text around the example."""


def _check_proof(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "proof", partial(_is_as_said, shelf.json(path)))


def _is_as_said(case: Any) -> bool:
    proof = [base64.b64decode(item) for item in case["proof"] or ()]
    if "leafIdx" in case:
        holds = merkle.verify_inclusion(
            leaf_hash=base64.b64decode(case["leafHash"]),
            index=case["leafIdx"],
            size=case["treeSize"],
            proof=proof,
            root=base64.b64decode(case["root"]),
        )
    else:
        holds = merkle.verify_consistency(
            old_size=case["size1"],
            old_root=base64.b64decode(case["root1"]),
            size=case["size2"],
            root=base64.b64decode(case["root2"]),
            proof=proof,
        )
    return holds is (not case["wantErr"])


def _check_checkpoint(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "signature and root", partial(_is_head, shelf, path))


def _is_head(shelf: Shelf, path: Path) -> bool:
    key = parse_verifier_key(shelf.text(path.parent / "vkey.txt").strip())
    note = parse_note(shelf.text(path))
    verify_note(note, keys=[key])
    head = parse_checkpoint_text(note.text)
    tile = shelf.data(path.parent / f"tile/0/000.p/{head.size}") if head.size else b""
    root = merkle.root_at(read_nodes(lambda level, _: b"" if level else tile), head.size)
    return str(head.size) == path.suffix[1:] and head.root == root


def _check_bundle(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "entries and their tile", partial(_is_bundle, shelf, path))


def _is_bundle(shelf: Shelf, path: Path) -> bool:
    bundle, entries, position = shelf.data(path), [], 0
    while position < len(bundle):
        length = int.from_bytes(bundle[position : position + 2], "big")
        entries.append(bundle[position + 2 : position + 2 + length])
        position += 2 + length
    tile = shelf.data(path.parents[2] / "0" / "000.p" / path.name)
    leaves = b"".join([merkle.leaf_hash(entry) for entry in entries])
    return build_entry_bundle(entries) == bundle and leaves == tile


def _check_note(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "signature", partial(_is_signed, shelf.text(path)))


def _is_signed(text: str) -> bool:
    note = parse_note(text if text.endswith("\n") else text + "\n")
    return len(verify_note(note, keys=[parse_verifier_key(EXAMPLE_KEY)])) == 1


def _check_shape(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield shelf.judge(path, "shape", partial(_is_shaped, shelf.text(path)))


def _is_shaped(text: str) -> bool:
    """Text and signature lines are read and written again to the byte; no key is printed."""
    whole = text if text.endswith("\n") else text + "\n"
    note = parse_note(whole)
    lines = [
        f"\N{EM DASH} {line.name} {base64.b64encode(line.key_id + line.signature).decode()}\n"
        for line in note.signatures
    ]
    return build_note(note.text, lines) == whole


def _check_head(shelf: Shelf, path: Path) -> Iterator[Result]:
    yield from _check_shape(shelf, path)
    yield shelf.judge(path, "checkpoint", partial(_is_checkpoint, shelf.text(path)))


def _is_checkpoint(text: str) -> bool:
    body = parse_note(text if text.endswith("\n") else text + "\n").text
    return build_checkpoint_text(parse_checkpoint_text(body)) == body


CHECKS: Checks = (
    ("merkle-testdata/*.json", _check_proof),
    ("tessera-log/checkpoint.*", _check_checkpoint),
    ("tessera-log/tile/entries/*", _check_bundle),
    ("c2sp-spec-blocks/signed-note-02.txt", _check_note),
    ("c2sp-spec-blocks/signed-note-01.txt", _check_shape),
    ("c2sp-spec-blocks/tlog-checkpoint-01.txt", _check_head),
    ("c2sp-spec-blocks/tlog-cosignature-01.txt", _check_head),
    ("c2sp-spec-blocks/*.txt", explain("its signatures are cut short: nothing in it is a note")),
)
