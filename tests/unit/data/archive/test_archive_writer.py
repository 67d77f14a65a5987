"""Writing: encryption, progress, what is left of a writer that is given up, errors as values."""

from __future__ import annotations

import copy
import io
import os
import pickle
import subprocess
import tarfile
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

from dockcli.data import archive as room
from dockcli.data.archive import (
    Age,
    ArchiveError,
    CipherFailed,
    CipherMissing,
    DamagedArchive,
    Gpg,
    UnknownSuffix,
    Writer,
    WrongKey,
    compression_of,
    open_archive,
    verify,
)
from dockcli.data.entry import Description
from dockcli.errors import InvalidArgument
from dockcli.secret import Secret
from tests.unit.data.archive.made import copied, member, needs, packed, tar_of

VOLUME = tar_of(
    member("./", tarfile.DIRTYPE), *(member(f"./{n}", data=os.urandom(3000)) for n in range(300))
)


@pytest.fixture
def keys(tmp_path: Path) -> tuple[str, str]:
    """A private key's path, and its public key."""
    path = tmp_path / "key"
    subprocess.run(["age-keygen", "-o", str(path)], check=True, capture_output=True)
    asked = subprocess.run(["age-keygen", "-y", str(path)], check=True, capture_output=True)
    return str(path), asked.stdout.decode().strip()


@pytest.fixture
def own_gpg(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A keyring of the test's own, with a short path: gpg's agent has a socket in it."""
    with tempfile.TemporaryDirectory(prefix="gpg-", dir="/tmp") as home:
        monkeypatch.setenv("GNUPGHOME", home)
        yield Path(home)
        subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False)


@needs("age")
@pytest.mark.parametrize("compression", ["none", "gz", "zst"])
def test_age(keys: tuple[str, str], compression: str, tmp_path: Path) -> None:
    identity, public = keys
    (tmp_path / "recipients").write_text(public)
    for to in (Age(recipients=(public,)), Age(recipients_file=tmp_path / "recipients")):
        archive = packed(VOLUME, compression, encryption=to)
        assert archive.startswith(b"age-encryption.org/v1")
        about = verify(io.BytesIO(archive), encryption=Age(identity=identity))
        assert about == copied(packed(VOLUME))[0]
    with pytest.raises(WrongKey, match=r"give encryption=Age"):
        open_archive(io.BytesIO(archive))
    for damaged in (archive[:-1], archive[:-70000], archive + b"x", b"x" + archive):
        with pytest.raises(ArchiveError):
            verify(io.BytesIO(damaged), encryption=Age(identity=identity))


@needs("age")
def test_another_key_of_age(keys: tuple[str, str], tmp_path: Path) -> None:
    other = tmp_path / "other"
    subprocess.run(["age-keygen", "-o", str(other)], check=True, capture_output=True)
    archive = packed(VOLUME, encryption=Age(recipients=(keys[1],)))
    with pytest.raises(WrongKey, match="no identity matched"):
        open_archive(io.BytesIO(archive), encryption=Age(identity=other))


@needs("age")
def test_a_recipient_that_is_none() -> None:
    with pytest.raises(CipherFailed, match="nonsense"):
        packed(VOLUME, encryption=Age(recipients=("nonsense",)))


@needs("gpg")
def test_gpg_with_a_passphrase(own_gpg: Path) -> None:
    archive = packed(VOLUME, "zst", encryption=Gpg(passphrase=Secret("open sesame")))
    assert verify(io.BytesIO(archive), encryption=Gpg(passphrase="open sesame")).entries
    with pytest.raises(WrongKey):
        verify(io.BytesIO(archive), encryption=Gpg(passphrase="another"))
    with pytest.raises(WrongKey, match="give encryption=Gpg"):
        verify(io.BytesIO(archive))
    for damaged in (archive[:-9], archive[:5000] + b"xx" + archive[5002:]):
        with pytest.raises(ArchiveError):
            verify(io.BytesIO(damaged), encryption=Gpg(passphrase="open sesame"))


@needs("gpg")
def test_gpg_with_a_key(own_gpg: Path) -> None:
    words = ["gpg", "--batch", "--passphrase=", "--quick-gen-key", "me@example.org"]
    words += ["rsa2048", "encrypt", "never"]
    subprocess.run(words, check=True, capture_output=True)
    archive = packed(VOLUME, "gz", encryption=Gpg(recipients=("me@example.org",)))
    assert verify(io.BytesIO(archive), encryption=Gpg()).entries
    with pytest.raises(CipherFailed, match="nobody"):
        packed(VOLUME, encryption=Gpg(recipients=("nobody",)))


def test_a_passphrase_is_never_seen() -> None:
    secret = Gpg(passphrase="open sesame")
    assert "sesame" not in repr(secret)
    with secret.decrypting() as (words, (descriptor,)):
        assert "sesame" not in " ".join(words)
        assert os.read(descriptor, 99) == b"open sesame\n"


@pytest.mark.parametrize("wrong", [Age(), Gpg(), Gpg(passphrase="a\nb"), Age(recipients=("",))])
def test_what_cannot_encrypt_is_refused_before_a_byte_is_written(wrong: Any) -> None:
    with pytest.raises(InvalidArgument):
        Writer(out := io.BytesIO(), Description("data"), encryption=wrong)
    assert not out.getvalue()


@pytest.mark.parametrize(("given", "program"), [(Age(("age1x",)), "age"), (Gpg(("x",)), "gpg")])
def test_a_program_that_is_missing(
    given: Any, program: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / program).write_text("#!/bin/false")
    (tmp_path / program).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".:")
    with pytest.raises(CipherMissing, match=f"{program} is not installed.*apt-get install"):
        Writer(out := io.BytesIO(), Description("data"), encryption=given)
    assert not out.getvalue()


@needs("age")
@pytest.mark.parametrize("compression", ["none", "gz", "zst"])
def test_a_writer_that_is_given_up_leaves_nothing_running(
    keys: tuple[str, str], compression: str
) -> None:
    before, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
    encryption = Age(recipients=(keys[1],))
    with (
        pytest.raises(DamagedArchive),
        Writer(
            io.BytesIO(), Description("data"), compression=compression, encryption=encryption
        ) as writer,
    ):
        writer.write_from(io.BytesIO(member("./a", data=bytes(3 << 20))[:-1]))
    assert threading.active_count() == before
    assert len(os.listdir("/proc/self/fd")) == files


class Full(io.RawIOBase):
    def write(self, data: Any) -> int:
        raise OSError(28, "No space left on device")


@needs("age")
@pytest.mark.parametrize("encrypted", [True, False])
@pytest.mark.parametrize("compression", ["none", "gz", "zst"])
def test_a_disk_that_is_full_is_told(
    keys: tuple[str, str], encrypted: bool, compression: str
) -> None:
    encryption = Age(recipients=(keys[1],)) if encrypted else None
    with pytest.raises(OSError, match="No space left"):
        packed(VOLUME, compression, encryption=encryption, out=Full())


def test_progress_counts_every_byte() -> None:
    written: list[int] = []
    archive = packed(VOLUME, progress=written.append)
    assert len(archive) - 2048 == sum(written)  # all but the sum and the end
    told: list[int] = []
    copied(archive, progress=told.append)
    assert sum(told) == len(archive)


def test_it_is_finished_and_read_once() -> None:
    with Writer(io.BytesIO(), Description("data")) as writer:
        writer.finish()
        with pytest.raises(ArchiveError, match="finished"):
            writer.finish()
    with open_archive(io.BytesIO(packed(VOLUME))) as reader:
        reader.copy_to()
        with pytest.raises(ArchiveError, match="once"):
            reader.copy_to()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        *[("a.tar", ("none", "")), ("a.b.tar.gz", ("gz", "")), ("a.tgz.age", ("gz", "age"))],
        *[
            ("a.tar.zst", ("zst", "")),
            ("A.TZST.GPG", ("zst", "gpg")),
            ("x.tar.age", ("none", "age")),
        ],
    ],
)
def test_a_suffix_says_how(name: str, found: tuple[str, str]) -> None:
    assert compression_of(name) == found


@pytest.mark.parametrize("name", ["a", "a.gz", "a.tar.xz", "a.tar.gz.pgp", "a.age", ""])
def test_a_suffix_that_says_nothing(name: str) -> None:
    with pytest.raises(UnknownSuffix, match=r"\.tar\.zst.*\.age"):
        compression_of(name)
    with pytest.raises(InvalidArgument):
        Writer(io.BytesIO(), Description("data"), compression=name or "bz2")


EXAMPLES = {
    "AmbiguousArchive": (("backup/a", "backup/b"),),
    "CipherFailed": ("age", "no"),
    "CipherMissing": ("gpg",),
    "HostileArchive": ("a", "is a device"),
    "NewerArchive": (2,),
    "NoSuchEntry": ("a", ("b",)),
    "TooBig": (2, 1),
    "WrongKey": ("age", "no"),
}


@pytest.mark.parametrize(
    "kind",
    [one for one in vars(room).values() if isinstance(one, type) and issubclass(one, ArchiveError)],
)
def test_an_error_is_a_value(kind: type[ArchiveError]) -> None:
    error = kind(*EXAMPLES.get(kind.__name__, ("it is so",)))
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert (type(again), again.args, str(again)) == (kind, error.args, str(error))
    assert str(error)
