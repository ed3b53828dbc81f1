"""The settings of one installation: read once, checked whole, frozen."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kernel.disk import settle

SECRET_BYTES = 32
SALT_BYTES = 16
ROOT_KEY_BYTES = 32
PROVINCES = Path(__file__).parent / "provinces"
USUAL_PROVINCE = "jawa-tengah"
# In the private folder.
USUAL_STORE = "objects"
MEBIBYTE = 1024 * 1024
# In mebibytes: what a file may have at most where nothing else is said, and what may be said.
USUAL_LARGEST_FILE, LARGEST_FILES = "100", range(1, 501)


class WrongSetting(Exception):
    """A setting is missing or unusable; the message says what to set."""


@dataclass(frozen=True)
class Bucket:
    """A bucket of an S3-compatible service, and how to reach it; ``prefix`` is empty or ends in no slash.

    ``endpoint`` is the service's address; without one it is Amazon's for ``region``.
    """

    name: str
    prefix: str
    endpoint: str | None
    region: str
    access_key: str
    secret_key: str = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """Everything that differs between installations.

    ``instance`` is the private folder (mode 0700). ``secret`` (32 bytes) never leaves the server; ``salt``
    (16 bytes) is public and goes into Argon2id for phrases. ``root_key`` is the 32-byte Ed25519 public key at
    which every chain of statements starts; ``None`` until the ceremony (or the demo) has written it. ``owner_url``
    reaches the database as the role that owns the tables: on PostgreSQL only migrations need it, and the web
    processes should not have it. ``store`` is where files' sealed chunks are: a folder (mode 0700) or a bucket;
    ``largest_file`` is in bytes, before sealing.
    """

    instance: Path
    database_url: str
    secret: bytes
    salt: bytes
    root_key: bytes | None
    province: Path
    demo: bool
    store: Path | Bucket
    largest_file: int
    owner_url: str | None = None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from ``environment`` and the instance folder, making what a first start needs."""
    instance = Path(environment.get("KENTONGAN_INSTANCE", "instance")).absolute()
    _open_instance(instance)
    root = instance / "root.pub"
    database_url = _database_url(environment.get("DATABASE_URL"), instance)
    return Settings(
        instance=instance,
        database_url=database_url,
        owner_url=_owner_url(environment.get("KENTONGAN_OWNER_URL"), database_url),
        secret=kept_random(instance / "secret", SECRET_BYTES),
        salt=kept_random(instance / "salt", SALT_BYTES),
        root_key=_kept(root, ROOT_KEY_BYTES) if root.exists() else None,
        province=province_file(environment.get("KENTONGAN_PROVINCE") or USUAL_PROVINCE),
        demo=(instance / "DEMO").exists(),
        store=_store(environment, instance),
        largest_file=_largest_file(environment.get("KENTONGAN_LARGEST_FILE_MB", USUAL_LARGEST_FILE)),
    )


def _open_instance(instance: Path) -> None:
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        sentence = f"KENTONGAN_INSTANCE names {instance}, where no folder can be: {error.strerror}."
        raise WrongSetting(sentence) from None
    if instance.stat().st_mode & 0o077:
        raise WrongSetting(f"{instance} can be read by others: run chmod 700 on it, then start again.")


def _database_url(given: str | None, instance: Path) -> str:
    if given is None:
        return f"sqlite:///{instance / 'kentongan.sqlite3'}"
    if given.startswith("sqlite:///"):
        return given
    return _postgresql("DATABASE_URL must begin with sqlite:/// or postgresql://.", given)


def _owner_url(given: str | None, database_url: str) -> str | None:
    if database_url.startswith("sqlite:///"):
        return database_url
    return given and _postgresql("KENTONGAN_OWNER_URL must begin with postgresql://.", given)


def _postgresql(sentence: str, given: str) -> str:
    if given.startswith("postgresql://"):
        return given.replace("postgresql://", "postgresql+psycopg://", 1)
    if given.startswith("postgresql+psycopg://"):
        return given
    raise WrongSetting(sentence)


def _store(environment: Mapping[str, str], instance: Path) -> Path | Bucket:
    given = environment.get("KENTONGAN_STORE")
    if given is None:
        usual = instance / USUAL_STORE
        usual.mkdir(mode=0o700, exist_ok=True)
        return _private(usual)
    where = urlsplit(given)
    if where.scheme == "file" and not where.netloc and where.path.strip("/"):
        return _private_folder(Path(unquote(where.path)))
    if where.scheme == "s3" and where.netloc:
        return _bucket(environment, where.netloc, where.path.strip("/"))
    raise WrongSetting("KENTONGAN_STORE must be file:///a/folder or s3://bucket or s3://bucket/prefix.")


def _private_folder(folder: Path) -> Path:
    """Return a folder that is named: it must be there: where its disk is not, another would fill."""
    if not folder.is_dir():
        raise WrongSetting(f"KENTONGAN_STORE names {folder}, which is no folder: make it, with mode 700.")
    return _private(folder)


def _private(folder: Path) -> Path:
    if folder.is_dir() and folder.stat().st_mode & 0o077:
        raise WrongSetting(f"{folder} can be read by others: run chmod 700 on it, then start again.")
    return folder


def _bucket(environment: Mapping[str, str], name: str, prefix: str) -> Bucket:
    endpoint = environment.get("KENTONGAN_STORE_ENDPOINT")
    if endpoint is not None and not endpoint.startswith(("https://", "http://")):
        raise WrongSetting("KENTONGAN_STORE_ENDPOINT must begin with https:// (or http://, on a network of your own).")
    keys = [environment.get(key, "") for key in ("KENTONGAN_STORE_ACCESS_KEY", "KENTONGAN_STORE_SECRET_KEY")]
    if not all(keys):
        raise WrongSetting("A bucket needs KENTONGAN_STORE_ACCESS_KEY and KENTONGAN_STORE_SECRET_KEY: set both.")
    return Bucket(name, prefix, endpoint, environment.get("KENTONGAN_STORE_REGION", "us-east-1"), *keys)


def _largest_file(given: str) -> int:
    if given not in map(str, LARGEST_FILES):
        raise WrongSetting(f"KENTONGAN_LARGEST_FILE_MB must be a number from 1 to {LARGEST_FILES[-1]}.")
    return int(given) * MEBIBYTE


def province_file(given: str) -> Path:
    """Return the data file of a province: one of ours by its name, any other by its path; raises ``WrongSetting``."""
    ours = {path.stem: path for path in sorted(PROVINCES.glob("*.toml"))}
    path = ours.get(given) or Path(given)
    if not path.is_file():
        names = ", ".join(ours)
        raise WrongSetting(f"KENTONGAN_PROVINCE names {path}, which is not a file, nor one of ours: {names}.")
    return path


def kept_random(path: Path, size: int) -> bytes:
    """Return the ``size`` random bytes kept at ``path``; the first caller draws them, whoever races it reads them."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(size))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        draft.unlink()
        # A key that was used, and then lost with its name, nobody could go on from.
        settle(path.parent)
    return _kept(path, size)


def _kept(path: Path, size: int) -> bytes:
    try:
        kept = bytes.fromhex(path.read_text().strip())
    except ValueError:
        kept = b""
    if len(kept) != size:
        raise WrongSetting(f"{path} must hold {size} bytes in hex; restore it from your backup.")
    return kept
