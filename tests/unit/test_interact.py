"""A program handed to a person: the person is a terminal of the test's own, on which a Python talks
to the program."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker
from dockcli.errors import InvalidArgument
from dockcli.terminal import Terminal
from tests.unit.fake import is_alive, is_gone

# Before and after, the Python under test tells what it has: attributes of its terminal, threads,
# descriptors. ``given`` is code for before, ``then`` for after.
HANDS_OVER = """\
import os, signal, sys, termios, threading
from dockcli import Docker
import sh, pyte, dockcli.terminal.person
def state():
    left = sorted(os.listdir("/dev/fd")), threading.active_count(), termios.tcgetattr(0)
    handlers = [signal.getsignal(n) for n in (1, 2, 3, 15, signal.SIGWINCH, signal.SIGTSTP)]
    return left, handlers, signal.pthread_sigmask(signal.SIG_BLOCK, ())
words = ("-IS", "-c", sys.argv[1])
terminal = Docker(sys.executable).call.raw(*words, deadline={deadline}).terminal()
{given}
before = state()
try:
    code = terminal.interact()
    print("\\ncode", code, flush=True)
except BaseException as error:
    print("\\nraised", type(error).__name__, flush=True)
    terminal.close()
if {compared}:
    import time
    for _ in range(100):
        if state() == before: break
        time.sleep(0.02)
    print("the same" if state() == before else f"not the same: {{before}} {{state()}}", flush=True)
{then}
"""
RAW = "import os, signal, sys, time, tty\ntty.setraw(0)\nprint('pid', os.getpid(), flush=True)\n"


def handed(
    script: str, given: str = "", then: str = "", *, deadline: float | None = None, rows: int = 24
) -> Terminal:
    """A person at a terminal, to whom a Python with *script* is handed."""
    source = HANDS_OVER.format(given=given, then=then, deadline=deadline, compared=not given)
    return Terminal(Docker(sys.executable).call.raw("-c", source, script), rows=rows)


def attributes(terminal: Terminal) -> list[Any]:
    """What the person's terminal is set to."""
    descriptor = os.open(terminal._session.pseudo._process.ctty, os.O_RDWR | os.O_NOCTTY)
    try:
        return termios.tcgetattr(descriptor)
    finally:
        os.close(descriptor)


def pid_of(person: Terminal) -> int:
    return int(person.expect(r"pid (\d+)")[1])


def wait_for_raw(person: Terminal) -> None:
    person.until(lambda _: not attributes(person)[3] & termios.ISIG, "a raw terminal")


@contextmanager
def as_before(person: Terminal) -> Iterator[None]:
    """The person's terminal is at the end as it was, also where nobody is on it any more."""
    held = os.dup(person._session.pseudo._process._stdin_parent_fd)
    try:
        before = termios.tcgetattr(held)
        yield
        assert termios.tcgetattr(held) == before
    finally:
        os.close(held)


def test_keys_and_bytes_pass_both_ways_unchanged() -> None:
    script = (
        f"{RAW}seen = b''\nwhile len(seen) < 256: seen += os.read(0, 256)\n"
        "os.write(1, b'<' + seen + b'>'); sys.exit(7)"
    )
    with handed(script) as person:
        before = attributes(person)
        pid_of(person)
        wait_for_raw(person)
        person.send(bytes(range(256)))
        person.expect("code 7")
        person.expect("the same")
        assert attributes(person) == before
        assert b"<" + bytes(range(256)) + b">" in person.output
        assert person.wait() == 0


def test_ctrl_c_is_the_program_s() -> None:
    script = f"{RAW}print(repr(os.read(0, 9)))"
    with handed(script) as person:
        pid_of(person)
        wait_for_raw(person)
        person.key("ctrl-c")
        person.expect(re.escape(repr(b"\x03")))
        person.expect("code 0")
        person.expect("the same")


def test_ctrl_c_interrupts_a_program_that_wants_that() -> None:
    script = "import time; print('ready', flush=True); time.sleep(60)"
    with handed(script) as person:
        person.expect("ready")
        wait_for_raw(person)
        person.key("ctrl-c")
        person.expect(f"code {-signal.SIGINT}|code 1")
        person.expect("the same")


def test_the_window_goes_with_the_window() -> None:
    script = (
        f"{RAW}tell = lambda *_: os.write(1, b'size %d %d ' % os.get_terminal_size())\n"
        "signal.signal(signal.SIGWINCH, tell); tell()\nwhile True: time.sleep(1)"
    )
    with handed(script, rows=11) as person:
        person.expect("size 80 11")
        person.resize(30, 100)
        person.expect("size 100 30")
        person.resize(40, 120)
        person.expect("size 120 40")


def test_much_output_arrives_whole() -> None:
    script = "import sys\nfor n in range(40000): print('line %06d' % n)"
    with handed(script) as person:
        person.expect("code 0", deadline=60)
        person.expect("the same")
        lines = re.findall(rb"line (\d+)\r\r\n|line (\d+)\r\n", person.output)
        assert [int(first or second) for first, second in lines] == list(range(40000))


def test_one_that_ends_at_once_is_shown_whole() -> None:
    slow = "import time, dockcli.terminal.person as p\ntalk_at_once = p.Person.talk\n"
    slow += "def talk(*given): time.sleep(0.5); talk_at_once(*given)\np.Person.talk = talk"
    with handed("print('quick'); raise SystemExit(3)", slow) as person:
        person.expect("quick")
        person.expect("code 3")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_restores_the_terminal_and_ends_the_program_first(number: signal.Signals) -> None:
    with handed(f"{RAW}time.sleep(60)") as person, as_before(person):
        pid = pid_of(person)
        wait_for_raw(person)
        os.kill(person._session.pseudo.pid, number)
        if number == signal.SIGINT:
            person.expect("raised KeyboardInterrupt")
            person.expect("the same")
            assert person.wait() == 0
        else:
            assert person.wait() == -number
        assert is_gone(pid)


def test_a_signal_that_the_caller_handles_is_the_caller_s() -> None:
    given = "signal.signal(signal.SIGTERM, lambda *_: os.write(1, b'handled'))"
    with handed(f"{RAW}os.read(0, 1)", given) as person:
        pid_of(person)
        wait_for_raw(person)
        os.kill(person._session.pseudo.pid, signal.SIGTERM)
        person.expect("handled")
        person.send("x")
        person.expect("code 0")


def test_stopped_it_gives_the_terminal_back_and_takes_it_again() -> None:
    with handed(f"{RAW}os.read(0, 1)") as person:
        before = attributes(person)
        pid_of(person)
        wait_for_raw(person)
        pid = person._session.pseudo.pid
        os.kill(pid, signal.SIGTSTP)
        person.until(lambda _: attributes(person) == before, "the terminal given back")
        os.kill(pid, signal.SIGCONT)
        wait_for_raw(person)
        person.send("x")
        person.expect("code 0")
        person.expect("the same")


def test_a_program_that_is_killed_leaves_the_terminal_as_it_was() -> None:
    script = f"{RAW}os.write(1, b'\\x1b[?1049h\\x1b[?25l\\x1b[?1h'); time.sleep(60)"
    with handed(script) as person:
        pid = pid_of(person)
        person.expect(re.escape("\x1b[?1h"))
        os.kill(pid, signal.SIGKILL)
        person.expect(r"code -9")
        person.expect("the same")
        for undone in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1l"):
            assert undone in person.output


def test_the_call_s_deadline_is_for_the_person_too() -> None:
    with handed(f"{RAW}time.sleep(60)", deadline=1.5) as person:
        pid = pid_of(person)
        person.expect("raised NotSeen")
        person.expect("the same")
        assert is_gone(pid)


def test_an_exception_of_a_handler_restores_the_terminal() -> None:
    given = (
        "def handler(*_): raise KeyError\nsignal.signal(signal.SIGALRM, handler)\n"
        "signal.setitimer(signal.ITIMER_REAL, 1.0)"
    )
    with handed(f"{RAW}time.sleep(60)", given) as person:
        before = attributes(person)
        pid = pid_of(person)
        person.expect("raised KeyError")
        assert attributes(person) == before
        assert is_gone(pid)


def test_what_the_script_has_done_is_shown_to_the_person() -> None:
    script = "import sys\nprint('asks: who?', flush=True)\nprint('hello', input())"
    with handed(script, "terminal.expect('who')") as person:
        person.see(r"asks: who\?")
        person.send("me\r")
        person.see("hello me")
        person.see("code 0")


def test_the_person_s_terminal_answers_and_nobody_else() -> None:
    script = (
        f"{RAW}os.write(1, b'\\x1b[2;5H\\x1b[6n'); time.sleep(0.5)\nprint(repr(os.read(0, 99)))"
    )
    with handed(script) as person:
        person.expect(re.escape(repr(b"\x1b[2;5R")))


def test_one_whose_terminal_has_gone_ends_the_program() -> None:
    ours, theirs = pty.openpty()
    source = HANDS_OVER.format(given="", then="", deadline=None, compared=False)
    python = subprocess.Popen(
        [sys.executable, "-c", source, f"{RAW}time.sleep(60)"],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(theirs)
    seen = b""
    while not (found := re.search(rb"pid (\d+)\s", seen)):
        seen += os.read(ours, 1000)
    pid = int(found[1])
    assert is_alive(pid)
    os.close(ours)
    assert is_gone(pid, within=3)
    python.wait(10)


def test_where_nobody_is_it_says_so_and_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Docker("cat").call.raw().terminal()
    for missing, name in ((0, "stdin"), (1, "stdout")):
        monkeypatch.setattr(os, "isatty", lambda number, missing=missing: number != missing)
        with pytest.raises(InvalidArgument, match=rf"{name} is no terminal: use send\(\)"):
            terminal.interact()
    monkeypatch.setattr(os, "isatty", lambda number: True)
    caught = []

    def work() -> None:
        with pytest.raises(InvalidArgument, match="main thread"):
            terminal.interact()
        caught.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert caught
    assert terminal._begun is None


def test_a_display_that_is_slow_has_the_program_wait() -> None:
    """What a person's terminal does not take stays with the program, not in memory."""
    ours, theirs = pty.openpty()
    then = "import resource\nprint('memory', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    source = HANDS_OVER.format(given="", then=then, deadline=None, compared=False)
    script = f"{RAW}\nfor n in range(300000): os.write(1, b'x' * 70 + b'\\r\\n')"
    python = subprocess.Popen(
        [sys.executable, "-c", source, script],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        seen = b""
        while not (found := re.search(rb"pid (\d+)\s", seen)):
            seen += os.read(ours, 1000)
        time.sleep(2)  # in which nothing is read
        assert is_alive(int(found[1]))
        status = Path(f"/proc/{python.pid}/status").read_text()
        memory = int(re.search(r"VmHWM:\s+(\d+)", status)[1])  # type: ignore[index]
        assert memory < 64 << 10  # KiB; all of it would be 21 MiB more
    finally:
        python.terminate()
        os.close(ours)
        python.wait(10)
    assert is_gone(int(found[1]))
