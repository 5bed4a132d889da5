"""`./city privacy`: whether anything that the city made public says something about a person."""

import argparse
from pathlib import Path

from sqlmodel import col, select

from cityhall.command_line import show
from cityhall.databases import open_databases
from cityhall.errors import NoCity
from cityhall.privacy.guesses import Datum, Person
from cityhall.privacy.public_bytes import collect
from cityhall.privacy.scan import Report, scan
from credentials.model import StatusReference
from encoding.strict_json import JsonValue, parse_object
from issuer.check import published_lists
from issuer.store.rows import CredentialRow
from runtime.database import Database

HELP = "look for people in everything that is public"
STAPLES = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whom to look for, and what else is public."""
    parser.add_argument("--people", type=Path, help="one JSON object a line: what is known of one")
    parser.add_argument("--records", type=int, default=5, help="newest records of the issuer")
    parser.add_argument(
        "--also", type=Path, action="append", default=[], help="a file that is public as well"
    )


def run(arguments: argparse.Namespace) -> int:
    """1 when something is found."""
    databases = open_databases(arguments.data_dir.resolve())
    if not {"register", "issuer"} <= databases.keys():
        raise NoCity("a scan needs the register and the issuer of a city")
    issuing = databases["issuer"]
    people = [*_load_records(issuing, arguments.records), *_read_people(arguments.people)]
    if not people:
        raise NoCity("nobody was issued anything yet: there is nobody to look for")
    staples = [
        StatusReference(uri, index) for uri in published_lists(issuing) for index in range(STAPLES)
    ]
    pieces = collect(
        register=databases["register"],
        witness=databases.get("witness"),
        staples=staples,
        files=arguments.also,
    )
    report = scan(pieces, people)
    show(arguments, _build_json(report), _build_text(report, len(people)))
    return 1 if report.findings else 0


def _load_records(issuing: Database, count: int) -> list[Person]:
    """What the issuer still knows of the newest: the record's id, and the officer's label."""
    newest = select(CredentialRow).order_by(col(CredentialRow.offered_at).desc()).limit(count)
    with issuing.reading() as session:
        rows = [(row.id, row.label) for row in session.scalars(newest)]
    return [
        Person(f"record {number}", (Datum("credential id", name), Datum("label", label)))
        for number, (name, label) in enumerate(rows, start=1)
    ]


def _read_people(path: Path | None) -> list[Person]:
    """Each text of each object is one thing known of one person."""
    if path is None:
        return []
    people = []
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        members = parse_object(line)
        data = [Datum(kind, text) for kind, text in members.items() if isinstance(text, str)]
        people.append(Person(f"line {number}", tuple(data)))
    return people


def _build_json(report: Report) -> dict[str, JsonValue]:
    findings: list[JsonValue] = [
        {"place": each.place, "person": each.person, "kind": each.kind, "how": each.how}
        for each in report.findings
    ]
    return {
        "clean": not findings,
        "findings": findings,
        "pieces": report.pieces,
        "layers": report.layers,
        "bytes": report.layer_bytes,
        "salts": report.salts,
        "texts": report.texts,
        "digests": report.digests,
    }


def _build_text(report: Report, people: int) -> str:
    lines = [f"{each.place}: {each.kind} of {each.person} ({each.how})" for each in report.findings]
    looked = (
        f"looked for {people} people in {report.pieces} public pieces "
        f"({report.layers} layers, {report.layer_bytes} bytes): "
        f"{report.texts} texts, {report.digests} digests, {report.salts} public salts"
    )
    return "\n".join([*lines, looked, f"findings: {len(lines)}"])
