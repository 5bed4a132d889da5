"""
How this package reaches a server without knowing HTTP: a callable that is handed in.

The one door for outgoing HTTP is `runtime.fetch`; whoever builds a driver wraps it. No answer is
`ChainUnavailable`; an answer of any status is an answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A body means JSON or bytes, as `media_type` says."""

    method: Literal["GET", "POST"]
    url: str
    body: bytes = b""
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The status and the whole body, within the transport's own limit."""

    status: int
    body: bytes


Transport: TypeAlias = Callable[[HttpRequest], HttpAnswer]
