"""What this package raises: bytes that are not what they claim to be."""

from typing import ClassVar


class EncodingError(Exception):
    """Root of this package's errors."""

    kind: ClassVar[str] = "malformed"
    code: ClassVar[str] = "invalid_request"


class Malformed(EncodingError):
    """
    The bytes cannot be read. `detail` is a stable code such as `duplicate_member`.

    The message never repeats the input, which may hold personal data.
    """

    def __init__(self, message: str, *, detail: str = "malformed") -> None:
        super().__init__(message)
        self.detail = detail
