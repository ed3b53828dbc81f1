"""The machine interface as an OpenAPI 3.1 document; the formats themselves stand in docs/formats.md."""

from __future__ import annotations

from typing import Any

from complaints.rules import MOST_TOGETHER
from kernel.web import OCTETS

HEX_32 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
ENTRY = {"type": "string", "pattern": "^[0-9a-f]{128}$"}
IDENTIFIER = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
DATE = {"type": "string", "format": "date"}
BASE64 = {"type": "string", "contentEncoding": "base64"}
EVENT = {"type": "string", "maxLength": 8192, "description": "A signed event, verbatim (docs/formats.md, section 5)."}
TEXT = {"type": "string"}
EPOCH = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}


def _object(**members: Any) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": sorted(members), "additionalProperties": False}


def _list(of: dict[str, Any], most: int | None = None) -> dict[str, Any]:
    return {"type": "array", "items": of} | ({"maxItems": most} if most else {})


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


SEALED_TEXT = _object(kind=TEXT, id=IDENTIFIER, epoch=EPOCH, box=BASE64)
ENVELOPE = _object(
    body=EVENT, lookup=HEX_32, kem=BASE64, ledger_key=HEX_32, account=BASE64,
    keys=_list(_object(recipient=TEXT, sealed=BASE64), 2),
)  # fmt: skip
PROMISE = {"type": "string", "maxLength": 512, "description": "A signed promise (docs/formats.md, section 6)."}
SIZE = {"type": "integer", "minimum": 4096, "maximum": 2**53 - 1}
NUMBER = {"type": "integer", "minimum": 1}
INDEX = {"type": "integer", "minimum": 0}
FILE = _object(
    id=IDENTIFIER, epoch=EPOCH, key=BASE64, progress=_nullable(BASE64), manifest=_nullable(BASE64), size=SIZE,
    chunks=NUMBER, have=_list(_object(number=NUMBER, digest=HEX_32)), seq=_nullable(NUMBER), day=DATE,
)  # fmt: skip
THREAD = _object(
    complaint=IDENTIFIER, version={"type": "integer"}, state=TEXT, head=ENTRY, resumes=_nullable(TEXT), today=DATE,
    epoch=EPOCH, keys=_list(_object(epoch=EPOCH, sealed=BASE64, body=EVENT)), statements=_list(TEXT),
    account=_object(epoch=EPOCH, box=BASE64),
    messages=_list(_object(id=IDENTIFIER, kind=TEXT, author=TEXT, day=DATE, epoch=EPOCH, box=BASE64)),
    files=_list(FILE), limits=_object(file=NUMBER | {"description": "In bytes, before sealing."}, files=NUMBER),
)  # fmt: skip
LOGGED = _object(body=EVENT, entry=ENTRY, index=_nullable(INDEX), proof=_nullable(TEXT), promise=_nullable(PROMISE))
LOG = _object(vkey=_nullable(TEXT), policy=_nullable(TEXT))
DESK_KEY = _object(epoch=EPOCH, kem=BASE64, proof=_nullable(TEXT), log=LOG)
HISTORY = _object(
    events=_list(LOGGED), statements=_list(TEXT), log=LOG,
)
DESKS = _object(
    root=_nullable(HEX_32), salt=IDENTIFIER, today=DATE, statements=_list(TEXT),
    floors={"type": "object", "additionalProperties": {"enum": ["region", "province", "outside"]}},
    desks=_list(_object(id=TEXT, name=TEXT, region=TEXT, parent=_nullable(TEXT), open={"type": "boolean"})),
)  # fmt: skip


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


CONFLICT = {"anyOf": [_object(error=TEXT), _object(error=TEXT, directory=DESKS)]}


def _operation(
    summary: str, status: int, answer: dict[str, Any], asked: dict[str, Any] | None = None
) -> dict[str, Any]:
    refusal = {"description": "Refused, with a sentence for a person.", "content": _json(_object(error=TEXT))}
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {str(status): {"description": summary, "content": _json(answer)}, "4XX": refusal, "503": refusal},
    }
    if asked:
        operation["requestBody"] = {"required": True, "content": _json(asked)}
    return operation


def description() -> dict[str, Any]:
    """Return the whole document."""
    desk = {"name": "desk", "in": "path", "required": True, "schema": TEXT}
    key = _operation("Give one desk's newest public key", 200, DESK_KEY)
    promise = _nullable(PROMISE)
    receipt = _object(entry=ENTRY, day=DATE, promise=promise)
    acted = _object(entry=ENTRY, version={"type": "integer"}, promise=promise)
    lodging = _operation("Lodge a sealed complaint", 201, receipt, ENVELOPE)
    changed = "Refused; where it was sealed by an old directory, the new one comes with the refusal."
    lodging["responses"]["409"] = {"description": changed, "content": _json(CONFLICT)}
    asking, acting = _object(token=HEX_32), _object(token=HEX_32, body=EVENT, objects=_list(SEALED_TEXT, 12))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kentongan", "version": "1"},
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "paths": {
            "/api/v1/complaints": {"post": lodging},
            "/api/v1/desks": {"get": _operation("List the desks and the statements that vouch for them", 200, DESKS)},
            "/api/v1/desks/{desk}/key": {"get": key | {"parameters": [desk]}},
            "/api/v1/threads/open": {"post": _operation("Give one case's seals", 200, THREAD, asking)},
            "/api/v1/threads/history": {"post": _operation("Give one case's history, proved", 200, HISTORY, asking)},
            "/api/v1/threads/acts": {"post": _operation("Answer, write, object or withdraw", 201, acted, acting)},
            **_file_paths(),
            "/api/v1/openapi.json": {"get": _operation("Describe this interface", 200, {"type": "object"})},
        },
    }


def _file_paths() -> dict[str, Any]:
    opening = _object(token=HEX_32, file=IDENTIFIER, epoch=EPOCH, key=BASE64, progress=BASE64, size=SIZE)
    have = _object(have=_list(NUMBER))
    begun = _operation("Begin a file, or go on with it: say which chunks are here", 201, have, opening)
    removal = _object(token=HEX_32, file=IDENTIFIER)
    removed = _operation("Take a file away that no act has brought", 200, _object(), removal)
    return {
        "/api/v1/files": {"post": begun},
        "/api/v1/files/{file}/chunks/{first}": {"put": _keeping()},
        "/api/v1/files/remove": {"post": removed},
    }


def _keeping() -> dict[str, Any]:
    kept = _list(_object(number=NUMBER, digest=HEX_32), MOST_TOGETHER)
    keeping = _operation("Keep sealed chunks, from one on: they are its whole body", 201, _object(kept=kept))
    partly = "Refused, with a sentence for a person; which of the chunks are kept all the same, if it came to that."
    said = _json({"anyOf": [_object(error=TEXT), _object(error=TEXT, kept=kept)]})
    refusal = {"description": partly, "content": said}
    keeping["responses"] |= {"4XX": refusal, "503": refusal}
    chunks = {"schema": {"type": "string", "format": "binary"}}
    keeping["requestBody"] = {"required": True, "content": {OCTETS: chunks}}
    keeping["security"] = [{"token": []}]
    keeping["parameters"] = [
        {"name": "file", "in": "path", "required": True, "schema": IDENTIFIER},
        {"name": "first", "in": "path", "required": True, "schema": NUMBER},
    ]
    return keeping
