"""Settings: each wrong one refuses to start with a sentence that says what to set; secrets are drawn once and kept."""

import os
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from kernel.config import ROOT_KEY_BYTES, SALT_BYTES, SECRET_BYTES, Bucket, Settings, WrongSetting, read_settings
from kernel.province_file import load_province
from tests.server import SECONDS_TO_START

ROOT = Path(__file__).resolve().parents[2]
STARTS = """
import sys
from kernel.config import read_settings
sys.stdin.readline()
settings = read_settings({"KENTONGAN_INSTANCE": sys.argv[1]})
print(settings.secret.hex(), settings.salt.hex())
"""
# A sentence that names what is wrong and what to do about it, not an exception's own words.
SENTENCE = re.compile(r".{20,}[.]", re.S)


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """Where the private folder will be."""
    return tmp_path / "instance"


def read(instance: Path, **more: str) -> Settings:
    return read_settings({"KENTONGAN_INSTANCE": str(instance)} | more)


def refused(instance: Path, **more: str) -> str:
    """Return the sentence with which the settings are refused."""
    with pytest.raises(WrongSetting) as wrong:
        read(instance, **more)
    sentence = str(wrong.value)
    assert SENTENCE.fullmatch(sentence), sentence
    return sentence


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_first_start_makes_a_private_folder_and_draws_its_secrets(instance: Path) -> None:
    settings = read(instance)
    assert (len(settings.secret), len(settings.salt)) == (SECRET_BYTES, SALT_BYTES)
    assert settings.secret != bytes(SECRET_BYTES) and settings.salt != bytes(SALT_BYTES)
    assert settings.root_key is None and not settings.demo
    assert mode(instance) == 0o700
    made = {"secret": 0o600, "salt": 0o600, "objects": 0o700}
    assert {path.name: mode(path) for path in instance.iterdir()} == made


def test_a_wide_umask_opens_nothing(instance: Path) -> None:
    program = f"import os; os.umask(0)\n{STARTS}"
    subprocess.run([sys.executable, "-c", program, str(instance)], cwd=ROOT, check=True, input="\n", text=True)
    assert [mode(instance), mode(instance / "secret"), mode(instance / "salt")] == [0o700, 0o600, 0o600]


def test_a_second_start_keeps_everything(instance: Path) -> None:
    assert read(instance) == read(instance)


def test_two_installations_share_nothing(tmp_path: Path) -> None:
    first, second = read(tmp_path / "one"), read(tmp_path / "two")
    assert first.secret != second.secret and first.salt != second.salt


def test_processes_that_start_at_once_get_the_same_secret(tmp_path: Path) -> None:
    for turn in range(3):
        instance = tmp_path / str(turn)
        command = [sys.executable, "-c", STARTS, str(instance)]
        starters = [
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(3)
        ]
        for starter in starters:
            assert starter.stdin is not None
            starter.stdin.write("\n")
            starter.stdin.flush()
        said = {starter.communicate(timeout=SECONDS_TO_START)[0] for starter in starters}
        assert len(said) == 1 and len(said.pop().split()[0]) == 2 * SECRET_BYTES
        assert sorted(path.name for path in instance.iterdir()) == ["objects", "salt", "secret"]


def test_what_is_drawn_once_has_its_name_on_the_disk(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a machine that loses power could lose a key by which something has been signed already."""
    settled: list[str] = []
    monkeypatch.setattr("os.fsync", lambda opened: settled.append(os.readlink(f"/proc/self/fd/{opened}")))
    read(instance)
    # Once after the secret, once after the salt.
    assert settled.count(str(instance)) == 2


@pytest.mark.parametrize("bits", [0o755, 0o750, 0o701, 0o770, 0o720])
def test_a_folder_others_may_enter_is_refused(instance: Path, bits: int) -> None:
    read(instance)
    instance.chmod(bits)
    assert "chmod 700" in refused(instance)


def test_a_folder_that_cannot_be_is_refused(instance: Path) -> None:
    instance.write_text("")
    assert "KENTONGAN_INSTANCE" in refused(instance)
    assert "KENTONGAN_INSTANCE" in refused(instance / "inside")


@pytest.mark.parametrize("name", ["secret", "salt"])
@pytest.mark.parametrize("content", ["", "00", "zz" * 32, "00" * 15, "00" * 33, "kata sandi", "\x00" * 64])
def test_a_damaged_secret_is_refused_and_left_as_it_is(instance: Path, name: str, content: str) -> None:
    read(instance)
    (instance / name).write_text(content)
    sentence = refused(instance)
    assert str(instance / name) in sentence and "backup" in sentence
    assert (instance / name).read_text() == content
    # The folder of the hundredth run has "00" in its name.
    assert not content or content not in sentence.replace(str(instance), "")


@pytest.mark.parametrize("content", ["", "zz" * 32, "00" * 31, "00" * 33])
def test_a_root_key_that_is_none_is_refused(instance: Path, content: str) -> None:
    read(instance)
    (instance / "root.pub").write_text(content)
    assert str(instance / "root.pub") in refused(instance)


def test_the_root_key_is_read_where_there_is_one(instance: Path) -> None:
    read(instance)
    (instance / "root.pub").write_text("ab" * ROOT_KEY_BYTES + "\n")
    assert read(instance).root_key == b"\xab" * ROOT_KEY_BYTES


def test_a_demo_says_that_it_is_one(instance: Path) -> None:
    read(instance)
    (instance / "DEMO").write_text("")
    assert read(instance).demo


def test_the_embedded_database_is_in_the_private_folder(instance: Path) -> None:
    settings = read(instance)
    assert settings.database_url == settings.owner_url == f"sqlite:///{instance}/kentongan.sqlite3"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:////tmp/x.sqlite3", "sqlite:////tmp/x.sqlite3"),
        ("postgresql://a@b/c", "postgresql+psycopg://a@b/c"),
        ("postgresql+psycopg://a@b/c", "postgresql+psycopg://a@b/c"),
    ],
)
def test_a_database_is_reached_by_the_driver_there_is(instance: Path, given: str, used: str) -> None:
    assert read(instance, DATABASE_URL=given).database_url == used


@pytest.mark.parametrize("given", ["", "mysql://a@b/c", "postgres://a@b/c", "sqlite://", "x.sqlite3", "https://x"])
def test_a_database_of_another_kind_is_refused(instance: Path, given: str) -> None:
    assert "DATABASE_URL must begin with sqlite:/// or postgresql://" in refused(instance, DATABASE_URL=given)


def test_an_owner_of_another_kind_is_refused(instance: Path) -> None:
    more = {"DATABASE_URL": "postgresql://a@b/c", "KENTONGAN_OWNER_URL": "sqlite:///x"}
    assert "KENTONGAN_OWNER_URL must begin with postgresql://" in refused(instance, **more)


def test_the_owner_is_not_known_where_he_need_not_be(instance: Path) -> None:
    assert read(instance, DATABASE_URL="postgresql://a@b/c").owner_url is None


def test_files_are_kept_in_the_private_folder_where_nothing_else_is_said(instance: Path) -> None:
    assert (read(instance).store, read(instance).largest_file) == (instance / "objects", 100 * 1024 * 1024)
    assert mode(instance / "objects") == 0o700
    (instance / "objects").chmod(0o701)
    assert "chmod 700" in refused(instance)


def test_files_are_kept_in_a_folder_that_is_named_if_it_is_there_and_its_owners_alone(
    instance: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "a disk"
    given = {"KENTONGAN_STORE": f"file://{tmp_path}/a%20disk"}
    assert "make it, with mode 700" in refused(instance, **given)
    folder.mkdir(mode=0o750)
    assert "chmod 700" in refused(instance, **given)
    folder.chmod(0o700)
    assert read(instance, **given).store == folder


BUCKET = {
    "KENTONGAN_STORE": "s3://berkas/kentongan/", "KENTONGAN_STORE_ACCESS_KEY": "kunci",
    "KENTONGAN_STORE_SECRET_KEY": "rahasia",
}  # fmt: skip


def test_files_are_kept_in_a_bucket_whose_secret_is_not_shown(instance: Path) -> None:
    assert read(instance, **BUCKET).store == Bucket("berkas", "kentongan", None, "us-east-1", "kunci", "rahasia")
    there = {"KENTONGAN_STORE_ENDPOINT": "https://s3.contoh.id", "KENTONGAN_STORE_REGION": "id-1"}
    store = read(instance, **BUCKET, **there).store
    assert store == Bucket("berkas", "kentongan", "https://s3.contoh.id", "id-1", "kunci", "rahasia")
    assert "rahasia" not in repr(store)


PLACES = ("", "objects", "file://", "file:///", "file://host/folder", "s3://", "s3:///x", "gs://berkas", "https://x")
SIZES = ("", "0", "501", "-1", "1.5", "100 MB", "٣", "9" * 5000)


@pytest.mark.parametrize(
    ("setting", "given", "sentence"),
    [
        *(("KENTONGAN_STORE", place, "KENTONGAN_STORE must be file:///") for place in PLACES),
        ("KENTONGAN_STORE_ACCESS_KEY", "", "KENTONGAN_STORE_ACCESS_KEY and KENTONGAN_STORE_SECRET_KEY: set both"),
        ("KENTONGAN_STORE_SECRET_KEY", "", "KENTONGAN_STORE_ACCESS_KEY and KENTONGAN_STORE_SECRET_KEY: set both"),
        ("KENTONGAN_STORE_ENDPOINT", "s3.contoh.id", "KENTONGAN_STORE_ENDPOINT must begin with https://"),
        *(("KENTONGAN_LARGEST_FILE_MB", size, "must be a number from 1 to 500") for size in SIZES),
    ],
)
def test_a_wrong_place_or_size_for_files_is_refused(
    instance: Path, setting: str, given: str, sentence: str
) -> None:
    assert sentence in refused(instance, **BUCKET | {setting: given})


def test_files_may_be_as_large_as_is_said(instance: Path) -> None:
    assert read(instance, KENTONGAN_LARGEST_FILE_MB="500").largest_file == 500 * 1024 * 1024


@pytest.mark.parametrize("given", ["/tidak/ada.toml", "."])
def test_a_province_that_is_no_file_is_refused(instance: Path, given: str) -> None:
    assert "KENTONGAN_PROVINCE" in refused(instance, KENTONGAN_PROVINCE=given)


@pytest.mark.parametrize("content", [b"", b"code = ", b"\xff", b"code = '33'\nname = 'x'"])
def test_a_province_that_is_not_whole_is_refused_by_its_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "province.toml"
    path.write_bytes(content)
    with pytest.raises(WrongSetting, match=re.escape(f"{path} is not a whole province")):
        load_province(path)


def test_settings_do_not_change_while_they_are_used(instance: Path) -> None:
    settings = read(instance)
    with pytest.raises(FrozenInstanceError):
        settings.secret = b""  # type: ignore[misc]


def test_nothing_is_read_from_the_environment_but_what_is_given(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://x")
    assert read(instance).database_url.startswith("sqlite:///")
