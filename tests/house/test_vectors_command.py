"""`./city vectors`: all published cases, and every folder notices when one of them was changed."""

import json
import shutil

import pytest

from cityhall.command_line import main
from cityhall.vectors.registry import FOLDERS, run_folders
from cityhall.vectors.shelf import Outcome

WITHOUT_CHECKS = {"haip"}
MIDDLE = None
"""One letter in the middle of the file is another one."""

# Folder to a file of it, what is replaced there and by what.
CHANGES = {
    "attestation-based-client-auth": ("spec-blocks/005-*", MIDDLE, ""),
    "authored": ("rfc-small-vectors.json", '"BB8"', '"BB9"'),
    "bitstring-status-list": ("spec-examples/03-*", '"encodedList": "u', '"encodedList": "z'),
    "cbor-ld": ("digitalbazaar-cborld-examples/empty-object.jsonld", "{}", '{"id": "x"}'),
    "did-jwk": ("spec.md", MIDDLE, ""),
    "did-key": ("nist-curves.json", '"x": "', '"x": "A'),
    "did-web": ("spec-examples/05.txt", "/did.json", "/did.jsom"),
    "did-webvh": ("vectors/basic-create/ts/did.jsonl", '"authentication"', '"authenticatioN"'),
    "dpop": ("spec-blocks/001-*", "2-GxA6T8", "2-GxA6T9"),
    "jcs": ("outhex/french.txt", MIDDLE, ""),
    "jsonld-contexts": ("credentials/v2", MIDDLE, ""),
    "multibase": ("basic.csv", '"z7paNL', '"z7paNM'),
    "oidf-conformance": (
        "json-schemas/oid4vci/credential_offer-1_0.json",
        '"credential_issuer"',
        '"credential_issueR"',
    ),
    "openid4vci": ("examples/issuer_jwks.json", "mlUpog", "mlUpoh"),
    "openid4vp": ("examples/sd_jwt_vcld/01/kb_jwt_payload.json", "1234567890", "1234567891"),
    "rdf-canon": ("rdfc10/test002-rdfc10.nq", MIDDLE, ""),
    "sd-jwt": ("rendered-draft/012-*", MIDDLE, ""),
    "sd-jwt-vc": ("rendered-draft/006-*", MIDDLE, ""),
    "tlog": ("merkle-testdata/inclusion/1/happy-path.json", '"wantErr": false', '"wantErr": true'),
    "token-status-list": ("draft-examples/status_list_encoding_cbor.md", "dbb918", "dbb919"),
    "vc-barcodes": ("spec-examples/20-*", MIDDLE, ""),
    "vc-di-ecdsa": ("ecdsa-rdfc-2019-p256/signed*.json", MIDDLE, ""),
    "vc-di-eddsa": ("eddsa-jcs-2022/signed*.json", MIDDLE, ""),
    "vc-jose-cose": ("test-suite-input/credential-jose-minimal.txt", MIDDLE, ""),
    "vcdm2": ("test-suite-input/credential-ok.json", "credentials/v2", "credentials/v3"),
    "wycheproof": ("ed25519_test.json", '"result": "valid"', '"result": "invalid"'),
}


def change(path, old, new):
    data = path.read_text(encoding="utf-8")
    if old is MIDDLE:
        letters = [place for place, letter in enumerate(data) if letter.isascii()]
        letters = [place for place in letters if data[place].isalnum()]
        place = letters[len(letters) // 2]
        changed = data[:place] + ("Q" if data[place] != "Q" else "7") + data[place + 1 :]
    else:
        changed = data.replace(old, new, 1)
    assert changed != data
    path.write_text(changed, encoding="utf-8")


def run(capsys, *words):
    code = main(["vectors", *map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_every_published_case_passes_or_says_why_not(vectors, capsys):
    code, found = run(capsys, vectors)

    assert code == 0
    assert found["folders"].keys() >= set(FOLDERS)
    assert [each for each in found["not_passed"] if each["outcome"] == "failed"] == []
    assert all(each["why"] for each in found["not_passed"])
    passed = {name for name, counts in found["folders"].items() if counts["passed"]}
    assert passed == set(FOLDERS) - WITHOUT_CHECKS == set(CHANGES)
    assert sum(counts["passed"] for counts in found["folders"].values()) > 1000


@pytest.mark.parametrize("name", CHANGES)
def test_one_changed_letter_in_any_folder_is_noticed(vectors, tmp_path, capsys, name):
    shutil.copytree(vectors / name, tmp_path / name)
    pattern, old, new = CHANGES[name]
    (path,) = (tmp_path / name).glob(pattern)
    change(path, old, new)

    code, found = run(capsys, tmp_path)

    assert code == 1
    assert found["folders"][name]["failed"] >= 1


def test_a_folder_of_nothing_is_no_success(tmp_path, capsys):
    assert run(capsys, tmp_path)[0] == 1
    (tmp_path / "jcs").mkdir()
    assert run(capsys, tmp_path)[0] == 1


def test_a_folder_that_is_not_there_cannot_be_run(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("CITY_VECTORS", raising=False)

    assert run(capsys, tmp_path / "none")[0] == 3
    assert main(["vectors"]) == 3


def test_files_and_folders_that_nobody_knows_are_unknown(tmp_path):
    for place in ("jcs/notes.bin", "other/case.json"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_bytes(b"\xff\x00")

    found = run_folders(tmp_path)

    assert [[each.outcome for each in results] for results in found.values()] == [
        [Outcome.UNKNOWN],
        [Outcome.UNKNOWN],
    ]


@pytest.mark.parametrize("name", sorted(set(FOLDERS) - WITHOUT_CHECKS))
def test_files_of_any_content_are_judged_and_never_stop_the_run(vectors, tmp_path, name):
    places = [
        path.relative_to(vectors / name)
        for path in sorted((vectors / name).rglob("*"))
        if path.is_file()
    ]
    for data in (b"", b"{}", b"null", b"\xff\xfe", b"[" * 100_000):
        for place in places[:40]:
            path = tmp_path / name / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

        results = run_folders(tmp_path)[name]

        assert results
        passed = {each.name for each in results if each.outcome is Outcome.PASSED}
        # A file that is to be refused may be; and {} and null are their own canonical forms.
        own_form = {"text", "canonDoc", "proofCanon"} if data in {b"{}", b"null"} else set()
        assert passed <= {"is refused", *own_form}


def test_another_copy_with_more_of_the_same_kind_is_run_as_well(vectors, tmp_path, capsys):
    shutil.copytree(vectors / "wycheproof", tmp_path / "wycheproof")
    source = tmp_path / "wycheproof" / "ed25519_test.json"
    shutil.copy(source, source.with_name("ed25519_more_test.json"))

    counts = run(capsys, tmp_path)[1]["folders"]["wycheproof"]
    published = run_folders(vectors)["wycheproof"]

    assert counts["passed"] == len(published) + 151


def test_the_table_for_people_counts_and_explains(vectors, capsys):
    assert main(["vectors", str(vectors)]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["folder", "cases", "passed", "failed", "differs", "unknown"]
    assert any(line.startswith("differs: did-webvh/vectors/deactivate/") for line in lines)
