"""Request bodies through the strict loader (encoding.strict_json), and as JSON only (S-117)."""

from typing import Any

from flask import Request

from encoding.strict_json import parse_object
from wallet_api.errors import BadRequest


class StrictRequest(Request):
    """A request whose JSON is read by our loader: no duplicates, no NaN, bounded."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The body's object; a body that is none is refused, even where Flask would be silent."""
        del silent
        if not force and self.mimetype != "application/json":
            raise BadRequest("the body must be application/json")
        return parse_object(self.get_data(cache=cache))
