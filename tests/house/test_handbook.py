"""The officers' handbook names what stands on the pages, and shows pictures that are there."""

import os
import re
import subprocess
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
HANDBOOK = (ROOT / "docs" / "handbook.md").read_text()
BOLD = re.compile(r"\*\*([^*]+)\*\*")
# Bold for their weight, not because they stand on a page.
SPOKEN = {
    "dicetak tebal", "Pelapor tidak dikenal, dan tetap begitu.", "Isi laporan tersegel.",
    "Yang sudah ditulis tidak dapat diubah.", "Tidak ada yang menutup perkara sendirian.",
    "Belum menelaah", "Sesudah itu",
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


def test_every_command_it_gives_is_one_of_make() -> None:
    given = set(re.findall(r"^    make (\S+)", HANDBOOK, re.MULTILINE))
    assert given == {"practice", "practice-cases"}
    assert given <= set(re.findall(r"^(\S+):.* ## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_practice_has_a_folder_and_a_database_of_its_own_whatever_else_is_set() -> None:
    elsewhere = {"KENTONGAN_INSTANCE": "instance", "DATABASE_URL": "postgresql://real"}
    for given, environment in (([], elsewhere), ([f"{name}={value}" for name, value in elsewhere.items()], {})):
        told = _would_do("practice", "PORT=9123", *given, **environment)
        begun = next(line for line in told.splitlines() if " run " in line)
        assert begun.endswith(f'KENTONGAN_INSTANCE=practice DATABASE_URL="sqlite:///{ROOT}/practice/kentongan.sqlite3"')
        assert "127.0.0.1:9123" in told
    assert "--port 8001 --instance practice" in _would_do("practice-cases")


def _would_do(*arguments: str, **environment: str) -> str:
    command, around = ["make", "--dry-run", *arguments], os.environ | environment
    return subprocess.run(command, cwd=ROOT, env=around, capture_output=True, text=True, check=True).stdout
