"""A call joined with other programs: nothing through Python, no exit code lost."""

from __future__ import annotations

import gc
import os
import pickle
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from plumbum import local
from plumbum.commands.processes import ProcessExecutionError

from dockcli import Docker, Secret
from dockcli.pipeline import PipelineFailed
from tests.unit.fake import FakeDocker
from tests.unit.test_bytes import OUTPUTS
from tests.unit.test_deadline import open_files, within

ERRORS = ("write", 1, b"fine\nERROR one\nfine\nERROR two\n")
WORDS = ("write", 2, b"the reason\n")


@pytest.fixture(autouse=True)
def _nothing_is_left_over() -> Iterator[None]:
    before = open_files(), threading.active_count()
    yield
    gc.collect()
    end = time.monotonic() + 1
    while (now := (open_files(), threading.active_count())) != before and time.monotonic() < end:
        time.sleep(0.01)
    assert now == before


def logs(client: Docker) -> Any:
    return client.call.container.logs("web").plumbum()


def sh(script: str) -> Any:
    return local["sh"]["-c", script]


def test_it_is_joined_as_any_command_of_plumbums(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(ERRORS)
    grep, sort = local["grep"], local["sort"]
    assert (logs(client) | grep["ERROR"])() == "ERROR one\nERROR two\n"
    assert (logs(client) | grep["ERROR"] | sort["-r"])() == "ERROR two\nERROR one\n"
    assert (logs(client) | (grep["ERROR"] | sort["-r"]))() == "ERROR two\nERROR one\n"
    ran = (logs(client) | grep["-c", "ERROR"]).run()
    assert tuple(ran) == (0, "2\n", "")
    assert ran.returncodes == (0, 0)


def test_it_may_go_to_a_file_and_come_from_one(
    fake_docker: FakeDocker, client: Docker, tmp_path: Path
) -> None:
    fake_docker.will(ERRORS)
    ((logs(client) | local["grep"]["ERROR"]) > str(tmp_path / "errors"))()
    assert (tmp_path / "errors").read_bytes() == b"ERROR one\nERROR two\n"
    (logs(client) > str(tmp_path / "all"))()
    assert (tmp_path / "all").read_bytes() == ERRORS[2]
    fake_docker.will(("read",))
    (local["echo"]["hello"] | client.call.load().plumbum())()
    assert fake_docker.calls[-1].stdin == b"hello\n"


@pytest.mark.parametrize(
    ("first", "second", "codes"),
    [
        (0, "cat", (0, 0)),
        (3, "cat", (3, 0)),
        (0, "cat; exit 4", (0, 4)),
        (3, "cat; exit 4", (3, 4)),
        (3, "cat; exit 3", (3, 3)),
    ],
)
def test_each_exit_code_is_kept(
    fake_docker: FakeDocker, client: Docker, first: int, second: str, codes: tuple[int, ...]
) -> None:
    fake_docker.will(ERRORS, WORDS, ("exit", first))
    ran = (logs(client) | sh(second)).run(retcode=None)
    assert ran.returncodes == codes
    assert ran[1] == ERRORS[2].decode()
    if codes == (0, 0):
        return
    with pytest.raises(PipelineFailed) as info:
        (logs(client) | sh(second))()
    assert info.value.returncodes == codes
    assert info.value.retcode == (first or codes[1])
    assert isinstance(info.value, ProcessExecutionError)  # what plumbum's users catch
    assert f"{codes[0]} | {codes[1]}" in str(info.value)
    assert str(pickle.loads(pickle.dumps(info.value))) == str(info.value)
    assert ("the reason" in str(info.value)) == (first != 0)


def test_the_exit_code_of_one_in_the_middle_is_kept(
    fake_docker: FakeDocker, client: Docker
) -> None:
    fake_docker.will(ERRORS)
    three = logs(client) | sh("cat; echo middle >&2; exit 5") | sh("cat; echo last >&2")
    ran = three.run(retcode=None)
    assert ran.returncodes == (0, 5, 0)
    assert ran[2] == "last\n"
    with pytest.raises(PipelineFailed) as info:
        three()
    assert info.value.returncodes == (0, 5, 0)
    assert info.value.stderr == "middle\n"


def test_what_it_says_beside_does_not_stop_it(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(("write", 2, b"y\n" * 500_000), ERRORS, ("write", 2, b"end"), ("exit", 1))
    with within(10):
        ran = (logs(client) | local["grep"]["-c", "ERROR"]).run(retcode=None)
    assert (ran.returncodes, ran[1]) == ((1, 0), "2\n")
    with pytest.raises(PipelineFailed) as info:
        (logs(client) | local["cat"])()
    assert info.value.stderr.endswith("y\nend")
    assert len(info.value.stderr) <= 65536


def test_nothing_passes_through_python(fake_docker: FakeDocker, client: Docker) -> None:
    fake_docker.will(ERRORS, ("sleep", 60))
    pipeline = logs(client) | sh("echo $$; exec cat")
    process = pipeline.popen()
    try:
        consumer = int(process.stdout.readline())
        out = os.readlink(f"/proc/{fake_docker.started().pid}/fd/1")
        assert out == os.readlink(f"/proc/{consumer}/fd/0")
        assert out.startswith("pipe:")
        assert out not in {one.split()[1] for one in open_files()}
    finally:
        process.srcproc.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


@pytest.mark.parametrize("name", OUTPUTS)
def test_its_text_loses_no_byte(fake_docker: FakeDocker, client: Docker, name: str) -> None:
    data = OUTPUTS[name]
    fake_docker.will(("write", 1, data), ("write", 2, data))
    _, out, err = logs(client).run()
    assert (raw(out), raw(err)) == (data, data)
    assert raw(logs(client)()) == data
    assert raw((logs(client) | local["cat"]).run()[1]) == data

    fake_docker.will(("write", 2, data), ("exit", 3))
    with pytest.raises(ProcessExecutionError) as info:
        logs(client).run()
    assert raw(info.value.stderr) == data

    fake_docker.will(("read",), when="image load")
    (client.call.image.load().plumbum() << out).run()
    assert fake_docker.calls[-1].stdin == data


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def test_it_has_the_clients_folder_environment_and_secrets(
    fake_docker: FakeDocker, tmp_path: Path
) -> None:
    client = Docker(cwd=tmp_path, env={"MINE": "yes"})
    call = client.call.run("alpine", env={"TOKEN": Secret("hidden")})
    (call.plumbum() | local["cat"])()
    seen = fake_docker.call
    assert seen.cwd == os.fsencode(tmp_path)
    assert seen.env["MINE"] == b"yes"
    assert seen.env["TOKEN"] == b"hidden"
    assert "hidden" not in str(call.plumbum() | local["cat"])
