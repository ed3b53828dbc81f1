"""The picture of the log at /log/bukti: what happens becomes a row of entries, over which one signature stands.

It has no words, which readers of two languages would need two of: its numbers are those of the list beside it.
"""

from collections.abc import Iterable
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

FINE = 4  # drawn so many times larger, then reduced
SIZE = (640, 344)
FULL, PALE = 255, 70  # ink, and what is only tinted
STROKE = 3.0
BOX, STEP, FIRST, ROW = 40.0, 52.0, 112.0, 280.0  # an entry's side, from one to the next, the first one's left, the top
ENTRIES = 8
SEAL = (FIRST + STEP * (ENTRIES - 1) / 2 + BOX / 2, 62.0)
WITNESSES = ((470.0, 62.0), (534.0, 62.0), (598.0, 62.0))
LENS = (578.0, 222.0)
# Where the numbers of the list stand.
NUMBERS = {1: (45.0, 240.0), 2: (SEAL[0] - 66, 62.0), 3: (534.0, 112.0), 4: (578.0, 160.0)}
Point = tuple[float, float]


class Sheet:
    """A sheet on which lines are drawn in one ink."""

    def __init__(self) -> None:
        self.image = Image.new("L", (SIZE[0] * FINE, SIZE[1] * FINE), 0)
        self.draw = ImageDraw.Draw(self.image)

    def line(self, *points: Point, width: float = STROKE) -> None:
        """Draw a line through points, its ends round."""
        self.draw.line([at for point in points for at in _fine(point)], FULL, round(width * FINE), "curve")
        for end in (points[0], points[-1]):
            self.disc(end, width / 2)

    def disc(self, middle: Point, radius: float, ink: int = FULL) -> None:
        """Fill a circle."""
        self.draw.ellipse(_around(middle, radius), ink)

    def ring(self, middle: Point, radius: float, tint: int = 0) -> None:
        """Draw a circle, its inside tinted."""
        self.draw.ellipse(_around(middle, radius), tint, FULL, round(STROKE * FINE))

    def box(self, corner: Point, width: float, height: float, tint: int = 0) -> None:
        """Draw an upright box with rounded corners."""
        low, high = _fine(corner), _fine((corner[0] + width, corner[1] + height))
        self.draw.rounded_rectangle([*low, *high], 4 * FINE, tint, FULL, round(STROKE * FINE))

    def tick(self, middle: Point, size: float) -> None:
        """Draw the sign that something was found right."""
        x, y = middle
        self.line((x - size, y), (x - size * 0.25, y + size * 0.7), (x + size, y - size * 0.75), width=STROKE * 1.3)

    def number(self, number: int, middle: Point) -> None:
        """Draw a number of the list, cut out of a disc."""
        self.disc(middle, 17)
        self.draw.text(_fine(middle), str(number), 0, ImageFont.load_default(24 * FINE), "mm")


def _fine(point: Point) -> tuple[float, float]:
    return point[0] * FINE, point[1] * FINE


def _around(middle: Point, radius: float) -> list[float]:
    (x, y) = middle
    return [*_fine((x - radius, y - radius)), *_fine((x + radius, y + radius))]


def log() -> Image.Image:
    """Draw a slip that becomes an entry, the tree over the entries, its seal, those who sign it too, and a reader."""
    sheet = Sheet()
    _entries(sheet)
    _tree(sheet, [FIRST + STEP * at + BOX / 2 for at in range(ENTRIES)], ROW)
    _slip(sheet)
    _seals(sheet)
    _lens(sheet)
    for number, middle in NUMBERS.items():
        sheet.number(number, middle)
    return sheet.image.resize(SIZE, Image.Resampling.LANCZOS)


def _entries(sheet: Sheet) -> None:
    """Draw the entries, of which none looks like what it is made of."""
    for at in range(ENTRIES):
        left = FIRST + STEP * at
        sheet.box((left, ROW), BOX, BOX, PALE)
        for dot in range(9):
            if (at * 7 + dot * 5) % 11 > 3:
                sheet.disc((left + 10 + 10 * (dot % 3), ROW + 10 + 10 * (dot // 3)), 2.6)


def _tree(sheet: Sheet, places: list[float], top: float) -> None:
    """Draw how neighbours are joined, two and two, until one is left."""
    above = top - 58
    joined = [(left + right) / 2 for left, right in _pairs(places)]
    for (left, right), middle in zip(_pairs(places), joined, strict=True):
        sheet.line((left, top), (left, above + 24), (right, above + 24), (right, top))
        sheet.line((middle, above + 24), (middle, above))
    if len(joined) > 1:
        _tree(sheet, joined, above)


def _pairs(places: list[float]) -> Iterable[tuple[float, float]]:
    return [pair for at, pair in enumerate(pairwise(places)) if not at % 2]


def _slip(sheet: Sheet) -> None:
    """Draw what is written down, on its way into the row."""
    sheet.box((22, ROW - 14), 46, 62)
    for row in range(4):
        sheet.line((32, ROW + row * 12), (58 - 8 * (row == 3), ROW + row * 12), width=2)
    middle = ROW + BOX / 2
    sheet.line((76, middle), (98, middle))
    sheet.line((90, middle - 8), (98, middle), (90, middle + 8))


def _seals(sheet: Sheet) -> None:
    sheet.ring(SEAL, 42)
    sheet.ring(SEAL, 33, PALE)
    sheet.tick(SEAL, 15)
    sheet.line((SEAL[0] + 46, SEAL[1]), (WITNESSES[0][0] - 28, SEAL[1]))
    for each in WITNESSES:
        sheet.ring(each, 25)
        sheet.tick(each, 10)


def _lens(sheet: Sheet) -> None:
    """Draw a glass through which the last of the entries is looked at."""
    x, y = LENS
    sheet.line((x - 23, y + 23), (x - 44, y + 44), width=9)
    sheet.ring(LENS, 34, PALE)
    sheet.ring(LENS, 28)
    sheet.tick(LENS, 12)
