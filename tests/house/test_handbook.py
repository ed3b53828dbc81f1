"""The officers' handbook names what stands on the pages, and shows pictures that are there."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
HANDBOOK = (ROOT / "docs" / "handbook.md").read_text()
BOLD = re.compile(r"\*\*([^*]+)\*\*")
# Bold for their weight, not because they stand on a page.
SPOKEN = {
    "dicetak tebal", "Pelapor tidak dikenal, dan tetap begitu.", "Isi laporan tersegel.",
    "Yang sudah ditulis tidak dapat diubah.", "Tidak ada yang menutup perkara sendirian.", "belum pernah",
}  # fmt: skip


def test_every_label_it_names_stands_on_a_page() -> None:
    with (ROOT / "translations" / "messages.pot").open("rb") as file:
        texts = {message.id for message in read_po(file)}
    named = {" ".join(label.split()) for label in BOLD.findall(HANDBOOK)}
    assert SPOKEN <= named
    assert named - SPOKEN - texts == set()


def test_every_picture_it_shows_is_there() -> None:
    shown = re.findall(r"\((pictures/[a-z-]+\.png)\)", HANDBOOK)
    assert shown and all((ROOT / "docs" / picture).is_file() for picture in shown)
