"""Signatures that programs are known to judge differently: keys and points with a part of small order (formats §1)."""

import hashlib
from collections.abc import Iterator
from typing import Any

from tests.vectors.inputs import drawn

Point = tuple[int, int]
PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, -1, PRIME) % PRIME
NEUTRAL = (0, 1)
BASE = (0x216936D3CD6E53FEC0A4E231FDD6DC5C692CC7609525A7B2C9562D608F25D51A, 4 * pow(5, -1, PRIME) % PRIME)
EIGHTH = (
    0x1FD5B9A006394A28E933993238DE4ABB5C193C7013E5E238DEA14646C545D14A,
    0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
)
MESSAGE = b"laporan"


def disputed() -> list[dict[str, Any]]:
    """Return keys and signatures of which every program must think alike."""
    return [*_keys_of_small_order(), *_keys_with_a_part_of_small_order(), *_points_of_small_order()]


def _keys_of_small_order() -> Iterator[dict[str, Any]]:
    """Yield keys of which every eighth text, at worst, is signed by a signature that anybody can write."""
    eight = [_times(factor, EIGHTH) for factor in range(8)]
    written = {f"a key of small order ({factor})": (_written(key), key) for factor, key in enumerate(eight)}
    for named, y, sign in (("0", 0, 0), ("0", 0, 1), ("1", 1, 0), ("1", 1, 1)):
        key = eight[2] if y == 0 else NEUTRAL
        written[f"a key of small order, its y {named} + p, sign {sign}"] = (_bytes(y + PRIME + (sign << 255)), key)
    written["a key of small order, its x minus 0 (1)"] = (_bytes(1 + (1 << 255)), NEUTRAL)
    written["a key of small order, its x minus 0 (-1)"] = (_bytes(PRIME - 1 + (1 << 255)), eight[4])
    for name, (public, key) in written.items():
        texts = (MESSAGE + bytes([at]) for at in range(256))
        fits = next(text for text in texts if _times(_challenge(_written(NEUTRAL), public, text), key) == NEUTRAL)
        yield _vector(name, public, _written(NEUTRAL), 0, valid=False, message=fits)


def _keys_with_a_part_of_small_order() -> Iterator[dict[str, Any]]:
    secret, nonce = _secret("a signer's scalar"), _secret("a nonce")
    public = _written(_plus(_times(secret, BASE), EIGHTH))
    parts = (_written(_plus(_times(nonce, BASE), _times(part, EIGHTH))) for part in range(8))
    by_part = {part: (r, _challenge(r, public, MESSAGE)) for part, r in enumerate(parts)}
    fitting = (each for each in by_part.items() if (each[0] + each[1][1]) % 8 == 0)
    part, (r, challenge) = next(fitting)
    yield _vector("a key and a point whose small parts make up for each other", public, r, nonce + challenge * secret)
    r, challenge = by_part[(part + 1) % 8]
    yield _vector("fits eight times only", public, r, nonce + challenge * secret, valid=False)


def _points_of_small_order() -> Iterator[dict[str, Any]]:
    secret, nonce = _secret("a signer's scalar"), _secret("a nonce")
    public = _written(_times(secret, BASE))
    points = {
        "a point with a part of small order": (_written(_plus(_times(nonce, BASE), EIGHTH)), nonce, False),
        "a point of small order": (_written(EIGHTH), 0, False),
        "the neutral point": (_written(NEUTRAL), 0, True),
        "the neutral point, its y 1 + p": (_bytes(1 + PRIME), 0, False),
        "the neutral point, its x minus 0": (_bytes(1 + (1 << 255)), 0, False),
    }
    for name, (r, scalar, valid) in points.items():
        yield _vector(name, public, r, scalar + _challenge(r, public, MESSAGE) * secret, valid)


def _vector(
    name: str, public: bytes, r: bytes, s: int, valid: bool = True, message: bytes = MESSAGE
) -> dict[str, Any]:
    signature = r + _bytes(s % ORDER)
    return {
        "public": public.hex(), "message": message.hex(), "signature": signature.hex(), "valid": valid, "name": name,
    }  # fmt: skip


def _secret(purpose: str) -> int:
    return int.from_bytes(drawn(purpose), "little") % ORDER


def _challenge(r: bytes, public: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % ORDER


def _plus(one: Point, other: Point) -> Point:
    (x, y), (u, v) = one, other
    product = CURVE * x * u * y * v
    return (
        (x * v + u * y) * pow(1 + product, -1, PRIME) % PRIME,
        (y * v + x * u) * pow(1 - product, -1, PRIME) % PRIME,
    )


def _times(factor: int, point: Point) -> Point:
    doubled, found = point, NEUTRAL
    while factor:
        found = _plus(found, doubled) if factor & 1 else found
        doubled, factor = _plus(doubled, doubled), factor >> 1
    return found


def _written(point: Point) -> bytes:
    return _bytes(point[1] + ((point[0] & 1) << 255))


def _bytes(number: int) -> bytes:
    return number.to_bytes(32, "little")
