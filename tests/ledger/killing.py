"""Children that write, state, integrate and publish, and stop at a named step: killed, or until they are let go on.

A step is whatever changes something for good: a row that was written, before and after each commit, a file made,
before and after it is synced and renamed. Its name says in which phase: ``publish: before fsync``.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from kernel.database import db
from ledger.integrating import integrate, state
from ledger.public import Kind, release_body
from ledger.publishing import publish
from tests.province import Province

WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")
CYCLES = 12
# What a child that was stopped is let go on by.
GO = b"."

Write = Callable[[Callable[[str], None]], None]
Reach = Callable[[str], None]


@dataclass
class Child:
    """A process of its own, and the lines it tells: what it was promised, and the steps that it reached."""

    pid: int
    told: int
    go: int
    _text: str = field(default="", init=False)

    def line(self) -> str:
        """Wait for the next line that it tells; nothing where it has ended."""
        while "\n" not in self._text and (more := os.read(self.told, 4096)):
            self._text += more.decode()
        found, _end, self._text = self._text.partition("\n")
        return found

    def lines(self) -> list[str]:
        """Return the rest of what it tells, until it ends."""
        return list(iter(self.line, ""))

    def let_go(self) -> None:
        """Have it go on."""
        os.write(self.go, GO)

    def end(self) -> int:
        """Wait for its end; return its exit status, or the signal that killed it, negative."""
        os.close(self.told)
        os.close(self.go)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def steps_of(province: Province, write: Write) -> list[str]:
    """Return the name of each step of one cycle, in the order in which they come."""
    child = _started(province, write, lambda told, _go: lambda name: told(f"step {name}"), cycles=1)
    lines = child.lines()
    assert child.end() == 0, lines
    return list(dict.fromkeys(line.removeprefix("step ") for line in lines if line.startswith("step ")))


def killed_at(province: Province, write: Write, step: str) -> Child:
    """Start a child that kills itself when it reaches ``step``, which may be in a later cycle than its first."""
    return _started(province, write, lambda _told, _go: lambda name: _die() if name == step else None)


def stopped_at(province: Province, write: Write, step: str) -> Child:
    """Start a child that tells when it first reaches ``step``, and waits there until it is let go on; then it ends."""

    def made(told: Callable[[str], None], go: int) -> Reach:
        awaited = [step]

        def reach(name: str) -> None:
            if name in awaited:
                awaited.remove(name)
                told(f"at {name}")
                os.read(go, 1)

        return reach

    return _started(province, write, made, cycles=1)


def untouched(province: Province, write: Write, cycles: int = 2) -> Child:
    """Start a child that does all of it so often, and that nobody kills."""
    return _started(province, write, lambda _told, _go: lambda _name: None, cycles)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _started(
    province: Province, write: Write, reaching: Callable[[Callable[[str], None], int], Reach], cycles: int = CYCLES
) -> Child:  # fmt: skip
    with province.app.app_context():
        # A connection is one process's own.
        db.session.remove()
        db.engine.dispose()
    (told, tell), (heard, go) = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        _live(province, write, _Steps(tell, reaching(lambda line: _say(tell, line), heard)), cycles)
    os.close(tell)
    os.close(heard)
    return Child(pid, told, go)


def _live(province: Province, write: Write, steps: _Steps, cycles: int) -> None:
    """Be the child; what fails, as where its database is gone, ends it, and is told."""
    status = 1
    try:
        with province.app.app_context():
            steps.watch(db.engine)
        for _cycle in range(cycles):
            steps.phase = "write"
            # Not within a context: a request has one of its own.
            write(lambda promised: _say(steps.tell, f"promised {promised}"))
            with province.app.app_context():
                steps.phase = "state"
                state(Kind.RELEASE, release_body({"one": secrets.token_hex(32)}))
                steps.phase = "integrate"
                integrate()
                steps.phase = "publish"
                publish()
        status = 0
    except Exception as error:
        _say(steps.tell, f"failed {type(error).__name__}: {error}".replace("\n", " "))
    finally:
        os._exit(status)


def _say(tell: int, line: str) -> None:
    os.write(tell, f"{line}\n".encode())


@dataclass
class _Steps:
    """Tells ``reach`` of every step, by its name."""

    tell: int
    reach: Reach
    phase: str = ""

    def watch(self, engine: Engine) -> None:
        """Watch the database's statements and commits, and the files that a signer keeps."""
        event.listen(engine, "after_cursor_execute", self._executed)
        engine.dialect.do_commit = self._around("commit", engine.dialect.do_commit)
        os.fsync = self._around("fsync", os.fsync)
        Path.rename = self._around("rename", Path.rename)
        os.open = self._making(os.open)

    def _executed(self, _connection: Any, _cursor: Any, statement: str, *_given: Any) -> None:
        if found := WRITES.match(statement):
            self._reached(f"after {found[1]}")

    def _around(self, name: str, done: Callable[..., Any]) -> Callable[..., Any]:
        def around(*given: Any) -> Any:
            self._reached(f"before {name}")
            result = done(*given)
            self._reached(f"after {name}")
            return result

        return around

    def _making(self, opened: Callable[..., int]) -> Callable[..., int]:
        def making(path: Any, flags: int, *given: Any) -> int:
            found = opened(path, flags, *given)
            if flags & os.O_TRUNC:
                self._reached("after making a file")
            return found

        return making

    def _reached(self, name: str) -> None:
        self.reach(f"{self.phase}: {name}")
