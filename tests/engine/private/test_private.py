"""The private engine's life: started, found again, stopped, and nothing left of it."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from dockcli import state
from dockcli.engine import private
from dockcli.errors import EngineFailed

pytestmark = pytest.mark.root


def wait_for_death(pid: int) -> None:
    until = time.monotonic() + 5
    while private.status() is not None and time.monotonic() < until:
        time.sleep(0.02)
    assert private.status() is None, f"{pid} lives"


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    wait_for_death(pid)


def test_a_start_is_found_again_and_a_stop_leaves_nothing(start, stop, traces, notes, folder):
    before = traces()
    assert (private.status(), state.private_host()) == (None, None)

    first = start()
    assert first.new
    assert first.answers
    assert traces().processes
    assert state.private_host() == first.host == f"unix://{folder}/run/docker.sock"

    again = start()
    assert (again.new, again.pid, again.host) == (False, first.pid, first.host)
    assert private.status() == again
    assert Path(private.log_path()).read_text().count("Daemon has completed initialization") == 1

    assert stop() is True
    assert traces() == before
    assert (private.status(), state.private_host()) == (None, None)
    assert not (folder / "run").exists()
    assert "API listen" in Path(private.log_path()).read_text()  # the log stays

    notes.clear()
    assert stop() is False
    assert notes == ["no private engine runs"]


def test_networks_and_published_ports_leave_nothing_and_images_stay(
    engine, start, stop, traces, own_network
):
    engine("network", "create", "inner")
    engine("network", "create", "--opt=com.docker.network.bridge.name=named0", "named")
    sleep = ("run", "--detach", "--stop-timeout=1", "tiny", "sleep", "1000")
    engine(*sleep[:3], "--network=inner", "--name=one", *sleep[3:])
    engine(*sleep[:3], "--network=named", "--name=two", *sleep[3:])
    port = engine.serve("hello")
    assert subprocess.check_output(["curl", "-s", f"127.0.0.1:{port}"]) == b"hello\n"

    stop()
    assert traces().links == ["lo:"]

    start()
    assert engine("images", "--quiet")
    engine("start", "one")
    assert engine("exec", "one", "cat", "/sys/class/net/eth0/operstate") == "up"


def test_a_killed_engine_is_cleared_away_by_stop(engine, stop, traces, notes):
    engine("network", "create", "inner")
    engine("run", "--detach", "tiny", "sleep", "1000")
    engine("run", "--detach", "--network=inner", "--name=paused", "tiny", "sleep", "1000")
    engine("pause", "paused")
    engine.serve("hello")
    inside = int(engine("inspect", "paused", "--format={{.State.Pid}}"))

    kill(private.status().pid)
    left = traces()
    assert "containerd-shim" in "".join(left.processes)
    assert left.mounts
    assert len(left.links) > 2
    assert left.rules

    assert stop() is False
    assert "cleared away what a private engine that was killed had left" in notes[-2]
    assert not Path(f"/proc/{inside}/exe").exists()
    assert (traces().links, traces().rules, traces().mounts) == (["lo:"], [], [])


def test_containers_that_lost_their_shims_too_are_ended(engine, stop, traces):
    container = engine("run", "--detach", "tiny", "sleep", "1000")
    inside = int(engine("inspect", container, "--format={{.State.Pid}}"))
    shim = int(Path(f"/proc/{inside}/stat").read_text().rpartition(")")[2].split()[1])
    kill(private.status().pid)
    os.kill(shim, signal.SIGKILL)
    time.sleep(0.2)
    assert Path(f"/proc/{inside}/exe").exists()
    stop()
    assert not Path(f"/proc/{inside}/exe").exists()
    groups = subprocess.check_output(["find", "/sys/fs/cgroup", "-name", f"*{container}*"])
    assert groups == b""


def test_a_start_after_a_kill_clears_away_first(engine, start, traces, notes):
    engine("run", "--detach", "--stop-timeout=1", "--name=sleeper", "tiny", "sleep", "1000")
    killed = private.status().pid
    kill(killed)
    assert state.private_host() is None

    assert start().new
    assert "cleared away" in notes[-2]
    assert engine("inspect", "sleeper", "--format={{.State.Running}}") == "false"
    engine("start", "sleeper")
    assert engine("exec", "sleeper", "echo", "hello") == "hello"
    assert traces().links.count("dockcli0:") == 1


def test_only_the_engines_own_processes_are_ended(engine, stop, folder):
    reader = subprocess.Popen(["tail", "-f", str(folder / "data" / "engine-id"), "/dev/null"])
    sleeper = subprocess.Popen(["sleep", "1000"], cwd=folder / "data")
    try:
        kill(private.status().pid)
        stop()
        assert (reader.poll(), sleeper.poll()) == (None, None)
    finally:
        for process in (reader, sleeper):
            process.kill()
            process.wait()


def test_what_was_mounted_before_stays_mounted(traces, start, stop, folder):
    (folder / "data").mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder / "data"], check=True)
    try:
        start()
        stop()
        assert len(traces().mounts) == 1
        assert " - tmpfs tmpfs " in traces().mounts[0]
    finally:
        subprocess.run(["umount", folder / "data"], check=True)


def test_a_failing_start_shows_the_log_and_leaves_nothing(start, traces, folder):
    before = traces()
    folder.mkdir(parents=True)
    (folder / "data").write_text("not a folder")
    with pytest.raises(EngineFailed, match=r"ended before it answered; its log \S+ says") as caught:
        start()
    assert "points to a file" in caught.value.log_tail
    assert "\n" not in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).log_tail == caught.value.log_tail
    assert traces() == before
    assert private.status() is None

    (folder / "data").unlink()
    assert start().new
    assert "points to a file" in Path(f"{private.log_path()}.1").read_text()


def test_an_interrupted_start_leaves_nothing(start, traces, monkeypatch):
    before = traces()
    monkeypatch.setattr(
        private.daemon, "answers", lambda host: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        start()
    assert traces() == before


def test_two_starts_at_once_end_with_one_engine(traces, elsewhere):
    code = "from dockcli.engine import private; e = private.start(print); print(e.pid, e.new)"
    commands = [elsewhere(code) for _ in range(4)]
    outputs = [command.communicate(timeout=60) for command in commands]
    assert [command.returncode for command in commands] == [0] * 4, outputs
    pids, news = zip(*(out.splitlines()[-1].split() for out, _ in outputs), strict=True)
    assert len(set(pids)) == 1
    assert sorted(news) == ["False"] * 3 + ["True"]
    assert len([line for line in traces().processes if "dockerd" in line]) == 1


def test_a_stop_in_another_process(start, stop, traces, elsewhere):
    """The daemon is the child of a process that goes on: it must not be taken for alive."""
    start()
    command = elsewhere("from dockcli.engine import private; print(private.stop(print))")
    output, errors = command.communicate(timeout=20)
    assert output.endswith("True\n"), errors
    assert stop() is False


def test_a_deep_state_folder(traces, start, stop, state_home, monkeypatch, tree):
    deep = state_home / ("deep" * 20) / "folder with blanks"
    monkeypatch.setenv("XDG_STATE_HOME", str(deep))
    engine = start()
    assert engine.host.startswith("unix:///run/dockcli-")
    assert engine.data_root.startswith(str(deep))
    assert subprocess.run(["docker", "-H", engine.host, "import", tree, "tiny"]).returncode == 0
    run = ["docker", "-H", engine.host, "run", "-d", "tiny", "sleep", "1000"]
    assert subprocess.run(run).returncode == 0
    kill(engine.pid)
    stop()
    assert (traces().run_folders, traces().mounts) == ([], [])


def test_it_does_not_speak_for_us_to_a_service_manager(start, state_home, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"{state_home}/notify")
        manager.settimeout(0.5)
        monkeypatch.setenv("NOTIFY_SOCKET", f"{state_home}/notify")
        start()
        with pytest.raises(TimeoutError):
            manager.recv(100)


def test_what_top_tells_does_not_end_at_our_terminal_s_width(start, on, tree, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    engine = on(start().host)
    engine.add_image(tree)
    command = f"sleep 1000; : {'x' * 200}"
    container = engine("run", "--detach", "--network=none", "tiny", "sh", "-c", command)
    assert command in engine("top", container)


def test_a_folder_that_was_never_used_is_not_made_by_a_question(state_home):
    assert private.status() is None
    assert private.stop(lambda text: None) is False
    assert list(state_home.iterdir()) == []
