"""What a machine promises, as cases: run on a shell of this machine by the unit tests, and in
containers by those on an engine.

Each case is given an open machine and a folder of its own there.
"""

from __future__ import annotations

import contextlib
import gc
import os
import random
import shlex
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from plumbum import RETCODE, TF, local
from plumbum.commands.processes import CommandNotFound, ProcessExecutionError, ProcessTimedOut

from dockcli.errors import DeadlineExceeded, InvalidArgument, ShellEnded
from dockcli.machine import CommandTimedOut, Machine

Case = Callable[[Machine, Any], None]
CASES: list[Case] = []

LATE = 3.0
"""Seconds beyond a timeout: one is promised, and a busy machine is given more."""

ODD = (
    *("", " ", "a b", "a\nb", "\n", "a\n", "'", '"', "''", "\\", "\\n", "$HOME", "$(id)", "`id`"),
    *("*", "?", "[a]", "~", "~root", "-", "--", "-n", "-e", "#", "!", "!!", "&", ";", "|", ">x"),
    *(
        "%s",
        "%%",
        "a=b",
        "{a,b}",
        "\t",
        "\r\n",
        "\x01",
        "\x7f",
        "é",
        "한",
        "\udcff",
        "\udc80\udc81",
    ),
    *("\udc81", "\udc88", "x" * 5000, "}", "{", "done", "EOF", "</dev/null", "\x1b[6n"),
)
NAMES = [word for word in ODD if word and "/" not in word and len(word) < 200]


def case(function: Case) -> Case:
    CASES.append(function)
    return function


def as_bytes(text: str) -> bytes:
    return os.fsencode(text)


def running(m: Machine, number: str) -> list[str]:
    """What runs there with this number among its words."""
    return [
        one.args for one in m.list_processes() if number in one.args.split() and one.stat != "Z"
    ]


def gone(m: Machine, number: str, patience: float = 1.0) -> bool:
    until = time.monotonic() + patience
    while left := running(m, number):
        if time.monotonic() > until:
            raise AssertionError(f"still there: {left}")
        time.sleep(0.05)
    return True


_numbers = iter(range(1_000_000 + os.getpid() * 100, 2_000_000_000))


def number() -> str:
    """A number of seconds that nothing else sleeps for."""
    return str(next(_numbers))


def blob(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@case
def words_arrive_as_they_are(m: Machine, folder: Any) -> None:
    said = m["printf"]["%s\\0", list(ODD)]()
    assert said.split("\0")[:-1] == list(ODD)
    for word in ODD:
        assert m["printf"]("%s", word) == word
    assert m["printf"]("%s", b"\xff\x00"[:1], 7, None) == "\udcff7"


@case
def random_words_arrive_as_they_are(m: Machine, folder: Any) -> None:
    generator = random.Random(7)
    for _ in range(100):
        lengths = [generator.randrange(1, 60) for _ in range(4)]
        words = [os.fsdecode(bytes(generator.randrange(1, 256) for _ in range(n))) for n in lengths]
        assert m["printf"]["%s\\0", words]().split("\0")[:-1] == words


@case
def a_nul_is_refused_before_anything_runs(m: Machine, folder: Any) -> None:
    with pytest.raises(InvalidArgument, match="NUL"):
        m["touch"](folder / "one", "a\0b")
    with pytest.raises(InvalidArgument, match="NUL"):
        folder.join("a\0b")
    with pytest.raises(InvalidArgument, match="NUL"):
        m.env["X"] = "a\0b"
    with pytest.raises(InvalidArgument, match="name of a variable"):
        m.env["X;id"] = "1"
    with pytest.raises(InvalidArgument, match="name of a variable"):
        m["true"].with_env(**{"a b": "1"})()
    assert folder.list() == []


@case
def output_is_kept_byte_for_byte(m: Machine, folder: Any) -> None:
    for size in (0, 1, 1023, 1024, 1025, 4095, 4096, 4097, 65535, 65536, 65537, 300_000):
        data = blob(size)
        (folder / "file").write(data)
        assert (folder / "file").read() == data
        assert as_bytes(m["cat"](folder / "file")) == data
    for tail in (b"", b"\n", b"\r\n", b"\n\n", b"\0", b"\xe2\x82"):
        (folder / "file").write(bytes(range(256)) + tail)
        assert as_bytes(m["cat"](folder / "file")) == bytes(range(256)) + tail


@case
def both_streams_stay_apart(m: Machine, folder: Any) -> None:
    shell = m["sh"]["-c"]
    for _ in range(20):
        assert shell["printf out; printf err >&2; exit 4"].run(retcode=4) == (4, "out", "err")
        assert shell["printf err >&2"].run() == (0, "", "err")
    lines = shell["i=0; while test $i -lt 9000; do echo o$i; echo e$i >&2; i=$((i+1)); done"].run()
    assert lines[1].split() == [f"o{i}" for i in range(9000)]
    assert lines[2].split() == [f"e{i}" for i in range(9000)]


@case
def no_output_is_taken_for_a_mark(m: Machine, folder: Any) -> None:
    mark = "dockcli-0123456789abcdef0123456789abcdef-end 0\n"
    assert m["printf"]("%s", mark * 3) == mark * 3
    with m.session() as session:
        traced = session.run("set -x; echo one")
        assert traced[1] == "one\n"
        assert "+ echo one" in traced[2]
        trace = session.run("echo two; set +x")[2]
        assert session.run("echo three") == (0, "three\n", "")
        for line in trace.splitlines():  # what the shell has told of its own marks
            assert session.run(f"printf %s {shlex.quote(line)}")[1] == line


@case
def what_is_written_late_is_no_others(m: Machine, folder: Any) -> None:
    echo = m["echo"]
    m["sh"]("-c", "(sleep 0.2; echo late; echo later >&2) & :")
    time.sleep(0.6)
    for n in range(3):
        assert echo[str(n)].run() == (0, f"{n}\n", "")


@case
def data_goes_in_whole(m: Machine, folder: Any) -> None:
    for size in (0, 1, 255, 8191, 8192, 8193, 49151, 49152, 49153, 400_000):
        assert as_bytes((m["cat"] << blob(size))()) == blob(size)
    assert (m["cat"] << "한\udcff\n")() == "한\udcff\n"
    assert (m["cat"] << bytes(range(256)))() == os.fsdecode(bytes(range(256)))
    assert (m["true"] << blob(40_000)).run()[0] == 0
    assert (m["true"] << blob(400_000)).run()[0] == 0
    assert m["cat"]() == ""  # no command reads what the shell is told
    assert (m["sh"]["-c", "exit 5"] << "x").run(retcode=5)[0] == 5


@case
def exit_codes_are_the_commands(m: Machine, folder: Any) -> None:
    for code in (0, 1, 2, 126, 127, 130, 255):
        assert m["sh"]["-c", f"exit {code}"].run(retcode=None) == (code, "", "")
        assert m["sh"]["-c", f"exit {code}"].run(retcode=(7, code))[0] == code
    with pytest.raises(ProcessExecutionError) as caught:
        m["sh"]("-c", "echo out; echo err >&2; exit 3")
    assert (caught.value.retcode, caught.value.stdout, caught.value.stderr) == (3, "out\n", "err\n")
    assert caught.value.argv[1:] == ["-c", "echo out; echo err >&2; exit 3"]
    with pytest.raises(ProcessExecutionError):
        m["true"].run(retcode=1)
    assert (m["sh"]["-c", "exit 3"] & RETCODE) == 3
    assert m["false"] & TF(1)


@case
def commands_are_joined(m: Machine, folder: Any) -> None:
    (folder / "file").write("one\ntwo\nthree\n")
    cat = m["cat"][folder / "file"]
    assert (cat | m["grep"]["t"])() == "two\nthree\n"
    assert (cat | m["grep"]["t"] | m["wc"]["-l"])().strip() == "2"
    assert (cat | local["wc"]["-l"])().strip() == "3"
    assert (local["printf"]["a\\nb\\n"] | m["wc"]["-l"])().strip() == "2"
    assert ((m["cat"] << "x\ny\n") | m["wc"]["-l"])().strip() == "2"
    assert (cat | m["sh"]["-c", "cat >/dev/null; exit 6"]).run(retcode=6)[0] == 6
    for left, right, code in (("0", "0", 0), ("4", "0", 4), ("0", "5", 5), ("4", "5", 5)):
        pipe = m["sh"]["-c", f"exit {left}"] | m["sh"]["-c", f"exit {right}"]
        assert pipe.run(retcode=None)[0] == code
    assert (m["sh"]["-c", "echo e >&2"] | m["cat"]).run()[2] == "e\n"
    assert m["env"][m["printf"]["%s", "a b"]]() == "a b"


@case
def what_is_redirected_goes_to_files_here(m: Machine, folder: Any) -> None:
    data = blob(200_000)
    (folder / "file").write(data)
    with tempfile.TemporaryDirectory() as here:
        path = Path(here, "out")
        (m["cat"][folder / "file"] > str(path))()
        assert path.read_bytes() == data
        (m["cat"][folder / "file"] >> str(path))()
        assert path.read_bytes() == data * 2
        (m["sh"]["-c", "echo bad >&2"] >= str(path))()
        assert path.read_bytes() == b"bad\n"
        path.write_bytes(data)
        assert as_bytes((m["cat"] < str(path))()) == data
    with pytest.raises(TypeError):
        (m["true"] > folder / "x")()


@case
def cwd_is_the_machines(m: Machine, folder: Any) -> None:
    before = m.cwd
    for name in ("a b", "x\ny", "-l", "\udcff", "tail\n"):
        (folder / name).mkdir()
        with m.cwd(folder / name) as there:
            assert there == folder / name == m.cwd
            assert m["pwd"]("-P") == f"{folder / name}\n"
            assert m.path("x") == folder / name / "x"
            m["touch"]("here")
            assert m.popen(["pwd", "-P"]).communicate()[0] == as_bytes(f"{folder / name}\n")
        assert (folder / name / "here").exists()
        assert m["pwd"]["-P"].with_cwd(folder / name)() == f"{folder / name}\n"
    assert m.cwd == before
    with pytest.raises(ProcessExecutionError):
        m.cwd.chdir(folder / "nowhere")
    assert m["pwd"]() == f"{before}\n"
    with m.cwd(folder), m.cwd("a b"):
        assert m.cwd == folder / "a b"


@case
def env_is_the_machines(m: Machine, folder: Any) -> None:
    show = m["sh"]["-c", 'printf %s "${DOCKCLI_X-unset}"']
    for value in ODD:
        with m.env(DOCKCLI_X=value):
            assert show() == value
            assert m.env["DOCKCLI_X"] == value
        assert show() == "unset"
        assert show.with_env(DOCKCLI_X=value)() == value
    m.env["DOCKCLI_X"] = "1"
    assert m.popen(["sh", "-c", show.args[1]]).communicate()[0] == b"1"
    assert m.env.getdelta() == {"DOCKCLI_X": "1"}
    del m.env["DOCKCLI_X"]
    assert show() == "unset"
    m.env.update(DOCKCLI_X="2")
    assert m.env.pop("DOCKCLI_X") == "2"
    assert show() == "unset"
    assert m.env.expand("$DOCKCLI_X-${HOME};$(id)") == f"-{m.env['HOME']};$(id)"
    assert str(m.path("~/x")) == f"{m.env['HOME'].rstrip('/')}/x"
    assert m.expanduser("~root/x") == "/root/x"
    assert m.expanduser("~nobody-is-called-so") == "~nobody-is-called-so"
    path = folder / "tool"
    path.write("#!/bin/sh\necho mine\n")
    path.chmod(0o755)
    assert "tool" not in m
    m.env.path.insert(0, str(folder))
    assert m["tool"]() == "mine\n"
    m.env.path.remove(str(folder))
    assert "tool" not in m


@case
def a_command_that_ends_the_shell_is_told_of(m: Machine, folder: Any) -> None:
    (folder / "in").mkdir()
    with m.cwd(folder / "in"), m.env(DOCKCLI_X="kept"):
        for _ in range(2):
            with pytest.raises(ShellEnded) as caught:
                m["sh"]("-c", "echo before; kill -9 $PPID")
            assert caught.value.returncode in (137, -9)
            assert m["sh"]("-c", "echo $DOCKCLI_X; pwd -P") == f"kept\n{folder / 'in'}\n"
    with m.session() as session:
        for line, code in (("exit 3", 3), ("exec sh -c 'exit 4'", 4), ("eval 'if'", 2)):
            with pytest.raises(ShellEnded) as caught:
                session.run(f"echo said; {line}")
            assert caught.value.returncode == code
            assert caught.value.stdout == b"said\n"
            assert session.run("echo new")[1] == "new\n"


@case
def a_line_that_is_no_whole_one_hangs_nothing(m: Machine, folder: Any) -> None:
    with m.session() as session:
        for line in ("echo 'x", "if true", "(", "cat <<X\nx"):
            with contextlib.suppress(ShellEnded):
                session.run(line, retcode=None, timeout=5)
            assert session.run("echo on")[1] == "on\n"


@case
def what_is_late_is_ended_there(m: Machine, folder: Any) -> None:
    late = {
        "plain": "exec sleep {}",
        "ignores TERM": "trap '' TERM INT HUP; sleep {}; sleep 1",
        "in the background": "sleep {} & echo said; wait",
        "orphaned": "(sleep {} & ); sleep 9",
        "writes for ever": "sleep {} & while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done",
    }
    written = b""
    for what, script in late.items():
        seconds, begun = number(), time.monotonic()
        with pytest.raises(CommandTimedOut) as caught:
            m["sh"]["-c", script.format(seconds)].run(timeout=0.4)
        assert time.monotonic() - begun < 0.4 + LATE, what
        written = caught.value.stdout
        assert isinstance(caught.value, ProcessTimedOut)
        assert isinstance(caught.value, DeadlineExceeded)
        assert gone(m, seconds), what
        assert m["echo"]("usable") == "usable\n"
    assert b"xxx" in written
    seconds, begun = number(), time.monotonic()
    with pytest.raises(ProcessTimedOut):
        (m["sleep"][seconds] | local["cat"]).run(timeout=0.4)
    assert time.monotonic() - begun < 0.4 + LATE
    assert gone(m, seconds)


@case
def a_program_has_live_streams(m: Machine, folder: Any) -> None:
    assert m.popen(["printf", "%s\\0", *ODD]).communicate()[0].split(b"\0")[:-1] == [
        as_bytes(word) for word in ODD
    ]
    assert m.popen("printf 'a\\n'; exit 3").communicate() == (b"a\n", b"")
    with m.popen(["cat"]) as cat:
        for line in (b"one\n", b"\xff\x00\n"):
            cat.stdin.write(line)
            cat.stdin.flush()
            assert cat.stdout.readline() == line
        cat.stdin.close()
        assert cat.wait() == 0
    assert m["sh"]["-c", "exit 7"].popen().wait() == 7
    with m["echo"]["hi"].bgrun() as echo:
        assert echo.run()[1] == "hi\n"
    lines = m["sh"]["-c", "echo a; echo b"].popen().iter_lines()
    assert [(out, err) for out, err in lines] == [("a", None), ("b", None)]
    seconds = number()
    live = m.popen(["sleep", seconds])
    wait_until(lambda: running(m, seconds))
    live.terminate()
    assert live.wait() in (143, -15)
    live.close()
    del lines
    gc.collect()  # plumbum's own selector is in a circle
    for end in ("close", "drop", "error"):
        seconds = number()
        live = m.popen(["sh", "-c", f"(sleep {seconds} &); sleep {seconds}"])
        wait_until(lambda: len(running(m, seconds)) >= 2)  # noqa: B023
        if end == "close":
            live.close()
        elif end == "error":
            with pytest.raises(KeyError), live:
                raise KeyError
        del live
        assert gone(m, seconds)


def wait_until(holds: Callable[[], object], patience: float = 5.0) -> None:
    until = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


@case
def a_reader_that_leaves_ends_the_writer(m: Machine, folder: Any) -> None:
    word = number()
    pipe = m["sh"]["-c", f"while :; do echo {word}; done", word] | local["head"]["-n", "1"]
    assert pipe.run(retcode=None)[1] == f"{word}\n"
    assert gone(m, word)


@case
def a_detached_program_stays(m: Machine, folder: Any) -> None:
    seconds, out = number(), folder / "out"
    detached = m["sh"]["-c", f"echo begun; sleep {seconds}"].nohup(cwd=folder, stdout="out")
    wait_until(lambda: out.exists() and out.read() == b"begun\n")
    with pytest.raises(CommandTimedOut):
        m["sleep"](number(), timeout=0.2)  # what this ends is not the other
    assert running(m, seconds)
    assert detached.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        detached.wait(timeout=0.1)
    for one in m.pgrep(seconds):
        m["kill"](str(one.pid))
    assert detached.wait(timeout=5) == 0
    assert gone(m, seconds)
    short = m["sh"]["-c", "echo again"].nohup(cwd=folder, stdout="out")
    assert short.wait(timeout=5) == 0
    assert out.read() == b"begun\nagain\n"


@case
def names_of_any_bytes_are_paths(m: Machine, folder: Any) -> None:
    for name in NAMES:
        path = folder / name
        path.write(as_bytes(name))
        assert path.name == name
    assert sorted(path.name for path in folder.list()) == sorted(NAMES)
    assert sorted(path.name for path in folder.walk()) == sorted(NAMES)
    visible = sorted(name for name in NAMES if not name.startswith("."))
    assert sorted(path.name for path in folder.glob("*")) == visible
    assert sorted(path.name for path in folder.glob("**/*")) == visible
    for path in folder:
        name = path.name
        assert path.exists()
        assert path.is_file()
        assert path.read() == as_bytes(name)
        assert path.stat().st_size == len(as_bytes(name))
        path.move(folder / "moved")
        (folder / "moved").copy(path)
        (folder / "moved").copy(path, override=True)
        path.touch()
        path.chmod(0o640)
        assert path.stat().st_mode & 0o7777 == 0o640
        path.delete()
        assert not path.exists()
        path.mkdir()
        (path / "in").write("x")
        assert [str(one) for one in path.list()] == [f"{path}/in"]
        path.delete()
        assert not path.exists()
        (folder / "moved").delete()
    assert folder.list() == []


@case
def paths_tell_what_is_there(m: Machine, folder: Any) -> None:
    file, link, loose = folder / "file", folder / "link", folder / "loose"
    file.write("x")
    file.symlink(link)
    (folder / "nowhere").symlink(loose)
    assert (link.exists(), link.is_file(), link.is_symlink(), link.is_dir()) == (
        True,
        True,
        True,
        False,
    )
    assert (loose.exists(), loose.is_symlink()) == (False, True)
    assert file.stat().st_ino == link.stat().st_ino != link.lstat().st_ino
    assert link.lstat().text_mode == "symbolic link"
    with pytest.raises(FileNotFoundError):
        loose.stat()
    assert loose.lstat().st_nlink == 1
    loose.delete()
    assert not loose.is_symlink()
    hard = folder / "hard"
    file.link(hard)
    assert file.stat().st_nlink == 2
    hard.unlink()
    inner = folder / "a" / "b"
    inner.mkdir()
    assert inner.is_dir()
    inner.mkdir()
    with pytest.raises(FileExistsError):
        inner.mkdir(exist_ok=False)
    with pytest.raises(IsADirectoryError):
        inner.unlink()
    with pytest.raises(ProcessExecutionError):
        (folder / "a").rmdir()
    inner.rmdir()
    (folder / "a").symlink(folder / "to a")
    (folder / "to a").delete()
    assert (folder / "a").is_dir()
    assert (folder / "a").uid == file.stat().st_uid
    (folder / "m").mkdir(mode=0o700)
    assert (folder / "m").stat().st_mode & 0o777 == 0o700
    file.chmod(0o600)
    assert file.access("rw")
    assert not file.access("x")
    with pytest.raises(TypeError):
        file.copy(link)
    with pytest.raises(ProcessExecutionError):
        (folder / "nowhere").read()
    with pytest.raises(ProcessExecutionError):
        (folder / "nowhere" / "file").write("x")
    assert file.chown(file.stat().st_uid, file.stat().st_gid) is None
    assert file.as_uri().startswith("docker://")
    assert (file.parent, file.name, file.with_suffix(".txt").name) == (folder, "file", "file.txt")


@case
def patterns_match_as_in_a_shell(m: Machine, folder: Any) -> None:
    for name in (
        "a.txt",
        "b.txt",
        "c.py",
        ".hidden.txt",
        "d e.txt",
        "[x].txt",
        "sub/f.txt",
        "sub/deep/g.txt",
    ):
        path = folder / name
        path.dirname.mkdir()
        path.write("")

    def found(pattern: Any) -> list[str]:
        return sorted(str(path)[len(str(folder)) + 1 :] for path in folder.glob(pattern))

    assert found("*.txt") == ["[x].txt", "a.txt", "b.txt", "d e.txt"]
    assert found("[ab].txt") == ["a.txt", "b.txt"]
    assert found("[!ab].txt") == []
    assert found("?.py") == ["c.py"]
    assert found("[[]x].txt") == ["[x].txt"]
    assert found(".*") == [".hidden.txt"]
    assert found("*/*.txt") == ["sub/f.txt"]
    assert found("**/*.txt") == [
        *("[x].txt", "a.txt", "b.txt", "d e.txt", "sub/deep/g.txt", "sub/f.txt"),
    ]
    assert found(["*.py", "a*"]) == ["a.txt", "c.py"]
    assert found("nothing*") == []
    assert found("$(id)*") == []
    assert sorted(path.name for path in folder // "*.py") == ["c.py"]


@case
def files_are_opened(m: Machine, folder: Any) -> None:
    path = folder / "file"
    with path.open("w") as file:
        file.write("one\r\n한\n")
    with path.open("a") as file:
        file.write("two\n")
    with path.open() as file:
        assert list(file) == ["one\r\n", "한\n", "two\n"]
    with path.open("rb") as file:
        assert file.read() == path.read_bytes() == "one\r\n한\ntwo\n".encode()
    assert path.read_text() == "one\r\n한\ntwo\n"
    assert path.write_text("x\n", newline="\r\n")
    assert path.read("ascii") == "x\r\n"
    with pytest.raises(InvalidArgument):
        path.open("x")
    with pytest.raises(ProcessExecutionError):
        (folder / "nowhere" / "x").open("w")


@case
def folders_go_there_and_back(m: Machine, folder: Any) -> None:
    with tempfile.TemporaryDirectory() as here:
        one = Path(here, "one")
        (one / "sub" / "empty").mkdir(parents=True)
        for name in NAMES:
            (one / name).write_bytes(as_bytes(name) * 3)
        (one / "sub" / "big").write_bytes(blob(3_000_000))
        (one / "sub" / "run").write_text("#!/bin/sh\necho ran\n", encoding="utf-8")
        (one / "sub" / "run").chmod(0o750)
        (one / "sub" / "open").write_bytes(b"")
        (one / "sub" / "open").chmod(0o666)  # more than a umask would leave
        (one / "sub" / "link").symlink_to("big")
        (one / "sub" / "loose").symlink_to("/no where")
        m.upload(one, folder / "two")
        assert m[folder / "two" / "sub" / "run"]() == "ran\n"
        m.download(folder / "two", Path(here, "three"))
        assert tree(Path(here, "three")) == tree(one)
        m.upload(one / "sub" / "big", folder)  # into the folder that is there
        assert (folder / "big").stat().st_size == 3_000_000
        m.download(folder / "big", here)
        assert Path(here, "big").read_bytes() == blob(3_000_000)
        os.mkfifo(one / "fifo")
        with pytest.raises(InvalidArgument, match="nothing was copied"):
            m.upload(one, folder / "four")
        assert not (folder / "four").exists()
        m["mkfifo"](folder / "two" / "fifo")
        with pytest.raises(InvalidArgument, match="nothing was copied"):
            m.download(folder / "two", Path(here, "five"))
        assert not Path(here, "five").exists()
        with pytest.raises(FileNotFoundError):
            m.download(folder / "nowhere", here)
        with pytest.raises(FileNotFoundError):
            m.upload(Path(here, "nowhere"), folder)


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Names, permissions and contents of all that is in *folder*."""
    told = {}
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = Path(place, name)
            content = b""
            if path.is_symlink():
                content = os.fsencode(os.readlink(path))
            elif path.is_file():
                content = path.read_bytes()
            told[str(path.relative_to(folder))] = (path.lstat().st_mode, content)
    return told


@case
def nothing_is_written_through_a_link_that_is_in_the_way(m: Machine, folder: Any) -> None:
    (folder / "in" / "sub").mkdir()
    (folder / "in" / "sub" / "file").write("new")
    with tempfile.TemporaryDirectory() as here:
        outside = Path(here, "outside")
        outside.mkdir()
        Path(here, "to").mkdir()
        Path(here, "to", "in").mkdir()
        Path(here, "to", "in", "sub").symlink_to(outside)
        with pytest.raises(InvalidArgument, match="in the way"):
            m.download(folder / "in", Path(here, "to"))
        assert list(outside.iterdir()) == []


@case
def programs_are_looked_up(m: Machine, folder: Any) -> None:
    assert m.which("sh").name == "sh"
    assert "sh" in m
    assert "no-such-program" not in m
    with pytest.raises(CommandNotFound):
        m["no-such-program"]
    with pytest.raises(AttributeError):
        _ = m.cmd.no_such_program
    assert m.cmd.echo("x") == "x\n"
    assert m.get("no-such-program", "echo")("x") == "x\n"
    (folder / "my-tool").write("#!/bin/sh\nprintf '%s,' \"$@\"\n")
    (folder / "my-tool").chmod(0o755)
    with m.env(PATH=f"{folder}:{m.env['PATH']}"):
        assert m["my_tool"]("a b", "") == "a b,,"
    assert m[str(folder / "my-tool")]("x") == "x,"
    if "python3" not in m:
        with pytest.raises(CommandNotFound):
            _ = m.python


@case
def a_session_has_a_state_of_its_own(m: Machine, folder: Any) -> None:
    with m.cwd(folder), m.session() as session:
        assert session.run("pwd -P")[1] == f"{folder}\n"
        session.run("cd /; x='a b'; export DOCKCLI_Y=1")
        assert session.run('pwd; echo "$x$DOCKCLI_Y"') == (0, "/\na b1\n", "")
        assert m["pwd"]("-P") == f"{folder}\n"
        with pytest.raises(ProcessExecutionError):
            session.run("false")
        assert session.run(m["echo"]["a'b"])[1] == "a'b\n"
        done = session.popen("echo y; echo z >&2; false")
        assert (done.wait(), done.communicate()) == (1, (b"y\n", b"z\n"))
        assert session.alive()
    assert not session.alive()
    with pytest.raises(InvalidArgument, match="terminal"):
        m.session(isatty=True)


@case
def a_temporary_folder_goes(m: Machine, folder: Any) -> None:
    for error in (None, KeyError("of the block")):
        with contextlib.suppress(KeyError), m.tempdir() as there:
            (there / "x").write("y")
            assert there.stat().st_mode & 0o777 == 0o700
            if error is not None:
                raise error
        assert not there.exists()


@case
def sixteen_threads_share_it(m: Machine, folder: Any) -> None:
    wrong: list[object] = []

    def talk(name: int) -> None:
        try:
            for n in range(50):
                said = (
                    (m["cat"] << f"{name}.{n}")()
                    if n % 5 == 0
                    else m["echo"](f"{name}.{n}").strip()
                )
                if said != f"{name}.{n}":
                    wrong.append((name, n, said))
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=talk, args=(name,)) for name in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not wrong


def ten_thousand_commands(m: Machine) -> None:
    """None is lost or mixed up: each says its number, on a stream and with a code that differ."""
    session = m.session()
    with session:
        for n in range(10_000):
            code = n % 7
            out, err = ("", f"{n}") if n % 3 == 0 else (f"{n}\n" * (n % 5), "")
            stream = " >&2" if err else ""
            line = f"printf %s '{out or err}'{stream}; (exit {code})"
            assert session.run(line, retcode=code) == (code, out, err), n


def fifty_mebibytes(m: Machine) -> None:
    """Both ways at once, without a deadlock."""
    data = blob(1 << 20) * 50
    assert as_bytes((m["cat"] << data)()) == data


def check(which: Case, m: Machine) -> None:
    with m.tempdir() as folder:
        which(m, folder)


def names() -> Iterator[str]:
    for one in CASES:
        yield one.__name__
