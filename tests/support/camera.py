"""
A cheap phone's camera without a phone: it films a picture of a live page, and films it badly.

`film_hard75` holds the screen at a tilt so that its QR code fills 75 % of the middle square of a
720p picture, then loses what such cameras lose: blur (sigma 1.4), motion over 3 px, low contrast,
glare, noise (sigma 11). `FakeCamera` is the file that Chromium reads as its camera. The browser
reads it picture by picture, so a file that is written in place is a camera that goes on filming.
"""

import io
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

WIDTH, HEIGHT = 1280, 720
SIDE = 720
FILL = 0.75
BLUR = 1.4
MOTION = 3
NOISE = 11
DARKEST, BRIGHTEST = 62.0, 196.0
GLARE = 46.0
TURN_DEGREES = 4.0
PERSPECTIVE = 0.10
FRAMES = 9
HEADER = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420\n".encode()
STREET = 118


@dataclass(frozen=True, slots=True)
class Screen:
    """A screenshot and where the QR code with its white edge lies in it, in pixels."""

    image: Image.Image
    left: float
    top: float
    size: float


def read_screen(png: bytes, box: dict[str, float], *, scale: float) -> Screen:
    """A screenshot of a page with the code's box in CSS pixels."""
    image = Image.open(io.BytesIO(png)).convert("L")
    return Screen(image, box["x"] * scale, box["y"] * scale, box["width"] * scale)


def film_hard75(screen: Screen, *, random: np.random.Generator) -> np.ndarray:
    """One 1280 x 720 picture (brightness only) of a screen, as a cheap phone sees it."""
    picture = _hold(screen, random)
    picture = picture.filter(ImageFilter.GaussianBlur(BLUR))
    light = _shake(np.asarray(picture, dtype=np.float32), random)
    light = DARKEST + light * ((BRIGHTEST - DARKEST) / 255)
    light += _glare(random)
    light += random.normal(0, NOISE, light.shape)
    return np.clip(light, 0, 255).astype(np.uint8)


def film_street(*, random: np.random.Generator) -> np.ndarray:
    """A picture with no code in it."""
    return np.clip(random.normal(STREET, NOISE, (HEIGHT, WIDTH)), 0, 255).astype(np.uint8)


def middle_square(picture: np.ndarray) -> np.ndarray:
    """What an app looks at: the square in the middle."""
    left = (WIDTH - SIDE) // 2
    return np.ascontiguousarray(picture[:, left : left + SIDE])


def _hold(screen: Screen, random: np.random.Generator) -> Image.Image:
    """The screen at a tilt before a wall, its code in the middle of the picture."""
    scale = FILL * SIDE / screen.size
    small = screen.image.resize(
        (round(screen.image.width * scale), round(screen.image.height * scale)),
        Image.Resampling.BOX,
    )
    wall = Image.new("L", (WIDTH, HEIGHT), STREET)
    middle = (np.array([screen.left, screen.top]) + screen.size / 2) * scale
    wall.paste(small, (round(WIDTH / 2 - middle[0]), round(HEIGHT / 2 - middle[1])))
    corners = _corners(random)
    return wall.transform(
        (WIDTH, HEIGHT),
        Image.Transform.PERSPECTIVE,
        _coefficients(corners),
        Image.Resampling.BICUBIC,
        fillcolor=STREET,
    )


def _corners(random: np.random.Generator) -> np.ndarray:
    """Where the corners of the code's square end up: turned, and smaller on the far side."""
    half = FILL * SIDE / 2
    square = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
    angle = np.radians(random.uniform(-TURN_DEGREES, TURN_DEGREES))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = square @ turn.T
    far_x, far_y = random.uniform(-PERSPECTIVE, PERSPECTIVE, 2)
    shrink = 1 + (far_x * square[:, 0] + far_y * square[:, 1]) / half
    return turned / np.maximum(shrink, 0.5)[:, None] + [WIDTH / 2, HEIGHT / 2]


def _coefficients(corners: np.ndarray) -> tuple[float, ...]:
    """Pillow's eight numbers that carry the tilted corners back onto the upright square."""
    half = FILL * SIDE / 2
    upright = np.array([[-half, -half], [half, -half], [half, half], [-half, half]])
    upright += [WIDTH / 2, HEIGHT / 2]
    rows = []
    for (x, y), (u, v) in zip(corners, upright, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    return tuple(np.linalg.solve(np.array(rows), upright.reshape(8)))


def _shake(light: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Motion while the shutter is open, sideways or up and down."""
    axis = int(random.integers(2))
    return sum(np.roll(light, step, axis) for step in range(MOTION)) / MOTION


def _glare(random: np.random.Generator) -> np.ndarray:
    """A lamp's reflection somewhere on the code."""
    x, y = random.uniform(0.3, 0.7, 2) * [WIDTH, HEIGHT]
    columns, rows = np.arange(WIDTH) - x, np.arange(HEIGHT) - y
    return GLARE * np.exp(-(rows[:, None] ** 2 + columns[None, :] ** 2) / (2 * 130.0**2))


@dataclass(slots=True)
class FakeCamera:
    """The camera file of one browser. It shows a street until something is filmed."""

    path: Path
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(75))

    def __post_init__(self) -> None:
        self.path.write_bytes(HEADER)
        self.look_away()

    def look_away(self) -> None:
        """Nothing before the lens."""
        self._show([film_street(random=self.random)] * FRAMES)

    def film(self, *screens: Screen) -> None:
        """From now on the camera sees these screens in turn, each picture shaken anew."""
        seen = (screens[number % len(screens)] for number in range(FRAMES))
        self._show([film_hard75(screen, random=self.random) for screen in seen])

    def _show(self, pictures: list[np.ndarray]) -> None:
        colours = bytes([128]) * (WIDTH * HEIGHT // 2)
        reel = b"".join(b"FRAME\n" + picture.tobytes() + colours for picture in pictures)
        with os.fdopen(os.open(self.path, os.O_WRONLY), "wb") as file:
            file.seek(len(HEADER))
            file.write(reel)
