"""
A habit of published test data that JSON-LD 1.1 does not know: a context wrapped in a context.

`{"@context": {…}}` as an item of `@context` is a redefined keyword to the standard and is unwrapped
by common libraries. The product refuses it; this endpoint reads what is wrapped, and warns.
"""

from collections.abc import Mapping

from encoding.strict_json import JsonValue


def unwrap_contexts(document: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The same document, with its own contexts taken out of their wrapping."""
    contexts = document.get("@context")
    if not isinstance(contexts, list):
        return dict(document)
    return {**document, "@context": [_unwrap(each) for each in contexts]}


def _unwrap(context: JsonValue) -> JsonValue:
    if isinstance(context, dict) and context.keys() == {"@context"}:
        return context["@context"]
    return context
