"""nginx in front, as far as its configuration tells: no address kept, nothing on the disk, nothing compressed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from complaints.rules import MOST_FILES
from operations.checks.findings import Finding, broken, warning

UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
NOWHERE = "/dev/null"
# nginx's own, where nothing is said.
DEFAULT_BODY, DEFAULT_BUFFER = "1m", "16k"


TOKEN = re.compile(r"""(?m)(?:^|(?<=\s))\#.*$|"[^"]*"|'[^']*'|[{};]|[^\s{};"']+""")


@dataclass
class Block:
    """A block of nginx's configuration: its own directives, and the blocks inside it."""

    own: list[tuple[str, str]] = field(default_factory=list)
    inner: list[Block] = field(default_factory=list)

    def everything(self) -> Iterator[tuple[str, str]]:
        """Yield every directive, wherever it stands."""
        yield from self.own
        for block in self.inner:
            yield from block.everything()

    def proxied(self, around: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
        """Yield what holds in each block that passes requests on, with what those around it say."""
        inherited = {**around, **dict(self.own)}
        if "proxy_pass" in dict(self.own):
            yield inherited
        for block in self.inner:
            yield from block.proxied(inherited)


def look_at_nginx(configuration: str, largest_file: int) -> Iterator[Finding]:
    """Yield what breaks a promise in a configuration, given as ``nginx -T`` prints it; files have bytes at most."""
    whole = _parsed(configuration)
    directives: dict[str, list[str]] = {}
    for name, value in whole.everything():
        directives.setdefault(name, []).append(value)
    yield from _logs(directives)
    yield from _disk(whole, directives)
    yield from _sizes(whole, MOST_FILES * largest_file)
    if "on" in directives.get("gzip", []):
        yield broken("nginx compresses (gzip on): the size of a page that holds secrets tells of them. gzip off;")
    if "off" not in directives.get("server_tokens", []):
        yield warning("nginx tells its version. server_tokens off;")
    if any("$remote_addr" in value or "$proxy_add_x" in value for value in directives.get("proxy_set_header", [])):
        yield warning('nginx passes addresses on. proxy_set_header X-Forwarded-For "";')


def _logs(directives: dict[str, list[str]]) -> Iterator[Finding]:
    access = directives.get("access_log", [])
    for value in access or ["written by default"]:
        if value.split()[0] not in {"off", NOWHERE}:
            yield broken(f"nginx keeps an access log ({value}). access_log off;")
    errors = directives.get("error_log", [])
    for value in errors or ["written by default"]:
        target, *level = value.split()
        if target != NOWHERE and level != ["emerg"]:
            yield broken(f"nginx's error log would name addresses and paths ({value}). error_log stderr emerg;")


def _disk(whole: Block, directives: dict[str, list[str]]) -> Iterator[Finding]:
    if any(_writes_bodies(block) for block in whole.proxied({})):
        yield broken("nginx puts large reports on the disk. client_body_buffer_size as large as client_max_body_size;")
    if set(directives.get("proxy_max_temp_file_size", ["1024m"])) != {"0"}:
        yield broken("nginx puts large answers on the disk. proxy_max_temp_file_size 0;")


def _writes_bodies(block: Mapping[str, str]) -> bool:
    """Tell whether a body may be larger than what is held of it in memory, and is not passed on while it comes."""
    largest = _largest_body(block)
    larger = not largest or largest > _bytes(block.get("client_body_buffer_size", DEFAULT_BUFFER))
    return larger and block.get("proxy_request_buffering") != "off"


def _largest_body(block: Mapping[str, str]) -> int:
    return _bytes(block.get("client_max_body_size", DEFAULT_BODY))


def _sizes(whole: Block, largest: int) -> Iterator[Finding]:
    """Yield where nginx would refuse what Kentongan takes: forms with as many of the largest files as they may have."""
    passed_on = [block for block in whole.proxied({}) if block.get("proxy_request_buffering") == "off"]
    taken = [_largest_body(block) for block in passed_on]
    if not taken or 0 < min(taken) <= largest:
        size = largest // UNITS["m"] + 1
        yield warning(
            f"nginx refuses forms with files that are not too large: where it has proxy_request_buffering off; "
            f"client_max_body_size {size}m;"
        )


def _parsed(configuration: str) -> Block:
    around, words = [Block()], list[str]()
    for token in TOKEN.findall(configuration):
        if token.startswith("#"):
            continue
        if token not in {"{", "}", ";"}:
            words.append(token)
            continue
        _take(token, words, around)
        words = []
    return around[0]


def _take(token: str, words: list[str], around: list[Block]) -> None:
    if token == ";" and words:
        around[-1].own.append((words[0], " ".join(words[1:])))
    elif token == "{":
        around.append(Block())
        around[-2].inner.append(around[-1])
    elif token == "}" and len(around) > 1:
        around.pop()


def _bytes(size: str) -> int:
    return int(size.rstrip("kmgKMG")) * UNITS[size.lstrip("0123456789").lower()]
