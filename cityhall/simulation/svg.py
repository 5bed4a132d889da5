"""
A small writer of SVG 1.1 pictures: lines, bars, dots, words; no library.

Every picture is 640 units wide with words of 17 units or more, so that it reads on a phone at half
its size. It brings its own ground and two sets of colours, for light and for dark screens.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

WIDTH: Final = 640
_STYLE: Final = """
text{font:17px system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;fill:#3d434c}
.ground{fill:#ffffff}.title{font-size:21px;font-weight:650;fill:#14181d}
.strong{font-weight:600;fill:#14181d}
.grid{stroke:#e3e6ea}.axis{stroke:#98a0aa}.limit{stroke:#6b737e;stroke-dasharray:5 5}
.shade{fill:#f1efe9}
.c0{stroke:#2160c4}.c1{stroke:#0b8457}.c2{stroke:#b4500b}.c3{stroke:#7a3fc0}
.f0{fill:#2160c4}.f1{fill:#0b8457}.f2{fill:#b4500b}.f3{fill:#7a3fc0}
.line{fill:none;stroke-width:3.5;stroke-linejoin:round;stroke-linecap:round}.hair{stroke-width:1}
.dashed{stroke-dasharray:11 11;stroke-linecap:butt}
@media (prefers-color-scheme:dark){
text{fill:#b9c1cb}.ground{fill:#15191e}.title,.strong{fill:#f0f3f6}
.grid{stroke:#2b3138}.axis{stroke:#69727d}.limit{stroke:#98a1ac}.shade{fill:#232322}
.c0{stroke:#7fb0ff}.c1{stroke:#4fd09b}.c2{stroke:#f4a261}.c3{stroke:#c39bff}
.f0{fill:#7fb0ff}.f1{fill:#4fd09b}.f2{fill:#f4a261}.f3{fill:#c39bff}}
""".strip()


@dataclass(slots=True)
class Picture:
    """Collects elements; `title` and `description` are what a screen reader says."""

    title: str
    description: str
    height: int
    _elements: list[str] = field(default_factory=list)

    def line(
        self, points: Sequence[tuple[float, float]], style: str, *, under: bool = False
    ) -> None:
        """A line through points."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        element = f'<polyline class="{style}" points="{path}" fill="none"/>'
        self._elements.insert(0 if under else len(self._elements), element)

    def box(
        self, left: float, top: float, *, width: float, height: float, style: str, radius: float = 0
    ) -> None:
        """A filled rectangle."""
        self._elements.append(
            f'<rect class="{style}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" '
            f'height="{height:.1f}" rx="{radius:g}"/>'
        )

    def dot(self, x: float, y: float, *, radius: float, style: str) -> None:
        """A filled circle."""
        self._elements.append(f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}"/>')

    def words(
        self, x: float, y: float, text: str, *, style: str = "", anchor: str = "start"
    ) -> None:
        """One line of words."""
        self._elements.append(
            f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
            f"{escape(text)}</text>"
        )

    def build(self) -> str:
        """The file."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="t d" '
            f'width="{WIDTH}" height="{self.height}" viewBox="0 0 {WIDTH} {self.height}">'
        )
        return "\n".join(
            [
                head,
                f'<title id="t">{escape(self.title)}</title>',
                f'<desc id="d">{escape(self.description)}</desc>',
                f"<style>{_STYLE}</style>",
                f'<rect class="ground" width="{WIDTH}" height="{self.height}" rx="10"/>',
                *self._elements,
                "</svg>\n",
            ]
        )
