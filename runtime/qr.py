"""
QR codes, as text becomes squares. The only door to the `qrcode` library.

Codes are drawn with the quiet zone of four modules that ISO/IEC 18004 asks for. Texts of the
alphanumeric alphabet (Base45) use its denser mode.
"""

import re
from typing import Any, Final, Literal

import qrcode
import qrcode.constants
from qrcode.exceptions import DataOverflowError

from encoding.errors import Malformed

MAX_TEXT: Final = 4296
"""Characters of the largest code, version 40-L, alphanumeric."""

Correction = Literal["L", "M", "Q", "H"]
_QUIET_ZONE: Final = 4
_LEVELS: Final = {
    "L": qrcode.constants.ERROR_CORRECT_L,
    "M": qrcode.constants.ERROR_CORRECT_M,
    "Q": qrcode.constants.ERROR_CORRECT_Q,
    "H": qrcode.constants.ERROR_CORRECT_H,
}
_ALPHANUMERIC: Final = re.compile(r"[0-9A-Z $%*+\-./:]*")
_BLOCKS: Final = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
"""Two modules in one character, light as full block: terminals are dark."""


def build_qr_svg(text: str, *, error: Correction = "L") -> str:
    """The code as a stand-alone SVG that scales to any size."""
    rows = _build_rows(text, error)
    path = "".join(
        f"M{start} {y}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in _dark_runs(row)
    )
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        'shape-rendering="crispEdges" role="img" aria-label="QR code">'
        f'<path fill="#fff" d="M0 0h{size}v{size}h-{size}z"/><path fill="#000" d="{path}"/></svg>'
    )


def build_qr_terminal(text: str, *, error: Correction = "L") -> str:
    """The code in half blocks, to be scanned from a dark terminal."""
    rows = _build_rows(text, error)
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return "\n".join(
        "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in pairs
    )


def qr_version(text: str, *, error: Correction = "L") -> int:
    """The smallest version, 1 to 40, that holds the text."""
    return int(_build_code(text, error).version)


def _build_code(text: str, error: Correction) -> "qrcode.QRCode[Any]":
    if not text or len(text) > MAX_TEXT:
        raise Malformed(f"QR text must have 1 to {MAX_TEXT} characters", detail="too_large")
    code: qrcode.QRCode[Any] = qrcode.QRCode(error_correction=_LEVELS[error], border=_QUIET_ZONE)
    code.add_data(text, optimize=0 if _ALPHANUMERIC.fullmatch(text) else 20)
    try:
        code.best_fit()
    except (DataOverflowError, ValueError) as error_:
        raise Malformed("text is too long for a QR code", detail="too_large") from error_
    return code


def _build_rows(text: str, error: Correction) -> list[list[bool]]:
    code = _build_code(text, error)
    code.make(fit=False)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def _dark_runs(row: list[bool]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    start: int | None = None
    for x, is_dark in enumerate([*row, False]):
        if is_dark and start is None:
            start = x
        elif not is_dark and start is not None:
            runs.append((start, x - start))
            start = None
    return runs
