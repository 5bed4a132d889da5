"""
Letters to the counters: JSON over HTTP with an answer that is read strictly.

Every command and every step of the tour goes through the same public doors as anybody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from encoding.strict_json import JsonValue, build_json, parse_object
from mobile_demo.errors import DemoError
from runtime.fetch import Fetched, Fetcher

MAX_ANSWER = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Letters:
    """Sends letters to one counter. `headers` go with each, for instance a bearer token."""

    fetcher: Fetcher
    base_url: str
    headers: Mapping[str, str]

    def get(self, path: str) -> dict[str, JsonValue]:
        """The JSON object at a path; DemoError with the wire code otherwise."""
        answer = self.fetcher.get(
            self._url(path),
            accept="application/json",
            max_bytes=MAX_ANSWER,
            headers=dict(self.headers),
        )
        return read_answer(answer)

    def text(self, path: str, *, accept: str) -> str:
        """The text at a path."""
        answer = self.fetcher.get(
            self._url(path), accept=accept, max_bytes=MAX_ANSWER, headers=dict(self.headers)
        )
        if answer.status >= 300:
            read_answer(answer)
        return answer.body.decode()

    def post(self, path: str, value: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Post a JSON object and read the answer."""
        return read_answer(self.send("POST", path, value))

    def put(self, path: str, value: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Put a JSON object and read the answer."""
        return read_answer(self.send("PUT", path, value))

    def send(self, method: str, path: str, value: Mapping[str, JsonValue]) -> Fetched:
        """Send a JSON object and return the raw answer."""
        return self.fetcher.send(
            method,
            self._url(path),
            build_json(dict(value)),
            content_type="application/json",
            max_bytes=MAX_ANSWER,
            headers=dict(self.headers),
        )

    def _url(self, path: str) -> str:
        return path if path.startswith("http") else f"{self.base_url}{path}"


def read_answer(answer: Fetched) -> dict[str, JsonValue]:
    """The object of a 2xx answer; a refusal becomes a DemoError with its stable code."""
    value = parse_object(answer.body, max_bytes=MAX_ANSWER) if answer.body else {}
    if 200 <= answer.status < 300:
        return value
    code = value.get("code") or value.get("error") or f"http_{answer.status}"
    detail = value.get("detail") or value.get("error_description") or "refused"
    raise DemoError(f"{answer.status} from {answer.url}: {detail}", code=str(code))


def text_of(value: Mapping[str, JsonValue], name: str) -> str:
    """A member that must be a string."""
    member = value.get(name)
    if not isinstance(member, str):
        raise DemoError(f"the answer has no text {name}", code="malformed")
    return member


def object_of(value: Mapping[str, JsonValue], name: str) -> dict[str, JsonValue]:
    """A member that must be an object."""
    member = value.get(name)
    if not isinstance(member, dict):
        raise DemoError(f"the answer has no object {name}", code="malformed")
    return member


def objects_of(value: Mapping[str, JsonValue], name: str) -> list[dict[str, JsonValue]]:
    """A member that must be a list of objects."""
    member = value.get(name)
    if not isinstance(member, list):
        raise DemoError(f"the answer has no list {name}", code="malformed")
    return [item for item in member if isinstance(item, dict)]
