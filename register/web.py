"""How the register and the witness speak JSON and describe themselves: strictly, with OpenAPI."""

from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, request
from flask.json.provider import DefaultJSONProvider
from flask_openapi.models.info import Info
from flask_openapi.models.response import Response as OpenApiResponse
from flask_openapi.openapi import OpenAPI
from pydantic import BaseModel, ConfigDict, ValidationError

from encoding.strict_json import JsonValue, build_json, parse_json
from register.errors import BadRequest

MAX_JSON_BYTES = 9 << 20
"""A status list token of 8 MB and what goes around it; most routes take far less."""


_PROBLEM: dict[str, Any] = {
    "description": "Problem details (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"type": "object"}}},
}


class Body(BaseModel):
    """A request body or query whose unknown members are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Query(BaseModel):
    """Parameters of a URL: unknown ones are refused, numbers are read from text."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @classmethod
    @cache
    def model_json_schema(  # type: ignore[override]
        cls, *args: Any, **words: Any
    ) -> dict[str, Any]:
        """Made once: the routes ask for it at each request, and it costs more than an answer."""
        return super().model_json_schema(*args, **words)


class StrictJson(DefaultJSONProvider):
    """Reads JSON through the house's one strict loader."""

    def loads(self, s: str | bytes, **kwargs: Any) -> JsonValue:
        """Duplicate members and the like raise, and are told to the caller."""
        del kwargs
        return parse_json(s, max_bytes=MAX_JSON_BYTES)


def describe(
    media_type: str, *, status: int = 200
) -> dict[str | int | HTTPStatus, type[BaseModel] | OpenApiResponse | dict[str, Any] | None]:
    """The `responses` of a route that answers with one media type."""
    description = HTTPStatus(status).phrase
    return {status: {"description": description, "content": {media_type: {}}}}


def build_openapi(import_name: str, *, title: str, description: str) -> OpenAPI:
    """An app that serves `/openapi.json`."""
    app = OpenAPI(
        import_name,
        info=Info(title=title, version="1", description=description),
        doc_ui=False,
        static_folder=None,
        validation_error_status=400,
        validation_error_callback=_refuse,
        responses={"4XX": _PROBLEM},
    )
    app.json = StrictJson(app)

    def openapi() -> Response:
        return answer_json(app.api_doc)

    app.add_url_rule("/openapi.json", view_func=openapi)
    return app


def answer_json(value: Any, *, status: int = 200, media_type: str = "application/json") -> Response:
    """A JSON answer."""
    return Response(build_json(value), status=status, content_type=media_type)


def answer_text(text: str) -> Response:
    """Plain text in UTF-8, the form of notes, keys and policies."""
    return Response(text, content_type="text/plain; charset=utf-8")


def limit_body(app: Flask, limits: dict[str, int]) -> None:
    """Larger bodies for these paths only; everywhere else the house's limit holds."""

    @app.before_request
    def choose() -> None:
        if request.path in limits:
            request.max_content_length = limits[request.path]


def _refuse(error: ValidationError) -> Response:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    raise BadRequest(f"{place}: {first['msg'].lower()}" if place else first["msg"].lower())
