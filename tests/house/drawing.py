"""Our own pictures: the kentongan that is the mark, and the kawung along the head of each page.

``python -m tests.house.drawing`` draws them into static/img. They have one colour and many levels of transparency: the
kawung lies in cream on a ground the stylesheet colours, and the mark is a mask, so that one small file serves light
and dark. The picture of the log, which has to be there where masks are not, is drawn once for each.
"""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from . import log_drawing

FOLDER = Path(__file__).resolve().parents[2] / "static" / "img"
FINE = 8  # drawn so many times larger, then reduced, since Pillow's lines have hard edges
LEVELS = 16
CREAM = (250, 238, 214)
SOGAN, SOGAN_IN_DARK = (0x6F, 0x3F, 0x1D), (0xE3, 0xB2, 0x7F)
MARK = (70, 96)
CELL = 32
Point = tuple[float, float]
Colour = tuple[int, int, int]


def _canvas(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (width * FINE, height * FINE), 0)
    return image, ImageDraw.Draw(image)


def _scaled(points: list[Point]) -> list[Point]:
    return [(x * FINE, y * FINE) for x, y in points]


def _capsule(x: float, top: float, bottom: float, upper: float, lower: float) -> list[Point]:
    """Return the outline of an upright log around ``x``: round ends, half-widths ``upper`` and ``lower``."""
    arc = [math.pi * step / 48 for step in range(49)]
    head = [(x - upper * math.cos(a), top + upper * (1 - math.sin(a))) for a in arc]
    foot = [(x + lower * math.cos(a), bottom - lower * (1 - math.sin(a))) for a in arc]
    return head + foot


def _line(draw: ImageDraw.ImageDraw, points: list[Point], width: float) -> None:
    """Draw a line through ``points`` with round ends and joints."""
    draw.line(_scaled(points), fill=255, width=round(width * FINE), joint="curve")
    for end in (points[0], points[-1]):
        _oval(draw, end, (width / 2, width / 2), 255)


def _oval(draw: ImageDraw.ImageDraw, middle: Point, half: Point, fill: int) -> None:
    """Fill the upright oval around ``middle`` of half-widths ``half``."""
    (x, y), (across, along) = middle, half
    low, high = _scaled([(x - across, y - along), (x + across, y + along)])
    draw.ellipse([*low, *high], fill=fill)


def mark(scale: float = 1) -> Image.Image:
    """Draw a kentongan hanging from its cord, the beater leaning beside it; ``scale`` 1 is 70 × 96 pixels."""
    image, draw = _canvas(*MARK)
    draw.polygon(_scaled(_capsule(21, 18, 93, 17, 20)), fill=255)
    draw.polygon(_scaled(_capsule(21, 22.5, 88.5, 12.5, 15.5)), fill=0)
    draw.polygon(_scaled(_capsule(21, 36, 78, 3.6, 3.6)), fill=255)
    loop = [(21 + 8 * math.sin(a), 11 - 7.5 * math.cos(a)) for a in (math.pi * step / 24 for step in range(-20, 21))]
    _line(draw, loop, 3.6)
    _line(draw, [(50, 30), (65, 86)], 5)
    _oval(draw, (49.5, 23), (8, 8), 255)
    return image.resize((round(MARK[0] * scale), round(MARK[1] * scale)), Image.Resampling.LANCZOS)


def _petal(angle: float) -> Image.Image:
    """Draw one seed of the kawung: an oval from near the middle to the corner at ``angle``, with its two grains.

    It is turned on a canvas twice as wide, so that no corner of it is cut off before it has its place.
    """
    image, draw = _canvas(2 * CELL, 2 * CELL)
    along, across = CELL + 12.0, CELL
    _oval(draw, (along, across), (8.6, 5.2), 255)
    for offset in (-3.6, 3.6):
        _oval(draw, (along + offset, across), (2.0, 1.1), 0)
    turned = image.rotate(angle, Image.Resampling.BICUBIC)
    edge, far = CELL * FINE // 2, CELL * FINE * 3 // 2
    return turned.crop((edge, edge, far, far))


def kawung() -> Image.Image:
    """Draw one repeat of the border: four seeds towards the corners around a dot."""
    image, draw = _canvas(CELL, CELL)
    for spot in ((16, 16), (16, 0), (16, 32), (0, 16), (32, 16)):
        _oval(draw, spot, (2, 2), 255)
    for angle in (45, 135, 225, 315):
        image = ImageChops.lighter(image, _petal(angle))
    return image.resize((CELL, CELL), Image.Resampling.LANCZOS)


def save(mask: Image.Image, path: Path, colour: Colour) -> None:
    """Write ``mask`` as a PNG of one colour in 16 levels of transparency: four bits a pixel."""
    levels = mask.point(lambda value: round(value * (LEVELS - 1) / 255))
    flat = Image.frombytes("P", mask.size, levels.tobytes())
    flat.putpalette(bytes(colour * LEVELS))
    alphas = bytes(round(level * 255 / (LEVELS - 1)) for level in range(LEVELS))
    flat.save(path, optimize=True, bits=4, transparency=alphas)


DRAWINGS: dict[str, tuple[Callable[[], Image.Image], Colour]] = {
    "kentongan.png": (mark, CREAM),
    "kentongan-besar.png": (partial(mark, 2.5), CREAM),
    "kawung.png": (kawung, CREAM),
    "log.png": (log_drawing.log, SOGAN),
    "log-gelap.png": (log_drawing.log, SOGAN_IN_DARK),
}


def draw(name: str, folder: Path) -> None:
    """Draw a picture into its file."""
    drawn, colour = DRAWINGS[name]
    save(drawn(), folder / name, colour)


def main() -> None:
    """Draw every picture into its file."""
    for name in DRAWINGS:
        draw(name, FOLDER)


if __name__ == "__main__":
    main()
