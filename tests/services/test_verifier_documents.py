"""Type metadata and schemas that an operator gave the verifier: read with digests, then judged."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from verifier_counter import Counter

from credentials.catalog import vct
from credentials.integrity import build_integrity
from encoding.strict_json import build_json
from runtime.errors import SettingsError
from verifier.documents import load_documents

TYPE = b'{"vct": "urn:city:permit"}'


def write(folder, index, **files):
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "index.json").write_text(json.dumps(index))
    return folder


def entry(data, file):
    return {"file": file, "digest": build_integrity(data)}


def test_documents_stand_under_the_names_that_credentials_give_them(tmp_path):
    index = {
        "type_metadata": {"urn:city:permit": entry(TYPE, "permit")},
        "schemas": {"https://a.example/s": entry(b"{}", "schema")},
    }
    documents = load_documents(write(tmp_path, index, permit=TYPE, schema=b"{}"))

    assert documents.types == {"urn:city:permit": TYPE}
    assert documents.schemas == {"https://a.example/s": b"{}"}
    assert documents.validate is not None


def test_without_a_folder_nothing_is_judged():
    documents = load_documents(None)

    assert (documents.types, documents.schemas, documents.validate) == ({}, {}, None)


@pytest.mark.parametrize(
    "index",
    [
        {"type_metadata": []},
        {"type_metadata": {"urn:a": "permit"}},
        {"type_metadata": {"urn:a": {"file": "permit"}}},
        {"type_metadata": {"urn:a": entry(b"other", "permit")}},
        {"type_metadata": {"urn:a": entry(TYPE, "absent")}},
        {"type_metadata": {"urn:a": entry(TYPE, "../permit")}},
        {"schemas": {}, "contexts": {}},
        [],
    ],
)
def test_a_document_that_is_not_as_its_index_says_stops_the_start(index, tmp_path):
    (tmp_path.parent / "permit").write_bytes(TYPE)

    with pytest.raises(SettingsError):
        load_documents(write(tmp_path, index, permit=TYPE))


def test_sdvc_m_04_a_running_verifier_holds_credentials_against_its_documents(tmp_path):
    counter = Counter(tmp_path)
    try:
        view = counter.driver.receive_taxi_cards()
        name = vct("taxi-inspection", counter.settings.issuer_url)
        answers = []
        for claim in ("plate", "badge"):
            data = build_json({"vct": name, "claims": [{"path": [claim], "mandatory": True}]})
            write(tmp_path, {"type_metadata": {name: entry(data, "permit")}}, permit=data)
            counter.settings = replace(counter.settings, documents=tmp_path)
            shown = {"qr": counter.driver.show(view), "purpose": "taxi-inspection"}
            client = counter.start().test_client()
            answers.append(counter.post("/api/v1/checks", shown, client=client).json)
            counter.clock.move(seconds=1)
    finally:
        counter.close()

    good, bad = answers
    assert good["outcome"] == "passed"
    assert [each["outcome"] for each in good["checks"] if each["name"] == "type_metadata"] == [
        "passed"
    ]
    assert (bad["outcome"], bad["reasons"]) == ("failed", ["malformed"])
    assert [each.get("detail") for each in bad["checks"] if each["name"] == "type_metadata"] == [
        "mandatory_claim_missing"
    ]
