"""Remembers which credentials this desk offered, so that `./city status --last` can find one."""

import json
from pathlib import Path

from cityhall.errors import DeskError

FILE = "issued.jsonl"


def remember(data_dir: Path, *, agency: str, credential_id: str) -> None:
    """Append one line; identifiers only, no claims."""
    with (data_dir / FILE).open("a") as file:
        file.write(json.dumps({"agency": agency, "credential_id": credential_id}) + "\n")


def last_issued(data_dir: Path) -> str:
    """The newest credential's id."""
    entries = _read(data_dir)
    if not entries:
        raise DeskError("nothing was issued from this desk: see ./city issue")
    return entries[-1]["credential_id"]


def agency_of(data_dir: Path, credential_id: str) -> str:
    """The agency that issued this credential from this desk."""
    for entry in reversed(_read(data_dir)):
        if entry["credential_id"] == credential_id:
            return entry["agency"]
    raise DeskError("this desk did not issue it: name the agency with --agency")


def _read(data_dir: Path) -> list[dict[str, str]]:
    path = data_dir / FILE
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
