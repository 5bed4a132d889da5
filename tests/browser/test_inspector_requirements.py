"""The inspector's phone: which bundles it believes, what it keeps, how soon a verdict is read."""

import json
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from inspector_stage import CHROMIUM, LiveCounter, Stage

from credentials.jose import parse_jws, sign_jws

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
TYPE = "offline-bundle+jwt"
KEPT = """async () => {
  const request = indexedDB.open("inspector");
  const database = await new Promise((done) => { request.onsuccess = () => done(request.result); });
  const found = { stores: {}, local: { ...localStorage }, session: { ...sessionStorage } };
  for (const name of database.objectStoreNames) {
    if (name === "kept") continue;  // the signed bundle, which is of the city and of nobody in it
    const store = database.transaction(name).objectStore(name);
    const [keys, values] = await Promise.all(
      ["getAllKeys", "getAll"].map((ask) => new Promise((done) => {
        const asked = store[ask]();
        asked.onsuccess = () => done(asked.result);
      })));
    found.stores[name] = { keys, values };
  }
  database.close();
  return JSON.stringify(found);
}"""
TAKE = """async (texts) => {
  const { BundleShelf } = await import("/inspect/bundle_shelf.js");
  const kept = new Map();
  const store = {
    load: async (name) => kept.get(name),
    keep: async (name, value) => { kept.set(name, value); },
  };
  const shelf = new BundleShelf(store, { learn() {}, now: () => Date.now() / 1000 });
  const honest = window.fetch;
  const said = [];
  for (const text of texts) {
    window.fetch = async (path, ...more) =>
      path === "/api/v1/bundle" ? new Response(text, { status: 200 }) : honest(path, ...more);
    said.push([await shelf.refresh(), shelf.bundle?.version ?? null]);
  }
  window.fetch = honest;
  return said;
}"""


@pytest.fixture
def counter(tmp_path):
    counter = LiveCounter(tmp_path / "city")
    counter.register()
    counter.view = counter.driver.receive_taxi_cards()
    yield counter
    counter.close()


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def test_s_134_a_bundle_that_was_changed_or_rolled_back_or_is_of_another_city_is_refused(
    counter, stage
):
    good = counter.get("/api/v1/bundle").text
    jws = parse_jws(good, types=frozenset({TYPE}), max_bytes=32 << 20)
    payload = json.loads(json.dumps(dict(jws.payload)))
    version = payload["version"]

    def resign(signer=counter.desk.bundle_signer, **changes):
        return sign_jws(
            {**payload, **changes}, type=TYPE, signer=signer, header={"kid": jws.header["kid"]}
        )

    head, body, signature = good.split(".")
    texts = [
        f"{head}.{body[:-8]}AAAAAAAA.{signature}",
        resign(iss="https://verifier.other-city.example"),
        resign(signer=counter.desk.request_signer),
        resign(),
        resign(version=version + 1),
        resign(version=version),
        resign(version=version + 1),
    ]
    page = stage.phone().be_ready(counter)

    said = page.evaluate(TAKE, texts)

    assert said[:3] == [["refused", None]] * 3
    assert said[3:] == [
        ["updated", version],
        ["updated", version + 1],
        ["refused", version + 1],
        ["updated", version + 1],
    ]


def test_s_135_a_phone_keeps_nothing_of_the_residents_that_it_checked(counter, stage):
    phone = stage.phone()
    page = phone.be_ready(counter)
    assert phone.type_code(counter.driver.show(counter.view)) == "valid"
    person = page.inner_text(".verdict-person")
    phone.scan_next()

    kept = page.evaluate(KEPT)

    assert json.loads(kept)["stores"]["log"]["values"][0]["outcome"] == "passed"
    words = [*person.split("\\n"), "2A-4417", counter.view.text[:40], "D-104417"]
    assert [word for word in words if len(word) > 4 and word in kept] == []


def test_s_137_a_verdict_is_read_without_colour_and_within_a_second(counter, stage):
    phone = stage.phone()
    page = phone.be_ready(counter)
    phone.install()
    phone.context.set_offline(True)
    codes = [counter.driver.show(counter.view) for _ in range(20)]
    seconds = []
    for code in codes:
        page.click("#open-paste")
        page.fill("#paste-text", code)
        start = time.monotonic()
        page.click("button[value=check]")
        name = phone.verdict()
        seconds.append(time.monotonic() - start)
        assert name in {"valid", "valid_old"}
        words = page.inner_text("#verdict h2")
        assert words.strip()
        phone.scan_next()
    forged = counter.driver.show(counter.view, signer=counter.driver.key())
    assert phone.type_code(forged) == "forged"

    # A sign and a sentence say it, not a colour alone.
    assert page.inner_text("#verdict h2").strip() not in {"", words}
    assert page.query_selector("#verdict svg, #verdict .sign") is not None
    assert sorted(seconds)[int(len(seconds) * 0.95)] < 1.0
