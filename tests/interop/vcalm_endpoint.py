"""`./city interop` as a process of its own, asked over HTTPS under its own CA."""

import json
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUITES = (
    "eddsa-rdfc-2022",
    "eddsa-jcs-2022",
    "ecdsa-rdfc-2019-p256",
    "ecdsa-rdfc-2019-p384",
    "ecdsa-jcs-2019-p256",
    "ecdsa-jcs-2019-p384",
)
SELECTIVE = ("ecdsa-sd-2023", "bbs-2023")
BASE = "https://www.w3.org/ns/credentials/v2"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Endpoint:
    """A running endpoint and its answers as (status, body)."""

    def __init__(self, folder):
        self.port, self.folder = free_port(), folder
        words = ("interop", "--port", str(self.port), "--data-dir", str(folder), "--bbs")
        command = [sys.executable, "-m", "cityhall", *words]
        printed = subprocess.run(
            [*command, "--print-config"], cwd=ROOT, check=True, capture_output=True, text=True
        )
        self.configuration = json.loads(printed.stdout)
        self.process = subprocess.Popen(
            [*command, "--json"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.ready = json.loads(self.process.stdout.readline())
        self.context = ssl.create_default_context(cafile=self.ready["ca"])
        self._wait()

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()

    def post(self, path, body):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.post_as(path, data, "application/json")

    def post_as(self, path, data, content_type):
        return self._ask(path, data, {"Content-Type": content_type})

    def get(self, path, accept="application/json"):
        return self._ask(path, None, {"Accept": accept})

    def issue(self, prefix, credential, **options):
        body = {"credential": credential, "options": options}
        return self.post(f"/{prefix}/credentials/issue", body)

    def issued(self, prefix, credential, **options):
        status, body = self.issue(prefix, credential, **options)
        assert status == 201, body
        return body["verifiableCredential"]

    def verify(self, credential, prefix="eddsa-rdfc-2022", **options):
        body = {"verifiableCredential": credential, "options": options}
        return self.post(f"/{prefix}/credentials/verify", body)

    def present(self, prefix, presentation, **options):
        body = {"presentation": presentation, "options": options}
        return self.post(f"/{prefix}/presentations/issue", body)

    def verify_presentation(self, presentation, prefix="eddsa-rdfc-2022", **options):
        body = {"verifiablePresentation": presentation, "options": options}
        return self.post(f"/{prefix}/presentations/verify", body)

    def derive(self, credential, *pointers):
        options = {"selectivePointers": list(pointers)}
        body = {"verifiableCredential": credential, "options": options}
        status, answer = self.post("/ecdsa-sd-2023/credentials/derive", body)
        assert status == 201, answer
        return answer["verifiableCredential"]

    def did(self, prefix):
        [found] = [
            each["id"]
            for each in self.configuration["implementations"][0]["issuers"]
            if f"/{prefix}/" in each["endpoint"]
        ]
        return found

    def _ask(self, path, data, headers):
        request = urllib.request.Request(
            f"https://localhost:{self.port}{path}", data=data, headers=headers
        )
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=20) as answer:
                return answer.status, _parse(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _parse(error.read())

    def _wait(self):
        deadline = time.monotonic() + 20
        while True:
            try:
                self.get("/")
                return
            except urllib.error.URLError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)


def _parse(data):
    try:
        return json.loads(data)
    except ValueError:
        return data.decode()


def build_credential(endpoint, prefix, **members):
    return {
        "@context": [BASE, "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential", "AlumniCredential"],
        "issuer": endpoint.did(prefix),
        "validFrom": "2024-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:alice", "name": "Alice", "alumniOf": "A school"},
        **members,
    }


def codes(answer):
    return {each["code"] for each in answer["errors"]}


def kinds(answer):
    return {each["type"].rpartition("#")[2] for each in answer["errors"]}
