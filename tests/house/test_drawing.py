"""The pictures are our own drawing."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from . import drawing


@pytest.mark.parametrize("name", sorted(drawing.DRAWINGS))
def test_a_picture_is_what_the_script_draws(name: str, tmp_path: Path) -> None:
    drawing.draw(name, tmp_path)
    kept, drawn = (Image.open(folder / name).convert("RGBA") for folder in (drawing.FOLDER, tmp_path))
    assert ImageChops.difference(kept, drawn).getbbox(alpha_only=False) is None


def test_no_other_picture_is_served() -> None:
    assert {path.name for path in drawing.FOLDER.iterdir()} == drawing.DRAWINGS.keys()
