"""
The JSON-LD contexts that the city knows, each pinned by the SHA-256 of its bytes.

A context says what the words of a credential mean, so it is part of what is signed: it is never
fetched (VCDM-12, VCDM-14), and a document that names any other is refused (S-033). The bytes are
those that W3C published; see `contexts/NOTICE` and docs/decisions/0028. A caller adds the contexts
of the city's own types with `add_contexts`; it may not replace one of these.
"""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

from credentials.errors import Malformed
from encoding import errors as encoding_errors
from encoding import strict_json
from encoding.strict_json import JsonValue

MAX_CONTEXT_BYTES = 65_536

PINNED: Mapping[str, tuple[str, str]] = {
    "https://www.w3.org/ns/credentials/v2": (
        "credentials-v2.jsonld",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    ),
    "https://www.w3.org/ns/credentials/examples/v2": (
        "examples-v2.jsonld",
        "57393fbc69d6efb9b9b5dc9cb6b9880b0944360abfe2eaf459c9e58cf2279d7c",
    ),
    "https://www.w3.org/ns/credentials/undefined-terms/v2": (
        "undefined-terms-v2.jsonld",
        "82dab514ba44eb18f5d1b0f638c5e140c6a556fbfb5089601bdc0fa5eb8b2581",
    ),
    "https://www.w3.org/2018/credentials/v1": (
        "credentials-v1.jsonld",
        "ab4ddd9a531758807a79a5b450510d61ae8d147eab966cc9a200c07095b0cdcc",
    ),
    "https://www.w3.org/ns/credentials/v1": (
        "credentials-v1.jsonld",
        "ab4ddd9a531758807a79a5b450510d61ae8d147eab966cc9a200c07095b0cdcc",
    ),
    "https://w3id.org/security/data-integrity/v2": (
        "data-integrity-v2.jsonld",
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
    ),
    "https://w3id.org/security/data-integrity/v1": (
        "data-integrity-v1.jsonld",
        "b5d829bd09aa7c42abc6efa0c8ed7635313b5487f37ccfce3ecd149ca9418554",
    ),
    "https://w3id.org/security/multikey/v1": (
        "multikey-v1.jsonld",
        "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
    ),
    "https://w3id.org/security/jwk/v1": (
        "jwk-v1.jsonld",
        "0f14b62f6071aafe00df265770ea0c7508e118247d79b7d861a406d2aa00bece",
    ),
    "https://www.w3.org/ns/cid/v1": (
        "cid-v1.jsonld",
        "ea216ecc1cb02cd39b693dba2250141e270ba0bf95890be107dd9a9e8e43de85",
    ),
    "https://www.w3.org/ns/credentials/status/v1": (
        "status-v1.jsonld",
        "fda5add353231e6a6884a46b12e6c75464281900cb348284d9c360f62381d9f7",
    ),
    "https://w3id.org/vc/status-list/2021/v1": (
        "status-list-2021-v1.jsonld",
        "6dd06a52bedb771e059c1083ba8ba7848dce22f6b4a8cfa0b98ba3fc188870e4",
    ),
    "https://w3id.org/vc-barcodes/v1": (
        "vc-barcodes-v1.jsonld",
        "23b78119d880e5462417e0c0eb4e9f60ac280c47ed676fff60369bbb1cc6a2c9",
    ),
}
"""URL to file and SHA-256 of the file. The first digest is printed in VCDM 2.0, appendix B.1."""


class Contexts:
    """
    A fixed set of contexts: URL to the value of its `@context`. Two sets are the same only if they
    are one object, so that what is worked out of a set can be kept beside it.
    """

    __slots__ = ("__weakref__", "_documents")

    def __init__(self, documents: Mapping[str, JsonValue]) -> None:
        self._documents = dict(documents)

    def __contains__(self, url: object) -> bool:
        return url in self._documents

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def get(self, url: str) -> JsonValue:
        """The context at this URL; one that is not bundled is never looked for."""
        try:
            return self._documents[url]
        except KeyError as error:
            raise Malformed("a context is not bundled", detail="unknown_context") from error


@cache
def bundled_contexts() -> Contexts:
    """The pinned contexts. Reads the package's own files once; a file that changed is refused."""
    return Contexts({url: _parse(read_pinned(url)) for url in PINNED})


def read_pinned(url: str) -> bytes:
    """The bytes of one pinned context, checked against its digest."""
    name, digest = PINNED[url]
    data = resources.files("credentials").joinpath("contexts", name).read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise Malformed("a pinned context has changed", detail="changed_context")
    return data


def add_contexts(known: Contexts, added: Mapping[str, bytes | Mapping[str, JsonValue]]) -> Contexts:
    """
    The same set with the city's own contexts, as documents that hold one `@context` each.

    Keep the result: everything learnt about a set is kept with that one object.
    """
    documents = {url: known.get(url) for url in known}
    for url, document in added.items():
        if url in documents:
            raise Malformed("a bundled context is not replaced", detail="changed_context")
        documents[url] = _parse(document)
    return Contexts(documents)


def _parse(document: bytes | Mapping[str, JsonValue]) -> JsonValue:
    try:
        data = document if isinstance(document, bytes) else strict_json.build_json(document)
        members = strict_json.parse_object(data, max_bytes=MAX_CONTEXT_BYTES)
    except encoding_errors.Malformed as error:
        raise Malformed.from_encoding(error) from error
    if not isinstance(members.get("@context"), dict | list):
        raise Malformed("a context document lacks its @context", detail="invalid_context")
    return members["@context"]
