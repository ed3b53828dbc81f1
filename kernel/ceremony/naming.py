"""Desks that come to the tree after the ceremony: the custodians name those which the province's data file has more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kernel.ceremony.carried import Answer, Requests
from kernel.ceremony.handing import newest_version, refuse_another_root
from kernel.ceremony.root import Root
from kernel.directory.directory import Directory
from kernel.province import Desk, Province


def unnamed_desks(requests: Requests, province: Province) -> list[Desk]:
    """Return the desks of the province that the tree lacks, judged by the root the file names, those above first."""
    known = Directory(requests.root, requests.statements).desks()
    return [desk for desk in province.desks.values() if desk.id not in known]


def name_all(root: Root, requests: Requests, desks: Sequence[Desk], day: date) -> Answer:
    """Name these desks; raises ``NotForThisRoot`` where the shares are another root's."""
    refuse_another_root(root, requests)
    bodies = [root.name_desk(desk, newest_version(requests, "desk", desk.id) + 1, day) for desk in desks]
    return Answer(root.sign.public, bodies)
