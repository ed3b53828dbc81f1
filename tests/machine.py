"""The programs a real installation runs beside ours: installed where that is allowed, else missed loudly."""

import os
import shutil
import subprocess
import sys

import pytest

# Each program, and Debian's package of it.
PROGRAMS = {"nginx": "nginx-light", "tor": "tor", "systemd-analyze": "systemd"}
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
BANNER = "*" * 72


def program(name: str) -> str:
    """Return where a program is; without it the test that asks says that it did not run, and in CI it fails."""
    found = shutil.which(name, path=PATH)
    if found is None and not os.environ.get("CI"):
        pytest.skip(f"{name} is absent: the deployment was NOT tried with it")
    assert found, f"{name} is absent"
    return found


def missing() -> list[str]:
    """Return the packages of what is not here."""
    return [package for name, package in PROGRAMS.items() if shutil.which(name, path=PATH) is None]


def message(packages: list[str]) -> str:
    """Say what does not run."""
    needs = " ".join(packages)
    return f"\n{BANNER}\ndeploy/ is NOT tried whole. On Debian, as root: apt-get install {needs}\n{BANNER}\n"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say so after all tests."""
    if packages := missing():
        terminalreporter.write_line(message(packages), red=True)


def main() -> int:
    """Return 0 when tests may go on; in CI only with everything."""
    if missing() and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {' '.join(missing())} to try deploy/ with …", flush=True)
        subprocess.run(["apt-get", "update", "-q"], stdout=subprocess.DEVNULL, check=False)
        subprocess.run(["apt-get", "install", "-y", "-q", *missing()], stdout=subprocess.DEVNULL, check=False)
    if not missing():
        return 0
    print(message(missing()), file=sys.stderr)
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
