"""A conversation on a real pseudo-terminal, with plain programs in docker's place."""

from __future__ import annotations

import ast
import gc
import logging
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker, Secret
from dockcli.errors import (
    BinaryNotFound,
    ContainerFailed,
    DeadlineExceeded,
    DockerFailed,
    InvalidArgument,
    NoSuchContainer,
    NotSeen,
    ProgramEnded,
)
from dockcli.terminal import CTRL_C, CTRL_D, ENTER, ESCAPE, Terminal
from tests.unit.fake import FakeDocker, is_alive, is_gone, left_in

PROMPT = r"[#$]\Z"
Makes = Callable[..., Docker]


def talk(*words: str, rows: int = 24, columns: int = 80, deadline: float | None = None) -> Terminal:
    """A terminal with a program of this machine."""
    call = Docker(words[0]).call.raw(*words[1:], deadline=deadline)
    return Terminal(call, rows=rows, columns=columns)


def python(script: str, **given: int) -> Terminal:
    return talk(sys.executable, "-IS", "-c", script, **given)


def threads() -> set[str]:
    return {thread.name for thread in threading.enumerate()}


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """Neither descriptors nor threads nor children, dead or alive."""
    before = set(os.listdir("/dev/fd")), threads()
    yield
    until = time.monotonic() + 2  # a timer that sh has called off ends a moment later
    while (left := (set(os.listdir("/dev/fd")), threads())) != before:
        assert time.monotonic() < until, left
        time.sleep(0.01)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


# --- what goes in and comes out


def test_a_shell_is_talked_to() -> None:
    with talk("sh", "-i") as shell:
        shell.see(PROMPT)
        shell.send(f"echo $((6 * 7)){ENTER}")
        assert shell.see(r"\d+$")[0] == "42"
        shell.send(f"exit 3{ENTER}")
        assert shell.wait() == 3
    assert shell.completed().returncode == 3
    assert b"42\r\n" in shell.output


def test_all_three_are_one_terminal_that_controls_its_session() -> None:
    script = (
        "import os; print(*map(os.isatty, range(3)), len({os.ttyname(n) for n in range(3)}), "
        "os.getsid(0) == os.getpid() == os.tcgetpgrp(0))"
    )
    with python(script) as terminal:
        terminal.see("^True True True 1 True$")


def test_every_byte_passes_unchanged_both_ways() -> None:
    script = (
        "import os, tty; tty.setraw(0); os.write(1, b'ready'); seen = b''\n"
        "while len(seen) < 256: seen += os.read(0, 256)\n"
        "os.write(1, b'<' + seen + b'>')"
    )
    data = bytes(range(256))
    with python(script) as terminal:
        terminal.expect("ready")
        terminal.send(data)
        assert terminal.wait() == 0
    assert terminal.output == b"ready<" + data + b">"


def test_text_is_utf_8_whatever_the_chunks_are() -> None:
    script = (
        "import os, time\n"
        "for byte in '볼륨 é\\n'.encode(): os.write(1, bytes([byte])); time.sleep(0.002)"
    )
    with python(script) as terminal:
        assert terminal.see("^볼륨 é$")
        assert terminal.wait() == 0


def test_expect_goes_on_where_it_has_found() -> None:
    with python("print('one two one'); input()") as terminal:
        assert terminal.expect("one")[0] == "one"
        assert terminal.expect("one")[0] == "one"
        with pytest.raises(NotSeen):
            terminal.expect("one", deadline=0.2)
        assert terminal.see("one")  # the screen still has it


def test_of_several_patterns_it_tells_which_came_first() -> None:
    with python("print('one two'); print('three'); input()") as terminal:
        found = terminal.expect(["three", "two", r"o(n)e"])
        assert (found.which, found.match[1]) == (2, "n")
        assert terminal.expect(["never", "three", "two"]).which == 2
        assert terminal.expect(("never", "three", "thr")).which == 1  # of two at one place
        assert terminal.see(["never", "two"]).which == 1
        with pytest.raises(NotSeen, match="'never' or 'nowhere' in the output"):
            terminal.expect(["never", "nowhere"], deadline=0.1)
        with pytest.raises(InvalidArgument, match="no pattern"):
            terminal.expect([])
        with pytest.raises(InvalidArgument, match="no regular expression"):
            terminal.see("(")


def test_what_is_expected_is_found_wherever_the_chunks_end() -> None:
    script = (
        "import os, time\n"
        "for byte in '한글 \\x1b[1mdone\\x1b[0m'.encode(): os.write(1, bytes([byte])); "
        "time.sleep(0.002)\ninput()"
    )
    with python(script) as terminal:
        assert terminal.expect("(.글) .*done")[1] == "한글"
        assert terminal.expect(re.escape("\x1b[0m"))


def test_quiet_is_when_nothing_has_been_written_for_a_while() -> None:
    script = "import time\nfor n in range(8): print(n, flush=True); time.sleep(0.05)\ninput()"
    with python(script) as terminal:
        terminal.expect("0")
        terminal.quiet(0.3)
        assert terminal.screen.split() == list("01234567")


def test_a_busy_program_is_never_quiet() -> None:
    with talk("yes") as terminal:
        terminal.see("^y$")
        with pytest.raises(NotSeen, match="of quiet"):
            terminal.quiet(0.5, deadline=0.3)


def test_of_much_output_only_the_end_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dockcli.terminal.session._KEPT", 1 << 16)
    script = (
        "import sys; sys.stdout.write('x' * 79 + '\\n')\nfor n in range(5000): print('%078d' % n)"
    )
    with python(script) as terminal:
        assert terminal.wait(deadline=60) == 0
    assert len(terminal.output) == 1 << 16
    assert terminal.output.endswith(b"%078d\r\n" % 4999)


# --- the screen


def test_the_screen_is_what_a_person_would_see() -> None:
    script = (
        "print('\\x1b[2J\\x1b[3;5Hthere\\x1b[1;1H\\x1b[1mhere\\x1b[0m\\x1b[5;1H', end='', "
        "flush=True); input()"
    )
    with python(script) as terminal:
        terminal.see("there")
        terminal.see("^here$")
        assert terminal.screen == "here\n\n    there"


def test_a_program_is_told_where_its_cursor_is() -> None:
    script = (
        "import os, tty; tty.setraw(0); os.write(1, b'\\x1b[4;7H\\x1b[6n')\n"
        "seen = b''\n"
        "while not seen.endswith(b'R'): seen += os.read(0, 1)\n"
        "os.write(1, repr(seen).encode())"
    )
    with python(script) as terminal:
        terminal.see(re.escape(r"b'\x1b[4;7R'"))


@pytest.mark.parametrize(
    "odd", ["\\x1b[?4m", "\\x1b[>4;2m", "\\x1b[=1u", "\\xff\\xfe", "\\x1b]0;t\\x07"]
)
def test_what_the_screen_does_not_know_does_no_harm(odd: str) -> None:
    with python(
        f"import os; os.write(1, b'{odd}'); print('\\nstill here', flush=True); input()"
    ) as one:
        one.see("^still here$")


def test_the_window_has_a_size_and_gets_another() -> None:
    script = (
        "import os, signal\n"
        "tell = lambda *_: os.write(1, b'%d %d\\n' % os.get_terminal_size())\n"
        "signal.signal(signal.SIGWINCH, tell); tell()\n"
        "while True: signal.pause()"
    )
    with python(script, rows=10, columns=40) as terminal:
        terminal.see("^40 10$")
        terminal.resize(30, 100)
        terminal.see("^100 30$")
        assert (terminal.rows, terminal.columns) == (30, 100)


def test_the_cursor_is_where_the_program_has_put_it() -> None:
    with python("print('\\x1b[2J\\x1b[4;7Hx', end='', flush=True); input()") as terminal:
        terminal.see("x")
        assert terminal.cursor == (3, 7)
        assert terminal.screen.splitlines()[3][6] == "x"


@pytest.mark.parametrize("size", [(0, 80), (24, -1), (24, 1 << 16), (True, 80), ("24", 80)])
def test_a_size_that_no_window_has_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(InvalidArgument, match="a window has"):
        Terminal(Docker("cat").call.raw(), rows=size[0], columns=size[1])
    with talk("cat") as terminal, pytest.raises(InvalidArgument, match="a window has"):
        terminal.resize(*size)


# --- when it starts and who notices


def test_it_starts_at_its_first_use(tmp_path: Path) -> None:
    trace = tmp_path / "started"
    terminal = Docker("sh").call.raw("-c", f"touch {trace}; cat").terminal(rows=5, columns=30)
    assert (terminal.screen, terminal.output, terminal.returncode) == ("", b"", None)
    assert not trace.exists()
    terminal.send("hello\n")
    assert terminal.see("hello")
    assert trace.exists()
    terminal.close()
    with pytest.raises(ProgramEnded):
        terminal.send("hello")
    never = Docker("cat").call.raw().terminal()
    never.close()
    with pytest.raises(InvalidArgument, match="is closed"):
        never.send("hello")


def test_one_that_is_dropped_ends_its_program() -> None:
    terminal = talk("cat")
    terminal.send("x\n")
    pid = terminal._session.pseudo.pid
    assert is_alive(pid)
    del terminal
    assert is_gone(pid, within=1)


def test_one_that_is_dropped_in_a_cycle_ends_its_program() -> None:
    terminal: Any = talk("cat")
    terminal.send("x\n")
    terminal.itself = terminal
    pid = terminal._session.pseudo.pid
    del terminal
    gc.collect()
    assert is_gone(pid, within=1)


def test_at_the_end_of_python_the_program_ends(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom dockcli import Docker\n"
        "terminal = Docker('sh').call.raw('-c', 'echo $$; trap \"\" HUP; sleep 60').terminal()\n"
        "print(terminal.expect(r'(\\d+)\\r\\n')[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, timeout=20
    )
    assert done.stderr == b""
    assert is_gone(int(done.stdout), within=1)


# --- keys


def test_keys_are_pressed_by_their_names() -> None:
    script = (
        "import os, tty; tty.setraw(0); os.write(1, b'ready')\n"
        "while True: os.write(1, repr(os.read(0, 100)).encode())"
    )
    with python(script) as terminal:
        terminal.expect("ready")
        for names, sent in {
            ("up", "ctrl-left", "f5"): b"\x1b[A\x1b[1;5D\x1b[15~",
            ("ctrl-c", "볼"): b"\x03\xeb\xb3\xbc",
        }.items():
            terminal.key(*names)
            terminal.quiet()
            seen = map(ast.literal_eval, re.findall(r"b'.*?'", terminal.output.decode()))
            assert b"".join(seen).endswith(sent)
        terminal.key("escape", ":", "q")
        terminal.expect(re.escape(repr(b"\x1b")))  # by itself, or it would begin a sequence
        with pytest.raises(InvalidArgument, match="no key 'escpae'; there is, for example, escape"):
            terminal.key("x", "escpae")
        terminal.key("tab")
        terminal.expect(re.escape(r"\t'"))
        assert "x" not in re.sub(r"\\x", "", terminal.screen)  # of the keys that were refused


def test_arrows_are_as_the_program_wants_them() -> None:
    script = (
        "import os, tty; tty.setraw(0); os.write(1, b'\\x1b[?1hready')\n"
        "os.write(1, repr(os.read(0, 9)).encode())"
    )
    with python(script) as terminal:
        terminal.expect("ready")
        terminal.key("up")
        terminal.expect(re.escape(repr(b"\x1bOA")))


def test_control_keys_are_signals_and_the_end_of_input() -> None:
    with talk("sh", "-i") as shell:
        shell.expect(r"[#$] \Z")
        shell.send(f"sh -c 'echo go; exec sleep 60'; echo interrupted{ENTER}")
        shell.expect("go")
        shell.send(CTRL_C)
        shell.expect(r"[#$] \Z")
        shell.send(f"cat; echo 'that was' all{ENTER}")
        shell.send(f"line{ENTER}")
        shell.see("line$")
        shell.send(CTRL_D)
        shell.see("that was all$")


def test_vi_keys_reach_a_program_that_reads_them_raw() -> None:
    script = (
        "import os, tty; tty.setraw(0); print('ready', flush=True)\n"
        "print(repr(os.read(0, 1)), flush=True)"
    )
    with python(script) as terminal:
        terminal.see("^ready")
        terminal.send(ESCAPE)
        terminal.see(re.escape(r"b'\x1b'"))


# --- waiting in vain


def test_what_does_not_come_in_time_is_an_error_with_the_screen() -> None:
    with python("print('asks: who?'); input()") as terminal:
        terminal.see("asks")
        begun = time.monotonic()
        with pytest.raises(NotSeen) as caught:
            terminal.see("never", deadline=0.3)
        assert 0.3 <= time.monotonic() - begun < 1.3
        error = caught.value
        assert isinstance(error, DeadlineExceeded)
        assert isinstance(error, TimeoutError)
        assert error.screen == "asks: who?"
        assert error.stdout == b"asks: who?\r\n"
        assert "'never' on the screen within 0.3 s" in str(error)
        assert "'asks: who?'" in str(error)
        assert "\n" not in str(error)
        again = pickle.loads(pickle.dumps(error))
        assert (str(again), again.screen, again.deadline) == (str(error), error.screen, 0.3)
        terminal.send(ENTER)  # it is still there to be talked to
        assert terminal.wait() == 0


def test_the_call_s_own_deadline_is_for_the_whole_conversation() -> None:
    begun = time.monotonic()
    with talk("cat", deadline=0.4) as terminal:
        terminal.send(f"once{ENTER}")
        with pytest.raises(NotSeen):
            terminal.see("never", deadline=60)
    assert time.monotonic() - begun < 1.4


def test_the_call_s_own_deadline_ends_the_program_also_when_nobody_waits() -> None:
    with talk("cat", deadline=0.3) as terminal:
        terminal.send("once\n")
        pid = terminal._session.pseudo.pid
        time.sleep(0.3)
        assert is_gone(pid, within=1)
        with pytest.raises(NotSeen, match=r"no keys were sent: 0\.3 s were for the whole"):
            terminal.send("twice\n")
        with pytest.raises(NotSeen):
            terminal.wait()


DEAF = "import signal\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\n"
STUBBORN = {
    "plain": "print('ready', flush=True); time.sleep(60)",
    "deaf": DEAF + "print('ready', flush=True); time.sleep(60)",
    "child": "print('ready', flush=True); subprocess.run(['sleep', '60'])",
    "own session": "subprocess.Popen(['sleep', '3'], start_new_session=True); print('ready', "
    "flush=True); time.sleep(60)",
    "double fork": "subprocess.run(['sh', '-c', 'sleep 60 & sleep 61 &']); print('ready', "
    "flush=True); time.sleep(60)",
    "spewing": "while True: print('ready')",
}


@pytest.mark.parametrize("end", ["deadline", "close", "error", "dropped"])
@pytest.mark.parametrize("script", STUBBORN.values(), ids=STUBBORN.keys())
def test_whatever_the_program_does_it_ends_in_time(script: str, end: str) -> None:
    """T8 and T9: within a second, and nothing of its group is left."""
    deadline = 2.0 if end == "deadline" else None
    words = (sys.executable, "-IS", "-c", f"import subprocess, time\n{script}")
    terminal = talk(*words, deadline=deadline)
    terminal.see("ready")
    terminal.send("x" * 100_000)  # which nobody reads
    pid = terminal._session.pseudo.pid
    begun = terminal._session.begun + 2.0 if end == "deadline" else time.monotonic()
    if end == "deadline":
        with pytest.raises(NotSeen):
            terminal.see("never", deadline=60)
    elif end == "close":
        terminal.close()
    elif end == "error":
        with pytest.raises(KeyError), terminal:
            raise KeyError
    else:
        del terminal
    assert is_gone(pid, within=1.3)
    assert time.monotonic() - begun < 1.3
    assert left_in(pid) == []


def test_a_helper_that_outlives_the_program_and_holds_its_terminal_is_ended() -> None:
    with talk("sh", "-c", "trap '' HUP; sleep 60 & echo $!") as terminal:
        child = int(terminal.expect(r"(\d+)\r\n")[1])
        assert terminal.wait() == 0
        assert is_gone(child)


def test_a_program_that_ends_first_is_an_error_at_once() -> None:
    begun = time.monotonic()
    with python("print('bye')") as terminal, pytest.raises(ProgramEnded) as caught:
        terminal.see("never", deadline=60)
    assert time.monotonic() - begun < 5
    assert caught.value.screen == "bye"
    assert caught.value.returncode == 0
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.screen) == (str(caught.value), "bye")


def test_what_it_wrote_last_is_still_found() -> None:
    for _ in range(8):
        with python("print('bye')") as terminal:
            assert terminal.see("bye")


def test_nobody_is_sent_keys_who_has_ended() -> None:
    with python("pass") as terminal:
        terminal.wait()
        with pytest.raises(ProgramEnded):
            terminal.send("hello?")
        with pytest.raises(ProgramEnded):
            terminal.resize(10, 10)


def test_docker_s_own_failure_is_its_own_error(client: Docker, fake_docker: FakeDocker) -> None:
    fake_docker.will(("write", 2, b"Error: No such container: nobody\n"), ("exit", 1))
    call = client.call.container.exec("nobody", "sh", interactive=True, tty=True)
    with Terminal(call) as terminal, pytest.raises(NoSuchContainer):
        terminal.see(PROMPT)
    fake_docker.will(("write", 2, b"went wrong\n"), ("exit", 4))
    with Terminal(call) as terminal, pytest.raises(ContainerFailed) as caught:
        terminal.see(PROMPT)
    assert caught.value.returncode == 4
    with Terminal(client.call.raw("x")) as terminal, pytest.raises(DockerFailed):
        terminal.see(PROMPT)


# --- the end


@pytest.mark.parametrize(
    "script",
    {
        "idle": "import time; print('ready', flush=True); time.sleep(60)",
        "deaf": "import signal, time\n"
        "for n in (signal.SIGHUP, signal.SIGTERM): signal.signal(n, signal.SIG_IGN)\n"
        "print('ready', flush=True); time.sleep(60)",
        "stopped": "import os; print('ready', flush=True); os.kill(os.getpid(), 19)",
        "spewing": "while True: print('ready')",
        "not reading": "import time; print('ready', flush=True)\nwhile True: time.sleep(60)",
    }.items(),
    ids=lambda item: item[0],
)
def test_leaving_ends_the_program(script: tuple[str, str]) -> None:
    with python(script[1]) as terminal:
        terminal.see("ready")
        pid = terminal._session.pseudo.pid
        terminal.send("x" * 100_000)
        begun = time.monotonic()
    assert time.monotonic() - begun < 1.3
    assert is_gone(pid)


def test_leaving_ends_what_it_has_started_too() -> None:
    with talk("sh", "-c", "sleep 60 & echo $!; wait") as terminal:
        child = int(terminal.expect(r"(\d+)\r\n")[1])
        assert is_alive(child)
    assert is_gone(child)


def test_a_child_in_a_session_of_its_own_holds_nothing_up() -> None:
    script = (
        "import os, time\n"
        "pid = os.fork()\n"
        "if pid == 0: os.setsid(); time.sleep(60); os._exit(0)\n"
        "print(pid, flush=True); time.sleep(60)"
    )
    with python(script) as terminal:
        child = int(terminal.expect(r"(\d+)\r\n")[1])
        begun = time.monotonic()
    assert time.monotonic() - begun < 1.3
    os.kill(child, signal.SIGKILL)


def test_an_exception_in_the_block_ends_the_program() -> None:
    pids = []

    def broken() -> None:
        with talk("cat") as terminal:
            pids.append(terminal._session.pseudo.pid)
            raise KeyError

    with pytest.raises(KeyError):
        broken()
    assert is_gone(*pids)


def test_a_signal_while_it_starts_or_waits_ends_the_program(tmp_path: Path) -> None:
    """SIGINT at a different moment each time: no child is left, and no traceback of sh's."""
    program = (
        "import sys\n"
        "from dockcli import Docker\n"
        "from dockcli.terminal import Terminal\n"
        "script = 'echo $$ >>' + sys.argv[1] + '; cat'\n"
        "call = Docker('sh').call.raw('-c', script)\n"
        "import sh, pyte\n"
        "print('ready', flush=True)\n"
        "try:\n"
        "    with Terminal(call) as terminal:\n"
        "        terminal.see('never', deadline=60)\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(7)\n"
    )
    pids = tmp_path / "pids"
    for moment in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(pids)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(moment * 0.003)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=20)
        assert (process.returncode, stderr) in ((7, b""), (-2, stderr)), stderr
        assert b"Exception in thread" not in stderr
    assert all(is_gone(int(pid)) for pid in pids.read_text().split()) if pids.exists() else True


def test_many_at_once_do_not_disturb_each_other() -> None:
    terminals = [talk("sh", "-i") for _ in range(8)]
    try:
        for number, one in enumerate(terminals):
            one.__enter__()
            one.see(PROMPT)
            one.send(f"echo mine-$(({number} + 100)){ENTER}")
        for number, one in enumerate(terminals):
            assert one.see(r"mine-\d+")[0] == f"mine-{number + 100}"
    finally:
        for one in terminals:
            one.close()
            one.close()  # twice is once


def test_one_that_is_started_in_a_thread_is_as_good() -> None:
    seen = []

    def work(number: int) -> None:
        with talk("sh", "-c", f"echo it is {number}; cat") as terminal:
            seen.append(int(terminal.expect(r"it is (\d+)")[1]))

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert sorted(seen) == [0, 1, 2, 3]


def test_a_signal_that_another_thread_is_given_does_not_lose_the_child(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its handler runs in the main thread, and there in the midst of sh."""
    fork = os.fork
    pids = []

    def struck() -> int:
        pid = fork()
        if pid:
            pids.append(pid)
            helper = threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT))
            helper.start()
            helper.join()
            for _ in range(1000):
                pass
        return pid

    monkeypatch.setattr(os, "fork", struck)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    resting = threading.Event()
    other = threading.Thread(target=resting.wait)
    other.start()
    try:
        with pytest.raises(KeyboardInterrupt), talk("cat") as terminal:
            terminal.see("never", deadline=5)
    finally:
        resting.set()
        other.join()
    assert pids
    assert is_gone(*pids)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == mask
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_100_mb_pass_in_little_memory(tmp_path: Path) -> None:
    """T16: measured in a Python of its own, whose memory is not that of other tests."""
    program = (
        "import resource\nfrom dockcli import Docker\n"
        "def memory(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "with Docker('sh').call.raw('-c', 'yes a line of text, as long as many are | "
        "head -c 3000000').terminal() as first: first.wait(deadline=60)\n"
        "before = memory()\n"
        "with Docker('sh').call.raw('-c', 'yes a line of text, as long as many are | "
        "head -c 100000000; echo; echo the end').terminal() as terminal:\n"
        "    terminal.wait(deadline=280)\n"
        "    assert terminal.screen.endswith('the end'), terminal.screen\n"
        "    assert len(terminal.output) == 1 << 20, len(terminal.output)\n"
        "print((memory() - before) / 1024)\n"
    )
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, capture_output=True, check=False, timeout=290)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 8  # MiB


# --- detach


def test_detach_types_the_keys_that_docker_waits_for(
    fake_docker: FakeDocker, tmp_path: Path
) -> None:
    """Those of the call, of the user's configuration, or docker's own; each by itself."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "config.json").write_text('{"detachKeys": "ctrl-e,e"}')
    raw = tmp_path / "bin" / "docker"
    raw.write_text(
        f"#!{os.path.realpath(sys.executable)} -IS\n"
        "import os, sys, tty; tty.setraw(0); os.write(1, b'ready'); seen = []\n"
        f"while sum(map(len, seen)) < 2: seen.append(os.read(0, 9))\n"
        "print(repr(seen), 'read escape sequence', end='\\r\\n'); sys.exit(1)\n"
    )
    for client, keys, typed in (
        (Docker(), None, [b"\x10", b"\x11"]),
        (Docker(config=config), None, [b"\x05", b"e"]),
        (Docker(env={"DOCKER_CONFIG": str(config)}), None, [b"\x05", b"e"]),
        (Docker(config=config), "ctrl-@,ctrl-[", [b"\0", b"\x1b"]),
    ):
        call = client.call.container.exec("web", "sh", interactive=True, tty=True, detach_keys=keys)
        with call.terminal() as terminal:
            terminal.expect("ready")
            terminal.detach()
            assert repr(typed) in terminal.output.decode()
            assert terminal.detached
            assert terminal.wait() == 1  # docker's own way to say so, and no error
            with pytest.raises(ProgramEnded, match="was left before"):
                terminal.see("never")


def test_each_detach_key_comes_by_itself_to_a_client_that_is_slow_to_read(
    fake_docker: FakeDocker, tmp_path: Path
) -> None:
    """podman takes keys that come together for ones that are meant for the program."""
    (tmp_path / "bin" / "docker").write_text(
        f"#!{os.path.realpath(sys.executable)} -IS\n"
        "import os, sys, time, tty; tty.setraw(0); os.write(1, b'ready\\33[6n'); seen = []\n"
        "for _ in 1, 2, 3:\n"
        "    time.sleep(0.4); os.write(1, b'\\33[6n'); seen.append(os.read(0, 99))\n"
        "print(repr(seen), end='\\r\\n')\n"
    )
    call = Docker().call.container.run("busybox", "sh", interactive=True, tty=True)
    with call.terminal() as terminal:
        terminal.expect("ready")
        terminal.detach()
        assert ascii([b"\x1b[1;6R", b"\x10", b"\x11"]) in terminal.output.decode()


def test_a_client_that_does_not_heed_its_detach_keys_is_ended_itself(
    client: Docker, fake_docker: FakeDocker
) -> None:
    fake_docker.will(("write", 1, b"ready"), ("sleep", 60), when="container exec")
    call = client.call.container.exec("web", "sh", interactive=True, tty=True)
    with call.terminal() as terminal:
        terminal.expect("ready")
        pid = terminal._session.pseudo.pid
        terminal.detach(deadline=0.2)
        assert terminal.detached
        assert is_gone(pid)
    assert fake_docker.commands == ["container exec"]  # and nothing is ended in the container


def test_what_cannot_be_left_says_so(client: Docker, fake_docker: FakeDocker) -> None:
    with talk("cat") as terminal, pytest.raises(InvalidArgument, match="cannot be left"):
        terminal.detach()
    call = client.call.container.exec("web", "sh", interactive=True, tty=True, detach_keys="ctrl-")
    with pytest.raises(InvalidArgument, match="detach keys 'ctrl-'"):
        call.terminal().detach()
    assert fake_docker.calls == []


# --- what becomes of what it has started


def test_of_an_exec_all_that_has_its_mark_is_ended(client: Docker, fake_docker: FakeDocker) -> None:
    fake_docker.will(("write", 1, b"ready"), ("sleep", 60), when="container exec")
    found = b'[{"Id": "abc", "State": {"Running": true, "Status": "running"}}]'
    fake_docker.will(("write", 1, found), when="container inspect")
    call = client.call.container.exec("web", "sh", interactive=True, tty=True)
    with call.terminal() as terminal:
        terminal.expect("ready")
        fake_docker.will(when="container exec")
    first, _, last = fake_docker.calls
    assert fake_docker.commands == ["container exec", "container inspect", "container exec"]
    mark = next(word for word in first.words if word.startswith("--env="))
    assert mark.startswith("--env=DOCKCLI_EXEC=")
    assert last.words[-1] == mark.removeprefix("--env=")
    assert "DOCKCLI_EXEC" not in f"{terminal.completed().argv}"


def test_of_an_exec_that_has_ended_nothing_is(client: Docker, fake_docker: FakeDocker) -> None:
    call = client.call.container.exec("web", "sh", interactive=True, tty=True)
    with call.terminal() as terminal:
        terminal.wait()
    assert fake_docker.commands == ["container exec"]


def test_of_an_attach_only_docker_s_client_is_ended_and_without_a_word(
    client: Docker, fake_docker: FakeDocker
) -> None:
    """What else it is sent it would pass on to the container's program."""
    fake_docker.will(("write", 1, b"ready"), ("sleep", 60))
    with client.call.container.attach("web").terminal() as terminal:
        terminal.expect("ready")
    assert terminal.returncode == -signal.SIGKILL
    assert fake_docker.call.words == ["container", "attach", "web"]  # with stdin


def test_an_engine_that_hangs_is_not_waited_for_long(
    client: Docker, fake_docker: FakeDocker, caplog: pytest.LogCaptureFixture
) -> None:
    fake_docker.will(("write", 1, b"ready"), ("sleep", 60))
    call = client.call.container.exec("web", "sh", interactive=True, tty=True, deadline=2)
    with call.terminal() as terminal:
        terminal.expect("ready")
        with pytest.raises(NotSeen, match=r"still runs is not known \(DeadlineExceeded\)"):
            terminal.see("never", deadline=60)
        assert terminal.completed().seconds < 2 + 3.5
    assert "still runs is not known" in caplog.text


def test_keys_that_docker_would_not_pass_on_are_refused(
    client: Docker, fake_docker: FakeDocker
) -> None:
    fake_docker.will(("write", 1, b"ready"), ("sleep", 60), when="container run")
    with client.call.container.run("image", "sh", tty=True).terminal() as terminal:
        terminal.expect("ready")
        with pytest.raises(InvalidArgument, match="interactive=True"):
            terminal.send("hello")


# --- how it is started


def test_it_is_started_as_any_call_is(
    runs_on: Makes, fake_docker: FakeDocker, tmp_path: Path
) -> None:
    fake_docker.will(("write", 1, b"ready"), ("sleep", 60), when="container attach")
    client = runs_on(env={"EXTRA": "볼륨"}, cwd=tmp_path)
    call = client.call.raw("container", "attach", "é\udcff $x").replace(secrets={"T": Secret("s3")})
    with Terminal(call) as terminal:
        terminal.see("ready")
    (seen,) = (call for call in fake_docker.calls if call.program == "docker")
    assert seen.argv[0:2] == (b"container", b"attach")
    assert seen.argv[-1] == b"\xc3\xa9\xff $x"
    if not client.sudo:  # which empties the environment
        assert seen.env["EXTRA"].decode() == "볼륨"
    assert seen.env["T"] == b"s3"
    assert seen.cwd == os.fsencode(tmp_path)
    assert seen.terminals == (True, True, True)
    assert seen.files == (0, 1, 2)
    assert [call.program for call in fake_docker.calls] == (
        ["sudo", "docker"] if client.sudo else ["docker"]
    )


def test_a_secret_is_masked_wherever_it_shows(client: Docker, fake_docker: FakeDocker) -> None:
    fake_docker.will(("write", 1, b"it is hunter2\n"), ("sleep", 60))
    call = client.call.container.exec("web", "sh", tty=True, env={"T": Secret("hunter2")})
    with Terminal(call) as terminal:
        terminal.see(r"it is \*\*\*")
        with pytest.raises(NotSeen) as caught:
            terminal.see("never", deadline=0.1)
    assert "hunter2" not in f"{caught.value} {caught.value.screen} {caught.value.stdout!r}"


def test_what_cannot_be_started_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BinaryNotFound, match="no program nothing-of-this-name"):
        talk("nothing-of-this-name").__enter__()
    odd = tmp_path / "odd"
    odd.write_bytes(b"\x7fELFnot")
    odd.chmod(0o755)
    with pytest.raises(BinaryNotFound, match="cannot be started"):
        talk(str(odd)).__enter__()
    with pytest.raises(InvalidArgument, match="no such folder"):
        Terminal(Docker("cat", cwd=tmp_path / "gone").call.raw()).__enter__()


def test_stdin_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="stdin="):
        Terminal(Docker("cat").call.raw(stdin=b"x"))


def test_signals_are_as_they_were_in_the_program_and_after(
    fake_docker: FakeDocker,
) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with python(
        "import signal; print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())))"
    ) as one:
        one.see(rf"^{re.escape(str(sorted(before)))}$")
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_logging_by_sh_has_no_password_of_a_url(caplog: pytest.LogCaptureFixture) -> None:
    call = Docker("cat", host="tcp://me:geheim@host").call.raw()
    with caplog.at_level(logging.INFO), Terminal(call) as terminal:
        terminal.until(lambda _: True, "anything")
    assert "terminal of" in caplog.text
    assert "geheim" not in caplog.text


def test_sh_and_pyte_are_loaded_when_they_are_needed() -> None:
    script = "import sys, dockcli.terminal; print([m for m in ('sh', 'pyte') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"[]\n"
