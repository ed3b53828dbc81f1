"""See that Chromium is here before the journeys: installed where that is allowed, else said loudly."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

BINARY = "/usr/bin/chromium"
MISSING = """
************************************************************************
Chromium is not at /usr/bin/chromium: the tests in a browser do NOT run.
On Debian, as root: apt-get install chromium
************************************************************************
"""


def main() -> int:
    """Return 0 when tests may go on; in CI only with Chromium."""
    if not Path(BINARY).exists() and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser journeys …", flush=True)
        subprocess.run(["apt-get", "update", "-q"], stdout=subprocess.DEVNULL, check=False)
        subprocess.run(["apt-get", "install", "-y", "-q", "chromium"], stdout=subprocess.DEVNULL, check=False)
    if Path(BINARY).exists():
        return 0
    print(MISSING, file=sys.stderr)
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
