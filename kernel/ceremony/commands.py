"""The custodians' commands. They need a machine, its screen and files: no database, no server, no network."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path

import click

from kernel import clock
from kernel.ceremony import talk
from kernel.ceremony.carried import Answer, UnreadableFile, read_requests, write_answer, write_new
from kernel.ceremony.handing import Decisions, Desk, NotForThisRoot, answer, desks_asked_about, unnamed_keys
from kernel.ceremony.naming import name_all, unnamed_desks
from kernel.ceremony.root import Root, drawn_secret, wiped
from kernel.config import USUAL_PROVINCE, WrongSetting, province_file
from kernel.province import Province
from kernel.province_file import load_province
from kernel.vault.shares import NEEDED, SHARES, WrongShares, join, part

ROOT_FILE, FIRST_FILE = "root.pub", "first.json"
A_PATH = click.Path(path_type=Path)

Ask = Callable[[Desk, Decisions], None]


@click.command("ceremony")
@click.argument("folder", type=A_PATH)
@click.option("--province", default=USUAL_PROVINCE, envvar="KENTONGAN_PROVINCE", help="Its data file, or its name.")
@click.option("--share-file", "share_files", multiple=True, type=A_PATH, help="Three times: write the shares there.")
def ceremony(folder: Path, province: str, share_files: Sequence[Path]) -> None:
    """Draw the root's secret, give it out as three shares, and write the first statements into FOLDER.

    Any two shares bring the secret back. It is written nowhere.
    """
    _check_places(folder, share_files)
    served = _province(province)
    click.echo(f"{served.name}: {len(served.desks)} desks, from {province}.")
    talk.ask_day(clock.today(served.zone))
    _leave_no_core()
    with wiped(drawn_secret()) as secret:
        root = Root.from_secret(secret)
        _give_out(_parted(secret), share_files)
    _write_first(folder, root, served)
    click.echo(f"The root's public key, to be published on paper too:\n{root.sign.public.hex()}")
    click.echo(f"Carry {folder} to the server. Then switch this machine off.")


@click.command("reshare")
def reshare() -> None:
    """Give the secret of two shares out as three new ones, which only fit each other; the root stays what it is."""
    _leave_no_core()
    try:
        with wiped(join(talk.two_shares(()))) as secret:
            root = Root.from_secret(secret)
            talk.hand_out(_parted(secret))
    except WrongShares as wrong:
        raise click.ClickException(str(wrong)) from None
    click.echo(f"The root's public key is still:\n{root.sign.public.hex()}")
    click.echo("Now destroy all the old shares, then switch this machine off.")


@click.command("vouch")
@click.argument("requests", type=A_PATH)
@click.argument("answer_file", metavar="ANSWER", type=A_PATH)
@click.option("--share-file", "share_files", multiple=True, type=A_PATH, help="A share's file; else it is typed.")
def vouch(requests: Path, answer_file: Path, share_files: Sequence[Path]) -> None:
    """Vouch for whose six words have been compared: leads in the file REQUESTS, and the server's keys; write ANSWER."""
    _answer(requests, answer_file, share_files, talk.compare)


@click.command("recover")
@click.argument("requests", type=A_PATH)
@click.argument("answer_file", metavar="ANSWER", type=A_PATH)
@click.option("--share-file", "share_files", multiple=True, type=A_PATH, help="A share's file; else it is typed.")
def recover(requests: Path, answer_file: Path, share_files: Sequence[Path]) -> None:
    """Give a desk to a new lead, or revoke a lead who has left: vouch, hand over its keys, revoke the lost ones.

    REQUESTS is what `export-recovery` has written on the server; the file ANSWER is imported there.
    """
    _answer(requests, answer_file, share_files, _compare_and_ask_for_lost)


@click.command("name-desks")
@click.argument("requests", type=A_PATH)
@click.argument("answer_file", metavar="ANSWER", type=A_PATH)
@click.option("--province", default=USUAL_PROVINCE, envvar="KENTONGAN_PROVINCE", help="Its data file, or its name.")
@click.option("--share-file", "share_files", multiple=True, type=A_PATH, help="A share's file; else it is typed.")
def name_desks(requests: Path, answer_file: Path, province: str, share_files: Sequence[Path]) -> None:
    """Put desks into the tree which the province's data file has and the ceremony did not name.

    REQUESTS is what `export-desks` has written on the server; the file ANSWER is imported there.
    """
    _check_new(answer_file)
    served = _province(province)
    talk.ask_day(clock.today(served.zone))
    with _told_in_a_sentence():
        asked = read_requests(requests)
        desks = talk.choose(unnamed_desks(asked, served))
        if not desks:
            raise click.ClickException("No desk was named: nothing is written.")
        named = name_all(_root_of_two(share_files), asked, desks, clock.today(served.zone))
        write_new(answer_file, write_answer(named))
    _end(answer_file)


def _compare_and_ask_for_lost(desk: Desk, decisions: Decisions) -> None:
    talk.compare(desk, decisions)
    talk.ask_for_lost(desk, decisions)


def _answer(requests_file: Path, answer_file: Path, share_files: Sequence[Path], ask: Ask) -> None:
    """Have everything compared before the secret comes together, so that it is together for a moment only."""
    _check_new(answer_file)
    decisions = Decisions()
    with _told_in_a_sentence():
        requests = read_requests(requests_file)
        day = clock.today(requests.zone)
        talk.ask_day(day)
        for desk in desks_asked_about(requests):
            ask(desk, decisions)
        talk.ask_for_keys(unnamed_keys(requests), decisions)
        if not decisions.any:
            raise click.ClickException("Nobody was vouched for, and nobody revoked: nothing is written.")
        write_new(answer_file, write_answer(answer(_root_of_two(share_files), requests, decisions, day)))
    _end(answer_file)


@contextmanager
def _told_in_a_sentence() -> Iterator[None]:
    """Have a command end with what is wrong with a file or a share, and not in the middle."""
    try:
        yield
    except (UnreadableFile, NotForThisRoot, WrongShares) as wrong:
        raise click.ClickException(str(wrong)) from None


def _end(answer_file: Path) -> None:
    click.echo(f"Carry {answer_file} to the server, and import it there. Then switch this machine off.")


def _root_of_two(share_files: Sequence[Path]) -> Root:
    _leave_no_core()
    with wiped(join(talk.two_shares(share_files))) as secret:
        return Root.from_secret(secret)


def _check_places(folder: Path, share_files: Sequence[Path]) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise click.ClickException(f"{folder} is not an empty folder. A ceremony begins in one of its own.")
    if share_files and len(set(share_files)) != SHARES:
        raise click.ClickException(f"Name {SHARES} different files for the shares, or none to have them shown.")
    for path in share_files:
        _check_new(path)


def _check_new(path: Path) -> None:
    if path.exists() or not path.absolute().parent.is_dir():
        raise click.ClickException(f"{path} exists already, or its folder does not. Name a new file.")


def _province(given: str) -> Province:
    try:
        return load_province(province_file(given))
    except WrongSetting as wrong:
        raise click.ClickException(str(wrong)) from None


def _parted(secret: bytearray) -> list[str]:
    """Part the secret, and try every two of the shares before anybody relies on them."""
    shares = part(secret)
    if any(join(two) != secret for two in combinations(shares, NEEDED)):
        raise click.ClickException("The shares do not give the secret back. Nothing is written: begin again.")
    return shares


def _give_out(shares: Sequence[str], files: Sequence[Path]) -> None:
    if not files:
        talk.hand_out(shares)
    for path, share in zip(files, shares):
        try:
            write_new(path, f"{share}\n")
        except UnreadableFile as wrong:
            raise click.ClickException(str(wrong)) from None
        click.echo(f"{path} holds a share: one custodian takes it with him, and no copy stays here.")


def _write_first(folder: Path, root: Root, province: Province) -> None:
    said = root.first_statements(province.desks.values(), clock.today(province.zone))
    first = Answer(root.sign.public, said, [root.recovery.recipient])
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_new(folder / ROOT_FILE, f"{root.sign.public.hex()}\n")
    write_new(folder / FIRST_FILE, write_answer(first))


def _leave_no_core() -> None:
    """Have no crash write this process's memory to the disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
