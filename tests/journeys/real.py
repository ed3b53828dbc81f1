"""A real installation: a root that custodians drew and keep in shares, and everybody's keys made by his own program."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kernel.database import db
from kernel.directory.directory import Directory
from kernel.directory.queries import statement_bodies
from ledger.publishing import publish_stated
from offline import create_app as offline_app
from tests import client, joining, officer
from tests.casework.office import Watch
from tests.database import Database
from tests.joining import Joined
from tests.officer import Login, Text
from tests.places import HERE
from tests.province import ANSWERS, Visitor
from tests.server import Person
from wsgi import create_app

LINK = re.compile(r"https?://[^/\s]+/petugas/aktivasi#([0-9a-f]{64})")


class Real:
    """A real installation: its server, the custodians' machine, and whoever has joined."""

    def __init__(self, folder: Path, database: Database, watch: Watch) -> None:
        self.folder, self.watch, self.database = folder, watch, database
        self.instance, self.sticks = folder / "instance", folder / "sticks"
        self.sticks.mkdir()
        self.environment = {"KENTONGAN_INSTANCE": str(self.instance), "DATABASE_URL": database.url, **HERE.environment}
        self.app = create_app(self.environment)
        self.shares = [self.sticks / f"share-{number}" for number in (1, 2, 3)]
        self.administrator = Visitor(self.app)
        self.founder: Joined

    @cached_property
    def root(self) -> bytes:
        """Return the root's public key, as it stands on paper."""
        return bytes.fromhex((self.sticks / "first" / "root.pub").read_text())

    def directory(self) -> Directory:
        """Return what counts, for whoever trusts the root on paper alone."""
        with self.app.app_context():
            judged = Directory(self.root, statement_bodies())
            db.session.remove()
        return judged

    def custodians(self, *arguments: object, typed: str = "") -> str:
        """Run a command on the machine without a network."""
        result = offline_app().test_cli_runner().invoke(args=list(map(str, arguments)), input=typed)
        assert result.exit_code == 0, result.output
        return result.output

    def server(self, *arguments: object, fails: bool = False) -> str:
        """Run a command on the server."""
        result = self.app.test_cli_runner().invoke(args=list(map(str, arguments)))
        assert bool(result.exit_code) == fails, result.output
        return result.output

    def restarted(self) -> None:
        """Start the server anew: settings are read once."""
        self.close()
        self.app = create_app(self.environment)

    def close(self) -> None:
        """Let go of the database."""
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def invited(self, name: str, role: str, desk: str) -> Joined:
        """Have the administrator invite somebody, who activates his account."""
        form = {"name": name, "full_name": name.title(), "role": role, "desk": desk}
        page = self.administrator.post("/petugas/akun", data=form)
        assert page.status_code == 201, page.text
        return self.activated(page.text)

    def activated(self, invitation: str) -> Joined:
        """Activate an account by the link in an invitation."""
        self.watch.move(seconds=30)
        found = LINK.search(invitation)
        assert found, invitation
        return joining.activate(Visitor(self.app).ask, found[1])

    def entered(self, joined: Joined) -> Visitor:
        """Log somebody in whose keys do not count, or who has none."""
        self.watch.move(seconds=30)
        visitor = Visitor(self.app)
        officer.enter(visitor.ask, joined.name, joined.password, joined.code())
        return visitor

    def log_in(self, joined: Joined) -> tuple[Visitor, Login]:
        """Log somebody in who has keys; whom he meets he judges by the root on paper."""
        self.watch.move(seconds=30)
        visitor = Visitor(self.app)
        return visitor, officer.log_in(visitor.ask, joined.name, joined.password, joined.code(), self.root)

    def vouched(self, lead: Joined, name: str, role: str, desk: str) -> Joined:
        """Invite somebody for whom a lead then vouches."""
        newcomer = self.invited(name, role, desk)
        visitor, login = self.log_in(lead)
        joining.vouch(login, visitor.get("/petugas/orang").text, newcomer)
        return newcomer

    def act(self, who: Joined, number: str, action: str, to: str, *texts: Text, **clear: str) -> None:
        """Have an officer log in, open the case and do one act."""
        officer.act(officer.open_case(self.log_in(who)[1], number), action, to, texts, clear)


@dataclass
class Team:
    """Who has joined: the lead at the top, and a desk below with all that a case needs."""

    top: Joined
    lead: Joined
    investigator: Joined
    reviewer: Joined


def hold_ceremony(real: Real) -> None:
    """Draw the root; three custodians take a share each; the first statements reach the server."""
    first = real.sticks / "first"
    files = [argument for share in real.shares for argument in ("--share-file", share)]
    told = real.custodians("ceremony", first, "--province", HERE.file, *files, typed="y\n")
    assert real.root.hex() in told and not any(share.read_text().strip() in told for share in real.shares)
    assert "no root here yet" in real.server("statements", "import", first / "first.json", fails=True)
    (real.instance / "root.pub").write_text((first / "root.pub").read_text())
    real.restarted()
    assert "no demo is founded here" in real.server("found-demo", fails=True)
    desks = len(HERE.province.desks)
    assert f"{HERE.province.name}: {desks} desks" in told
    assert f"new: {desks + 1}" in real.server("statements", "import", first / "first.json")
    assert "nothing has changed" in real.server("statements", "import", first / "first.json")


def administrate(real: Real) -> None:
    """Let the first administrator in, by an invitation printed on the server."""
    told = real.server("invite-administrator", "eko", "Eko Budiarto", "--address", "https://lapor.example")
    real.founder = real.activated(told)
    real.administrator = real.entered(real.founder)


def carry(real: Real, command: str, export: list[object], words: str, typed: str, shares: tuple[int, int]) -> None:
    """Carry requests to the custodians, who hear ``words``, and their answer back."""
    stick = real.sticks / f"{command} {words}"
    stick.mkdir()
    requests, answer = stick / "requests.json", stick / "answer.json"
    real.server("statements", *export, requests)
    assert json.loads(requests.read_text())["time_zone"] == HERE.province.zone.key
    files = [argument for number in shares for argument in ("--share-file", real.shares[number - 1])]
    assert words in real.custodians(command, requests, answer, *files, typed=typed)
    real.server("statements", "import", answer)


def lodge(real: Real, **answers: str) -> tuple[str, client.Installation]:
    """Lodge a sealed complaint, by default about a village of the staffed region; return its phrase.

    What has been stated by then is published first, as a server's workers would have done.
    """
    with real.app.app_context():
        publish_stated()
        db.session.remove()
    visitor = Visitor(real.app)
    known = client.installation(visitor.ask, real.root)
    where = {"region": HERE.region, "sector": HERE.sector}
    return client.lodge(ANSWERS | where | answers, known, visitor.ask)[0], known


def investigated(real: Real, team: Team, number: str) -> str:
    """Have the lead take a case and give it to the investigator; return the allegation's id."""
    lead, investigator = team.lead, team.investigator
    real.act(lead, number, "open", "TRIAGE", Text("declaration", "Tidak ada hubungan apa pun."))
    allegation = Text("allegation", "Diminta 150 ribu tanpa kuitansi.")
    real.act(
        lead, number, "investigate", "INVESTIGATION", Text("plan", "Periksa buku kas."), allegation,
        assignee=investigator.id, category="tanpa_kuitansi", severity="sedang",
        **{f"allegation.{allegation.id}": "open"},
    )  # fmt: skip
    return allegation.id


def number_in(visitor: Visitor) -> str:
    """Return the number of the only new case in an officer's queue."""
    [number] = numbers_in(visitor)
    return number


def numbers_in(visitor: Visitor) -> set[str]:
    """Return the numbers of the new cases in an officer's queue."""
    return set(re.findall(r"/petugas/perkara/(\d{3}-\d{3}-\d{3})", visitor.get("/petugas/?tahap=RECEIVED").text))


def staffed(real: Real) -> Team:
    """Go from an empty folder to two desks with people and keys."""
    hold_ceremony(real)
    administrate(real)
    above, below = HERE.top, HERE.desk
    top = real.invited("kepala.prov", "lead", above)
    carry(real, "vouch", ["export-requests"], top.words, "y\n" * 4, (1, 3))
    joining.make_desk_key(real.log_in(top)[1], above)
    lead = real.vouched(top, "kepala.mgl", "lead", below)
    joining.make_desk_key(real.log_in(lead)[1], below)
    investigator = real.vouched(lead, "pemeriksa.mgl", "investigator", below)
    reviewer = real.vouched(lead, "peninjau.mgl", "reviewer", below)
    return Team(top, lead, investigator, reviewer)


def person_of(joined: Joined, desk: str) -> Person:
    """Return one of the leads as browsers are given him."""
    return Person(joined.name, "lead", desk, joined.password, joined.totp_secret)
