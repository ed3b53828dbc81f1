"""What is said and asked in the room where the custodians are."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import click

from kernel.ceremony.handing import Decisions, Desk, Lead
from kernel.ceremony.root import Newcomer
from kernel.directory.statements import LOG, PROMISE
from kernel.province import Desk as NewDesk
from kernel.vault import fingerprint
from kernel.vault.shares import NEEDED, SHARE_WORDS, WrongShares, read_share, words_of

WORDS_A_LINE = 3
PURPOSES = {
    LOG: "it signs the public log of all that happens",
    PROMISE: "it promises reporters that the log will have what they lodge",
}
FORGET_ALL_LINES = "\033[3J"


def ask_day(day: date) -> None:
    """Have somebody look at a calendar: a machine without a network may not know the day, and statements carry it."""
    if not _decided(f"Is today {day:%A, %d %B %Y}?"):
        raise click.ClickException("Set this machine's clock, then begin again.")


def hand_out(shares: Sequence[str]) -> None:
    """Show each custodian his share, alone, and have him type it back from his paper."""
    for number, share in enumerate(shares, start=1):
        _alone(f"Custodian {number}, alone at the screen: press Enter to see your share.")
        click.echo("\n".join(_lines(share)))
        _alone("Write all words down, with their numbers. Press Enter when you have: they are shown only once.")
        _clear()
        while ask_share(f"Custodian {number}: type your share from your paper.") != share:
            click.echo("That is a share, but not the one you were shown.")
        click.echo(f"Share {number} is written down rightly.")


def two_shares(files: Sequence[Path]) -> list[str]:
    """Return two shares, from ``files`` first, then as custodians type them; raises ``WrongShares`` on a wrong file."""
    shares = [read_share(_text(path)) for path in files[:NEEDED]]
    while len(shares) < NEEDED:
        shares.append(ask_share(f"Custodian with share {len(shares) + 1} of {NEEDED}, alone at the screen: type it."))
    return shares


def ask_share(question: str) -> str:
    """Ask until somebody types a share, on one line or several; then nothing of it stays on the screen."""
    click.echo(f"{question} An empty line ends it.")
    while True:
        try:
            share = read_share(_typed())
        except WrongShares as wrong:
            click.echo(f"{wrong} Type it again.")
        else:
            _clear()
            return share


def compare(desk: Desk, decisions: Decisions) -> None:
    """Show who wants to lead a desk, and note those whose six words the custodians have heard from them."""
    click.echo(f"\nDesk {desk.id}. Its leads now: {', '.join(map(_lead, desk.leads)) or 'nobody'}.")
    for newcomer in desk.newcomers:
        click.echo(f"\n  {_officer(newcomer)} wants to lead desk {newcomer.desk}.")
        click.echo(f"  The six words of his keys:  {newcomer.words}")
        if _decided("  Has he himself read out exactly these six words to you?"):
            decisions.compared.append(newcomer)


def choose(desks: Sequence[NewDesk]) -> list[NewDesk]:
    """Show the desks that could come to the tree; return those that the custodians want."""
    return [desk for desk in desks if _decided(f"\nShall {_new_desk(desk)} stand in the tree?")]


def _new_desk(desk: NewDesk) -> str:
    place = f"below {desk.parent}" if desk.parent else "with no desk above it"
    return f"desk {desk.id} ({_printable(desk.name)}, for {desk.remit}), {place},"


def ask_for_lost(desk: Desk, decisions: Decisions) -> None:
    """Note the leads whose keys shall count no longer, and who shall go on though he counted by their word."""
    for lead in desk.leads:
        if _decided(f"\nAre the keys of {_lead(lead)} lost or no longer to be trusted? Yes revokes them."):
            decisions.lost.append(lead.vouched)
            _ask_for_kept(lead, decisions)


def ask_for_keys(keys: Mapping[str, bytes], decisions: Decisions) -> None:
    """Say what each of the server's own keys is for, and note those that shall count."""
    for kind, key in keys.items():
        click.echo(f"\nThe server has a key with which {PURPOSES[kind]}. The root has not named it.")
        click.echo(f"  The six words of this key:  {fingerprint(b'', key)}")
        if _decided("  Has whoever runs the server read out exactly these six words? Yes vouches for the key."):
            decisions.named.append(kind)


def _ask_for_kept(lead: Lead, decisions: Decisions) -> None:
    for follower in lead.followers:
        click.echo(f"\n  {_officer(follower)}, {follower.remit} at desk {follower.desk}, counts by his word alone.")
        click.echo(f"  The six words of these keys:  {follower.words}")
        if _decided("  Shall these keys go on counting, by the root's word?"):
            decisions.kept.append(follower)


def _decided(question: str) -> bool:
    """Ask for a yes or a no, neither of which is taken for granted."""
    return bool(click.confirm(question, default=None))


def _lead(lead: Lead) -> str:
    return f"{_printable(lead.full_name)} (account {lead.vouched.id})"


def _officer(officer: Newcomer) -> str:
    return f"{_printable(officer.full_name)} (account {officer.id})"


def _printable(name: str) -> str:
    """Return a name the file gives, which may be written by a liar, without anything that moves the cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def _lines(share: str) -> list[str]:
    numbered = [f"{place:2}. {word:<10}" for place, word in enumerate(share.split(), start=1)]
    return ["  ".join(numbered[at : at + WORDS_A_LINE]) for at in range(0, len(numbered), WORDS_A_LINE)]


def _typed() -> str:
    lines: list[str] = []
    while not lines or (lines[-1] and len(words_of(" ".join(lines))) < SHARE_WORDS):
        lines.append(click.prompt("", default="", show_default=False, prompt_suffix="> "))
    return " ".join(lines)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        raise WrongShares(f"{path} cannot be read.") from None


def _alone(sentence: str) -> None:
    click.prompt(f"\n{sentence}", default="", show_default=False, prompt_suffix="")


def _clear() -> None:
    click.clear()
    if sys.stdout.isatty():
        click.echo(FORGET_ALL_LINES, nl=False)
