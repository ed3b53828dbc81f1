"""The programs that run beside ours, and those that check it: installed where that is allowed, else missed loudly."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# Each program, and Debian's package of it.
PROGRAMS = {
    "nginx": "nginx-light", "tor": "tor", "systemd-analyze": "systemd", "ip": "iproute2", "go": "golang-go",
    "curl": "curl",
}  # fmt: skip
# Where Debian puts the sources of Go's libraries (its GOPATH), of which one reads transparency logs.
GOPATH = Path("/usr/share/gocode")
LIBRARIES = {"src/golang.org/x/mod/sumdb/tlog": "golang-golang-x-mod-dev"}
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
BANNER = "*" * 72
# What every test says that did not run for want of something here.
UNTRIED = "nothing was tried with"


def program(name: str) -> str:
    """Return where a program is; without it the test that asks says that it did not run, and in CI it fails."""
    found = shutil.which(name, path=PATH)
    if found is None and not os.environ.get("CI"):
        pytest.skip(f"{name} is absent: {UNTRIED} it")
    assert found, f"{name} is absent"
    return found


def missing() -> list[str]:
    """Return the packages of what is not here."""
    programs = [package for name, package in PROGRAMS.items() if shutil.which(name, path=PATH) is None]
    return programs + [package for folder, package in LIBRARIES.items() if not (GOPATH / folder).is_dir()]


def message(packages: list[str]) -> str:
    """Say what does not run."""
    needs = " ".join(packages)
    return f"\n{BANNER}\nNOT everything is tried with others' programs.\nAs root: apt-get install {needs}\n{BANNER}\n"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say so after all tests."""
    if packages := missing():
        terminalreporter.write_line(message(packages), red=True)
    for reason in {str(skipped.longrepr[2]) for skipped in terminalreporter.stats.get("skipped", [])}:
        if UNTRIED in reason:
            terminalreporter.write_line(f"NOT tried: {reason}", red=True)


def main() -> int:
    """Return 0 when tests may go on; in CI only with everything."""
    if missing() and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {' '.join(missing())} to try ours with …", flush=True)
        subprocess.run(["apt-get", "update", "-q"], stdout=subprocess.DEVNULL, check=False)
        # Go recommends a C compiler; nothing here needs one.
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing()]
        subprocess.run(install, stdout=subprocess.DEVNULL, check=False)
    if not missing():
        return 0
    print(message(missing()), file=sys.stderr)
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
