"""The command line's commands, which no web process needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from click import Command, Context
from flask.cli import AppGroup


class LateGroup(AppGroup):
    """Commands that ``read`` brings, with all they import, once somebody asks for one."""

    def __init__(self, name: str, read: Callable[[], Iterable[Command]]) -> None:
        super().__init__(name)
        self._read, self._known = read, False

    def list_commands(self, ctx: Context) -> list[str]:
        """Name them all."""
        self._know()
        return super().list_commands(ctx)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """Find one by its name."""
        self._know()
        return super().get_command(ctx, cmd_name)

    def _know(self) -> None:
        if not self._known:
            self._known = True
            for command in self._read():
                self.add_command(command)
