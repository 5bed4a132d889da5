"""
What wallets call: the request object and the response, OpenID4VP 1.0 sections 5.10 and 8.

Errors under these paths are OAuth JSON. Every refused response reads the same (interop 10).
"""

from http import HTTPStatus

from flask import Blueprint, Response, request

from encoding.strict_json import build_json
from openid4vc.errors import ProtocolError
from openid4vc.oauth import parse_form
from openid4vc.request_object import REQUEST_OBJECT_MEDIA_TYPE
from verifier import sessions
from verifier.desk import Desk
from verifier.errors import ResponseRefused, VerifierError
from verifier.routes import MAX_BODY_BYTES

MAX_WALLET_NONCE = 512


class OddNonce(VerifierError):
    """`wallet_nonce` is too long to be echoed."""


def is_protocol_path(path: str) -> bool:
    """Whether errors at this path are OAuth JSON."""
    return path.startswith(("/request/", "/response/"))


def build_protocol(desk: Desk) -> Blueprint:
    """The routes that a wallet needs."""
    protocol = Blueprint("protocol", __name__)

    @protocol.get("/request/<request_id>")
    def get_request(request_id: str) -> Response:
        return _answer(sessions.build_request(desk, request_id, wallet_nonce=None))

    @protocol.post("/request/<request_id>")
    def post_request(request_id: str) -> Response:
        nonce = parse_form(request.get_data()).get("wallet_nonce")
        if nonce is not None and not 0 < len(nonce) <= MAX_WALLET_NONCE:
            raise OddNonce("wallet_nonce is empty or too long")
        return _answer(sessions.build_request(desk, request_id, wallet_nonce=nonce))

    @protocol.post("/response/<request_id>")
    def post_response(request_id: str) -> Response:
        try:
            form = parse_form(request.get_data(), max_bytes=MAX_BODY_BYTES)
        except ProtocolError as error:
            raise ResponseRefused from error
        receipt = sessions.answer(desk, request_id, form)
        return Response(build_json(receipt), HTTPStatus.OK, content_type="application/json")

    return protocol


def _answer(request_object: str) -> Response:
    answer = Response(request_object, content_type=REQUEST_OBJECT_MEDIA_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    return answer
