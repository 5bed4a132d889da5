"""
The test endpoint: VCALM (the VC API) over HTTP, for the public suites of W3C.

One path prefix for each cryptosuite and key; 201 for what was issued, 200 for what was verified,
400 for everything else. It stands alone: no city, no database, no registry, and only loopback is
listened on. Nothing here is authenticated, because nothing here is worth it.
"""

from dataclasses import dataclass
from typing import Final

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from cityhall.interop.issuers import InteropIssuer
from cityhall.interop.issuing import derive, issue_credential, issue_presentation
from cityhall.interop.lists import InteropList
from cityhall.interop.options import (
    MAX_BODY,
    read_body,
    read_derive_options,
    read_issue_options,
    read_proof_options,
    read_status_change,
)
from cityhall.interop.problems import problem_of_fault
from cityhall.interop.verifying import Findings, verify_credential, verify_presentation
from credentials.errors import CredentialError, Malformed
from encoding.strict_json import JsonValue, build_json
from runtime.clock import Clock
from runtime.problems import register_problem_handlers

LIST_JWT: Final = "application/vc+jwt"
LIST_PATH: Final = "/status/1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What the routes work with."""

    issuers: dict[str, InteropIssuer]
    status_list: InteropList
    clock: Clock

    def find(self, prefix: str) -> InteropIssuer:
        """The issuer under this prefix."""
        if prefix not in self.issuers:
            raise NotFound
        return self.issuers[prefix]

    def lists(self) -> dict[str, str]:
        """The lists at hand: its own. No other is ever fetched."""
        return {self.status_list.uri: self.status_list.build_token(now=self.clock())}


def create_app(issuers: dict[str, InteropIssuer], *, base_url: str, clock: Clock) -> Flask:
    """The app of one test endpoint; `base_url` is where it is reached."""
    keeper = next(each for each in issuers.values() if each.adds_status)
    endpoint = Endpoint(issuers, InteropList(base_url + LIST_PATH, keeper), clock)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    _add_credentials(app, endpoint)
    _add_presentations(app, endpoint)
    _add_status(app, endpoint)
    register_problem_handlers(app, is_protocol_path=lambda _path: False)
    app.register_error_handler(CredentialError, _answer_fault)
    return app


def _add_credentials(app: Flask, endpoint: Endpoint) -> None:
    @app.post("/<prefix>/credentials/issue")
    def issue(prefix: str) -> Response:
        value, options = _read_request("credential")
        issued = issue_credential(
            endpoint.find(prefix),
            value,
            read_issue_options(options),
            status_list=endpoint.status_list,
            now=endpoint.clock(),
        )
        return _answer({"verifiableCredential": issued}, 201)

    @app.post("/<prefix>/credentials/verify")
    def verify(prefix: str) -> Response:
        endpoint.find(prefix)
        value, options = _read_request("verifiableCredential")
        findings = verify_credential(
            value, read_proof_options(options), lists=endpoint.lists(), now=endpoint.clock()
        )
        return _answer_findings(findings)

    @app.post("/<prefix>/credentials/derive")
    def disclose(prefix: str) -> Response:
        endpoint.find(prefix)
        value, options = _read_request("verifiableCredential")
        return _answer({"verifiableCredential": derive(value, read_derive_options(options))}, 201)


def _add_presentations(app: Flask, endpoint: Endpoint) -> None:
    @app.post("/<prefix>/presentations/issue")
    def present(prefix: str) -> Response:
        value, options = _read_request("presentation")
        issued = issue_presentation(
            endpoint.find(prefix), value, read_proof_options(options), now=endpoint.clock()
        )
        return _answer({"verifiablePresentation": issued}, 201)

    @app.post("/<prefix>/presentations/verify")
    def verify_presented(prefix: str) -> Response:
        endpoint.find(prefix)
        value, options = _read_request("verifiablePresentation")
        findings = verify_presentation(
            value, read_proof_options(options), lists=endpoint.lists(), now=endpoint.clock()
        )
        return _answer_findings(findings)


def _add_status(app: Flask, endpoint: Endpoint) -> None:
    @app.post("/<prefix>/credentials/status")
    def change(prefix: str) -> Response:
        endpoint.find(prefix)
        credential_id, is_revoked = read_status_change(_read_data())
        if not endpoint.status_list.set_status(credential_id, is_revoked=is_revoked):
            raise NotFound
        return _answer({}, 200)

    @app.get(LIST_PATH)
    def show() -> Response:
        now = endpoint.clock()
        if request.accept_mimetypes.best_match(["application/json", LIST_JWT]) == LIST_JWT:
            return Response(endpoint.status_list.build_token(now=now), content_type=LIST_JWT)
        return _answer(endpoint.status_list.build_document(now=now), 200)


def _read_data() -> bytes:
    if not request.is_json:
        raise Malformed("a body must be application/json", detail="not_json")
    return request.get_data()


def _read_request(member: str) -> tuple[JsonValue, dict[str, JsonValue]]:
    value, options = read_body(_read_data(), member=member)
    return value, dict(options)


def _answer(body: dict[str, JsonValue], status: int) -> Response:
    return Response(
        build_json(body),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _answer_findings(findings: Findings) -> Response:
    return _answer(findings.build_json(), 200 if findings.is_verified else 400)


def _answer_fault(fault: CredentialError) -> Response:
    problem = dict(problem_of_fault(fault))
    return _answer({**problem, "status": 400, "errors": [problem]}, 400)
