"""A private Tor network within a box: three authorities, four relays and a client, all real and on 127.0.0.1."""

from __future__ import annotations

import re
import socket
import zlib
from contextlib import suppress
from urllib.request import urlopen

from tests.operations.box import Box
from tests.server import SECONDS_TO_START, until

HOME = "/run/network"
AUTHORITIES, RELAYS = ("a1", "a2", "a3"), ("r4", "r5", "r6", "r7")
CLIENT, CLIENT_PORT = "client", 9150
# From where whoever uses that client comes: an address that nobody else here has.
VISITOR = "127.83.4.5"
DEFAULTS = "/usr/share/tor/tor-service-defaults-torrc"
CONSENSUS = "/tor/status-vote/current/consensus-microdesc.z"
# Votes every few seconds, where the world's authorities hold one each hour, and whoever is new is trusted at once.
VOTING = """AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
ContactInfo nobody@example.org
TestingV3AuthInitialVotingInterval 5
TestingV3AuthInitialVoteDelay 2
TestingV3AuthInitialDistDelay 2
V3AuthVotingInterval 10
V3AuthVoteDelay 2
V3AuthDistDelay 2
TestingDirAuthVoteGuard *
TestingDirAuthVoteHSDir *
"""
UNIT = f"""[Service]
User=debian-tor
ExecStart=/usr/bin/tor -f {HOME}/%i/torrc
"""


def begin(box: Box) -> None:
    """Have the network begin, and whatever Tor starts in this box from now on be of it."""
    for node in (*AUTHORITIES, *RELAYS, CLIENT):
        box.ask("install", "-d", "-m", "700", "-o", "debian-tor", f"{HOME}/{node}")
    common = "TestingTorNetwork 1\nAssumeReachable 1\n" + "".join(_authority(box, name) for name in AUTHORITIES)
    for node in (*AUTHORITIES, *RELAYS):
        voting = f"{VOTING}DirPort {_address(node, 7000)}\n" if node in AUTHORITIES else ""
        relay = f"Nickname {node}\nAddress 127.0.0.1\nORPort {_address(node, 5000)}\n"
        _write(box, node, f"{common}{voting}{relay}SocksPort 0\nExitPolicy reject *:*\n")
    _write(box, CLIENT, f"{common}SocksPort 127.0.0.1:{CLIENT_PORT}\n")
    box.path("/etc/systemd/system/network@.service").write_text(UNIT)
    with box.path(DEFAULTS).open("a") as defaults:
        defaults.write(common)
    box.ask("systemctl", "daemon-reload")
    box.ask("systemctl", "start", *(f"network@{node}" for node in (*AUTHORITIES, *RELAYS)))


def join(box: Box) -> None:
    """Have its client and the box's own Tor be of the network, once all relays have been voted for.

    Whoever asks before is put off, and asks again more and more rarely.
    """
    until(_agreed)
    box.ask("systemctl", "restart", f"network@{CLIENT}", "tor@default")


def _agreed() -> bool:
    with suppress(OSError), urlopen(f"http://{_address(AUTHORITIES[0], 7000)}{CONSENSUS}", timeout=5) as answer:
        relays = re.findall(r"(?m)^r (\S+)", zlib.decompress(answer.read()).decode())
        return set(relays) == {*AUTHORITIES, *RELAYS}
    return False


def _address(node: str, base: int) -> str:
    return f"127.0.0.1:{base + int(node[1:])}"


def _write(box: Box, node: str, text: str) -> None:
    box.path(f"{HOME}/{node}/torrc").write_text(f"{text}DataDirectory {HOME}/{node}\nLog notice stdout\n")


def _authority(box: Box, node: str) -> str:
    """Make the keys of an authority; return the line by which others know it."""
    folder, directory = f"{HOME}/{node}", _address(node, 7000)
    as_tor = ("runuser", "-u", "debian-tor", "--", "env", "-C", f"{folder}")
    box.ask(*as_tor, "mkdir", "-m", "700", "keys")
    certify = ("tor-gencert", "--create-identity-key", "-m", "1", "-a", directory, "--passphrase-fd", "0")
    box.ask(*as_tor, "env", "-C", "keys", *certify, given="none\n")
    # Whoever is asked for his fingerprint wants to know an authority already.
    nobody = f"nobody 127.0.0.1:1 {'0' * 40}"
    asked = ("--list-fingerprint", "--quiet", "--ignore-missing-torrc", "-f", "/none", "--TestingTorNetwork", "1")
    told = box.ask(
        *as_tor, "tor", *asked, "--DataDirectory", folder, "--Nickname", node, "--ORPort", "1", "--DirAuthority", nobody
    )
    [fingerprint] = re.findall(rf"(?m)^{node} ([0-9A-F ]+)$", told)
    certificate = box.path(f"{folder}/keys/authority_certificate").read_text()
    [identity] = re.findall(r"(?m)^fingerprint ([0-9A-F]{40})$", certificate)
    port = _address(node, 5000).partition(":")[2]
    return f"DirAuthority {node} orport={port} v3ident={identity} {directory} {fingerprint.replace(' ', '')}\n"


class Unreached(ConnectionError):
    """The client found no way to an onion service; its number says why (RFC 1928, section 6)."""


def stream(name: str, port: int) -> socket.socket:
    """Connect to an onion service by its name, through the network's client."""
    line = socket.socket()
    line.settimeout(SECONDS_TO_START)
    line.bind((VISITOR, 0))
    line.connect(("127.0.0.1", CLIENT_PORT))
    # Version 5, one way to say who asks: none. Then connect (1) to a name (3) of so many bytes.
    line.sendall(b"\x05\x01\x00" + b"\x05\x01\x00\x03" + bytes([len(name)]) + name.encode() + port.to_bytes(2, "big"))
    answer = b""
    while len(answer) < 12 and (part := line.recv(12 - len(answer))):
        answer += part
    if answer[:4] != b"\x05\x00\x05\x00":
        line.close()
        raise Unreached(answer[3] if len(answer) > 3 else "closed")
    return line
