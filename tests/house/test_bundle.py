"""The committed bundle is what the lock builds, and the comparison notices the least change."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from . import bundle

PRESENT = (bundle.ROOT / "node_modules" / ".made").exists()
pytestmark = pytest.mark.skipif(
    not PRESENT and not os.environ.get("CI"), reason="the bundler is absent: make lint installs it, and checks"
)


def alter_a_byte(folder: Path) -> None:
    path = folder / "hpke.js"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def drop_a_file(folder: Path) -> None:
    (folder / "argon2.js").unlink()


def slip_a_file_in(folder: Path) -> None:
    (folder / "more.js").write_text("export {};")


def test_the_committed_bundle_is_what_the_lock_builds() -> None:
    assert bundle.differing(bundle.VENDOR) == []


@pytest.mark.parametrize(
    ("change", "noticed"), [(alter_a_byte, "hpke.js"), (drop_a_file, "argon2.js"), (slip_a_file_in, "more.js")]
)
def test_one_altered_byte_or_file_is_noticed(change: Callable[[Path], None], noticed: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(bundle.VENDOR, tmp_path / "vendor"))
    change(folder)
    assert bundle.differing(folder) == [noticed]


def test_a_failing_build_is_no_match_and_leaves_the_bundle_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = bundle.files_of(bundle.VENDOR)
    monkeypatch.setattr(bundle, "NODE", Path("/bin/false"))
    with pytest.raises(bundle.subprocess.CalledProcessError):
        bundle.main()
    assert bundle.files_of(bundle.VENDOR) == before
