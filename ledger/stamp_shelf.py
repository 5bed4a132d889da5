"""
Stamps as files: a checkpoint's text and its `.ots` proof beside it, as other tools expect them.

`00000000000000000007-21-<root>.txt` names epoch, size and root; with `.ots` behind it follows the
proof. A file is written whole, synced and then renamed, the proof last: a text without a proof is
no stamp.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.chain import LogHead
from ledger.opentimestamps import Stamp, checkpoint_text

_NAME: Final = re.compile(r"([0-9]{20})-(0|[1-9][0-9]{0,18})-([0-9a-f]{64})\.txt\.ots\Z")


@dataclass(frozen=True, slots=True)
class FolderShelf:
    """A folder of its own; one process writes it."""

    folder: Path
    origin: str

    def stamps(self) -> Sequence[Stamp]:
        """In the order of their epochs."""
        found = []
        for path in sorted(self.folder.iterdir()):
            match = _NAME.match(path.name)
            if match is not None:
                head = LogHead(int(match[1]), int(match[2]), bytes.fromhex(match[3]))
                found.append(Stamp(head, path.read_bytes()))
        return found

    def put(self, stamp: Stamp) -> None:
        """Text first, proof last."""
        head = stamp.head
        name = f"{head.epoch:020d}-{head.size}-{head.root.hex()}.txt"
        self._write(name, checkpoint_text(self.origin, head).encode())
        self._write(f"{name}.ots", stamp.proof)

    def _write(self, name: str, content: bytes) -> None:
        draft = self.folder / f".{name}.new"
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / name)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
