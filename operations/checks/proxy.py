"""nginx in front, as far as its configuration tells: no address kept, nothing on the disk, nothing compressed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from operations.checks.findings import Finding, broken, warning

UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
NOWHERE = "/dev/null"
# nginx's own, where nothing is said.
DEFAULT_BODY, DEFAULT_BUFFER = "1m", "16k"


def look_at_nginx(configuration: str) -> Iterator[Finding]:
    """Yield what breaks a promise in a configuration, given as ``nginx -T`` prints it."""
    directives = _directives(configuration)
    yield from _logs(directives)
    yield from _disk(directives)
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


def _disk(directives: dict[str, list[str]]) -> Iterator[Finding]:
    largest = max(map(_bytes, directives.get("client_max_body_size", [DEFAULT_BODY])))
    buffer = min(map(_bytes, directives.get("client_body_buffer_size", [DEFAULT_BUFFER])))
    if largest > buffer or largest == 0:
        yield broken("nginx puts large reports on the disk. client_body_buffer_size as large as client_max_body_size;")
    if set(directives.get("proxy_max_temp_file_size", ["1024m"])) != {"0"}:
        yield broken("nginx puts large answers on the disk. proxy_max_temp_file_size 0;")


def _directives(configuration: str) -> dict[str, list[str]]:
    """Return the values of every directive without a block, wherever it stands."""
    found: dict[str, list[str]] = {}
    bare = re.sub(r"(?m)(^|\s)#.*$", "", configuration)
    for name, value in re.findall(r"(?:^|[;{}])\s*([a-z_]+)\s+([^;{}]*);", re.sub(r";", ";;", bare)):
        found.setdefault(name, []).append(" ".join(value.split()))
    return found


def _bytes(size: str) -> int:
    return int(size.rstrip("kmgKMG")) * UNITS[size.lstrip("0123456789").lower()]
