"""The private engine beside others: their rules and bridges, and the way out of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from ipaddress import IPv4Network

import pytest

from dockcli.engine import private, programs, subnets
from dockcli.errors import EngineFailed

needs_root = pytest.mark.root


def fetch(port: int) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/", timeout=5) as answer:
        return answer.read().decode().strip()


def docker0() -> str:
    show = ["show", "dev", "docker0"]
    return "".join(
        subprocess.check_output(["ip", "-o", *what, *show], text=True)
        for what in (["link"], ["-4", "addr"])
    )


@needs_root
def test_another_engine_is_not_disturbed(other, start, stop, rules_now, tree, on):
    port = other.serve("other")
    before = rules_now(), docker0(), fetch(port)
    assert before[2] == "other"
    assert any("DOCKER" in rule for rule in before[0])

    host = start().host
    mine = on(host)
    mine.add_image(tree)
    assert fetch(mine.serve("mine")) == "mine"
    ours = [rule for rule in rules_now() if '--comment "dockcli:dockcli0"' in rule]
    assert len(ours) == 3  # the other engine has set FORWARD to DROP
    assert ([rule for rule in rules_now() if rule not in ours], docker0(), fetch(port)) == before

    stop()
    assert (rules_now(), docker0(), fetch(port)) == before
    assert other("run", "--rm", "--publish=127.0.0.1::80", "tiny", "echo", "still") == "still"

    # Nor does it take what a killed one leaves for its own.
    killed = start()
    mine("start", "web-mine")
    os.kill(killed.pid, signal.SIGKILL)
    stop()
    assert (rules_now(), docker0(), fetch(port)) == before
    other("rm", "--force", "web-other")


@pytest.fixture
def outside(own_network: None) -> Iterator[str]:
    """The address of a host beyond this machine that knows no way to the containers."""
    host = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; read _"], stdin=-1, stdout=-1)
    assert host.stdout is not None
    host.stdout.readline()
    inside = ["nsenter", f"--net=/proc/{host.pid}/ns/net"]
    for words in (
        ["ip", "link", "add", "way", "type", "veth", "peer", "name", "in", "netns", str(host.pid)],
        ["ip", "addr", "add", "192.0.2.1/24", "dev", "way"],
        ["ip", "link", "set", "way", "up"],
        [*inside, "ip", "addr", "add", "192.0.2.2/24", "dev", "in"],
        [*inside, "ip", "link", "set", "in", "up"],
    ):
        subprocess.run(words, check=True)
    yield "192.0.2.2"
    host.communicate(b"\n")
    subprocess.run(["ip", "link", "delete", "way"])


@needs_root
@pytest.mark.parametrize("policy", ["ACCEPT", "DROP"])
def test_containers_reach_out(outside, policy, traces, start, stop, tree, on):
    subprocess.run(["iptables", "-P", "FORWARD", policy], check=True)
    started = start()
    engine, taken = on(started.host), IPv4Network(started.subnet)
    engine.add_image(tree)
    engine("network", "create", f"--subnet={list(taken.subnets(new_prefix=24))[7]}", "inner")
    ping = ("tiny", "ping", "-c", "1", "-W", "3", outside)
    for network in ("bridge", "inner"):
        assert "1 packets received" in engine("run", "--rm", f"--network={network}", *ping)

    assert len(traces().rules) == (1 if policy == "ACCEPT" else 3)
    engine("network", "create", "later")
    later = ("run", "--rm", "--network=later", *ping)
    assert engine.attempt(*later).returncode == 1  # outside our range, and no rule for it yet
    start()
    assert engine.attempt(*later).returncode == 0

    stop()
    assert traces().rules == []


@needs_root
def test_without_usable_iptables_it_starts_and_says_so(start, notes, tmp_path, monkeypatch):
    broken = tmp_path / "iptables"
    broken.write_text("#!/bin/sh\necho 'no such table' >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert start().answers
    assert any("cannot reach out" in note and "no such table" in note for note in notes)


@needs_root
def test_the_next_free_name_and_range_are_taken(start, traces):
    subprocess.run(["ip", "link", "add", "dockcli0", "type", "bridge"], check=True)
    subprocess.run(["ip", "link", "add", "dockcli1", "type", "bridge"], check=True)
    engine = start()
    assert engine.bridge == "dockcli2"
    private.stop(lambda text: None)

    subprocess.run(["ip", "link", "set", "dockcli0", "up"], check=True)
    taken = IPv4Network(engine.subnet)
    subprocess.run(["ip", "route", "add", str(taken), "dev", "dockcli0"], check=True)
    assert not IPv4Network(start().subnet).overlaps(taken)
    private.stop(lambda text: None)
    assert [name for name in traces().links if name.startswith("dockcli")] == [
        "dockcli0:",
        "dockcli1:",
    ]
    for name in ("dockcli0", "dockcli1"):
        subprocess.run(["ip", "link", "delete", name], check=True)


def machine(monkeypatch: pytest.MonkeyPatch, *routes: str) -> None:
    monkeypatch.setattr(
        programs, "run", lambda *words: "\n".join(routes) if "route" in words else ""
    )


def test_the_range_is_kept_while_it_is_free(monkeypatch):
    machine(monkeypatch)
    first = subnets.free(3)
    assert first == subnets.free(3) != subnets.free(4)
    machine(monkeypatch, f"{first[256]}/24 via 192.0.2.1 dev eth0")
    assert not subnets.free(3).overlaps(first)


@pytest.mark.parametrize(
    "route", ["10.0.0.0/8", "unreachable 10.0.0.0/8 metric 9", "10.0.0.0/9\n10.128.0.0/9"]
)
def test_a_tunnel_into_a_whole_private_net_is_left_alone(route, monkeypatch):
    machine(monkeypatch, *route.splitlines())
    assert not subnets.free(3).overlaps(IPv4Network("10.0.0.0/8"))


def test_routes_for_everything_claim_nothing(monkeypatch):
    machine(monkeypatch, "default via 192.0.2.1", "0.0.0.0/1 dev tun0", "128.0.0.0/1 dev tun0")
    assert subnets.free(3).overlaps(IPv4Network("10.0.0.0/8"))


def test_no_free_range_is_said(monkeypatch):
    machine(monkeypatch, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    with pytest.raises(EngineFailed, match="every private range"):
        subnets.free(3)
