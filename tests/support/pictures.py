"""Pictures of people who do not exist: a drawn head, as small as a face beside a code must be."""

import base64
import io
import random

from PIL import Image, ImageDraw

SIZE = (64, 80)
QUALITY = 10


def draw_head(size: tuple[int, int] = SIZE, *, seed: int) -> Image.Image:
    """Hair, a head, eyes, a nose and a mouth, with the unrest of a photograph."""
    chance = random.Random(seed)
    width, height = size
    image = Image.new("L", size, 205)
    pen = ImageDraw.Draw(image)
    pen.rectangle([width * 0.1, height * 0.84, width * 0.9, height], fill=70 + seed * 29 % 60)
    pen.ellipse([width * 0.17, height * 0.06, width * 0.83, height * 0.7], fill=35)
    pen.ellipse([width * 0.23, height * 0.16, width * 0.77, height * 0.88], fill=165)
    for x in (0.38, 0.62):
        pen.ellipse([width * (x - 0.05), height * 0.44, width * (x + 0.05), height * 0.49], fill=30)
    pen.line([width * 0.5, height * 0.5, width * 0.48, height * 0.62], fill=120, width=2)
    pen.arc([width * 0.36, height * 0.56, width * 0.64, height * 0.75], 20, 160, fill=60, width=2)
    for _ in range(width * height // 40):
        place = chance.randrange(width), chance.randrange(height)
        pen.point(place, fill=max(0, int(str(image.getpixel(place))) - chance.randrange(40)))
    return image


def encode_webp(image: Image.Image) -> bytes:
    """As small as `docs/decisions/0027` measured."""
    target = io.BytesIO()
    image.save(target, "WEBP", quality=QUALITY, method=6)
    return target.getvalue()


def face_url(data: bytes) -> str:
    """The claim of kind `face`."""
    return "data:image/webp;base64," + base64.b64encode(data).decode()
