"""The units of deploy/systemd under a real systemd: what they start, what starts again, and what they may not."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import client
from tests.client import Json
from tests.operations.box import SERVICES, Box, begun, deploy
from tests.operations.front import Front, asked_well_and_badly
from tests.province import ANSWERS
from tests.server import ROOT, until

UNITS = sorted((ROOT / "deploy/systemd").glob("kentongan-*.service"))
# An address of the box (RFC 5737) beside 127.0.0.1: there are none but its own.
ELSEWHERE = "192.0.2.1"
# Where what is kept is in memory, or gone with the service.
PASSING = {"/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue"}
STATE, BACKUPS = "/var/lib/kentongan", "/var/backups/kentongan"


@pytest.fixture(scope="module", autouse=True)
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A machine on which all of deploy/ stands, as docs/operations.md says; the tests speak within its network."""
    with begun(tmp_path_factory.mktemp("box")) as standing, standing.network():
        deploy(standing)
        standing.ask("ip", "address", "add", ELSEWHERE, "dev", "lo")
        yield standing


@pytest.fixture
def front(box: Box) -> Front:
    """nginx there."""
    return Front(443, 80, 8080, box.path("/var/lib/nginx"), ELSEWHERE)


def lodged(box: Box, front: Front) -> client.PhraseKeys:
    """Lodge a complaint through nginx, and return what its phrase opens."""
    known = client.installation(front.ask, bytes.fromhex(box.path(f"{STATE}/root.pub").read_text().strip()))
    phrase, _receipt = client.lodge(ANSWERS, known, front.ask)
    return client.phrase_keys(phrase, known.salt)


def killed(box: Box, unit: str, process: int) -> list[int]:
    """Kill a process of a unit; return its processes once it is back."""
    os.kill(process, signal.SIGKILL)
    until(lambda: process not in box.processes(unit) and box.told(unit, "SubState") == ["running"])
    return box.processes(unit)


def test_a_process_that_is_killed_is_back_and_nothing_is_lost(box: Box, front: Front) -> None:
    keys = lodged(box, front)
    [main, worker, *_others] = box.processes("kentongan-web")
    assert killed(box, "kentongan-web", worker)[0] == main
    for unit in ("kentongan-web", "kentongan-work", "kentongan-metrics"):
        before = box.processes(unit)[0]
        assert killed(box, unit, before)[0] != before
        assert box.told(unit, "NRestarts") == ["1"]
    for each in (keys, lodged(box, front)):
        assert client.visit(each, front.ask).thread["state"] == "RECEIVED"


@pytest.mark.parametrize("unit", SERVICES)
def test_no_process_of_a_service_leaves_its_memory_on_a_disk(box: Box, unit: str) -> None:
    processes = box.processes(unit)
    assert processes
    for process in processes:
        limits = Path(f"/proc/{process}/limits").read_text()
        assert re.findall(r"(?m)^Max core file size +(\S+) +(\S+)", limits) == [("0", "0")]
    group, bound = box.told(unit, "ControlGroup", "MemorySwapMax")
    assert bound == "0"
    # Where the kernel counts memory by groups in cgroup v2 (Debian's does), it heeds that.
    bounds = box.path(f"/sys/fs/cgroup{group}/memory.swap.max")
    assert not bounds.exists() or bounds.read_text() == "0\n"


REFUSED = {
    "this machine": "done",
    "another machine": "TimeoutError",  # what it sends gets nowhere
    "packets": "EAFNOSUPPORT",
    "the kernel's sockets": "EAFNOSUPPORT",
    "homes": "EACCES",
    "others' temporary files": "ENOENT",
    "a disk": "ENOENT",
    "the kernel's settings": "ENOENT",
    "mounting": "EPERM",
    "namespaces": "EPERM",
    "another personality": "EPERM",
    "another root": "EPERM",
    "memory that is written and run": "EPERM",
    "lending its user": "EPERM",
    "realtime": "EPERM",
    "a core file": "ValueError",
}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_service_writes_reaches_and_does_no_more_than_its_unit_says(box: Box, unit: Path) -> None:
    told = probed(box, unit)
    kept = {STATE, BACKUPS} if "backup" in unit.name else {STATE}
    assert kept <= set(told["writable"])
    assert [place for place in told["writable"] if not any(map(Path(place).is_relative_to, kept | PASSING))] == []
    assert told["came"] == REFUSED
    assert told["strangers"] == []
    # The whole of its users are itself and nobody; of what root may, it may and could get nothing.
    assert told["status"] == {"CapPrm": 0, "CapBnd": 0, "NoNewPrivs": 1, "Seccomp": 2}
    assert len(told["users"].splitlines()) == 2


def probed(box: Box, unit: Path) -> Json:
    """Have the prober run in the place of a unit's program, in all else as the unit says."""
    for path in ("/tmp/somebody's", "/dev/somebody's"):
        box.path(path).touch()
    command = f"/opt/kentongan/.venv/bin/python tests/operations/prober.py {ELSEWHERE}"
    text = re.sub(r"(?m)^(Type|Restart|StandardOutput)=.*\n", "", unit.read_text())
    text, replaced = re.subn(
        r"(?m)^ExecStart=.*$", f"Type=oneshot\nStandardOutput=truncate:/srv/told\nExecStart={command}", text
    )
    assert replaced == 1
    box.path("/etc/systemd/system/prober.service").write_text(text)
    box.ask("systemctl", "daemon-reload")
    box.ask("systemctl", "start", "prober")
    told: Json = json.loads(box.path("/srv/told").read_text())
    return told


def test_the_alarm_for_backups_rings_until_one_is_made_which_is_whole_and_nobodys_else(box: Box) -> None:
    box.ask("systemctl", "start", "kentongan-alarms", check=False)
    assert box.told("kentongan-alarms", "Result") == ["exit-code"]
    assert "backup" in box.ask("journalctl", "--unit=kentongan-alarms", "--output=cat")
    box.ask("systemctl", "start", "kentongan-backup")
    [made] = box.path(BACKUPS).iterdir()
    assert made.stat().st_mode & 0o777 == 0o700 and {path.stat().st_mode & 0o077 for path in made.iterdir()} == {0}
    box.ask("sh", "-c", f"cd {BACKUPS}/{made.name} && sha256sum --quiet --check SHA256SUMS")
    box.ask("systemctl", "start", "kentongan-alarms")


def test_the_check_finds_no_promise_broken_on_the_machine_itself(box: Box) -> None:
    told = box.kentongan("check", "--nginx", "/etc/nginx/nginx.conf")
    assert "BROKEN" not in told


def test_neither_address_nor_path_nor_what_was_sent_is_written_anywhere_on_it(box: Box, front: Front) -> None:
    mark = f"kenari{secrets.token_hex(8)}"
    asked_well_and_badly(front, mark)
    lodged(box, front)
    journal = box.ask("journalctl", "--all", "--output=export")
    assert [word for word in (mark, ELSEWHERE, "/lapor") if word in journal] == []
    for path in box.written():
        content = path.read_bytes()
        assert [word for word in (mark, ELSEWHERE) if word.encode() in content] == [], path
