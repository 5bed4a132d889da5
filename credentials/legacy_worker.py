"""
The child process that alone imports didkit: VCDM 1.1 with linked-data proofs.

didkit may crash its interpreter, most of all at the end, so it never enters a web process or a
test; `runtime.children.ChildPool` runs this module. It leaves much unchecked: expiry, the future,
the credentials inside a presentation. `legacy.py` adds all that. Documents whose DIDs would make
didkit fetch something must not be sent here; `legacy.py` refuses them first.
"""

import asyncio
import atexit
import os
from functools import cache
from types import ModuleType

from encoding.strict_json import JsonValue, build_json, parse_object

_MAX_BYTES = 4_194_304
_VERIFICATIONS = frozenset({"verify_credential", "verify_presentation"})
_ISSUANCES = frozenset({"issue_credential", "issue_presentation"})
_OPTIONS = frozenset(
    {"type", "challenge", "domain", "created", "proofPurpose", "verificationMethod"}
)


def answer(request: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """
    Do one `operation` on a `document`.

    `verify_*` gives didkit's own `checks`, `warnings` and `errors`; `issue_*` signs with the
    private JWK in `key` and gives the signed `document`.
    """
    operation = request.get("operation")
    document = build_json(request.get("document")).decode()
    options = build_json(_options(request)).decode()
    if operation in _VERIFICATIONS:
        return _verify(str(operation), document, options)
    if operation in _ISSUANCES:
        key = build_json(request.get("key")).decode()
        return {"document": _parse(_run(str(operation), document, options, key))}
    raise ValueError("unknown operation")


def _verify(operation: str, document: str, options: str) -> dict[str, JsonValue]:
    try:
        return _parse(_run(operation, document, options))
    except _didkit().DIDKitException as error:
        return {"checks": [], "warnings": [], "errors": [str(error)]}


def _options(request: dict[str, JsonValue]) -> dict[str, JsonValue]:
    options = request.get("options", {})
    if not isinstance(options, dict) or not _OPTIONS.issuperset(options):
        raise ValueError("unknown options")
    # Without a type didkit takes one of 2018, which nobody here reads.
    return {"type": "Ed25519Signature2020", **options} if "key" in request else options


def _run(operation: str, *arguments: str) -> str:
    async def call() -> str:
        return str(await getattr(_didkit(), operation)(*arguments))

    return _loop().run_until_complete(call())


def _parse(text: str) -> dict[str, JsonValue]:
    return parse_object(text, max_bytes=_MAX_BYTES)


@cache
def _didkit() -> ModuleType:
    """Imported at the first request. From then on the process ends without Python's farewell."""
    import didkit

    atexit.register(os._exit, 0)
    return didkit


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()
