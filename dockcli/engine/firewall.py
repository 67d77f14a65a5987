"""The packet filter rules by which our containers reach out.

They are made here and not by dockerd: a second dockerd that manages rules deletes those of the
first. Every rule carries a comment with the name of our bridge, and only by it is one removed.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from dockcli.engine import programs
from dockcli.errors import EngineFailed, NoEngine

_TABLES = ("nat", "filter")


def admit(bridge: str, ranges: Iterable[IPv4Network]) -> str | None:
    """Let *ranges* reach out; the reason where that cannot be had. Rules that exist stay."""
    try:
        for inside in ranges:
            for table, chain, rule in _wanted(bridge, str(inside)):
                _add(table, chain, rule)
    except (EngineFailed, NoEngine) as error:
        return str(error)
    return None


def withdraw(bridge: str) -> int:
    """Remove the rules that are commented as those of *bridge*, and count them."""
    if programs.find("iptables") is None:
        return 0
    removed = 0
    for table in _TABLES:
        for rule in _commented(table, bridge):
            _iptables(table, "-D", *rule)
            removed += 1
    return removed


def _wanted(bridge: str, inside: str) -> Iterator[tuple[str, str, list[str]]]:
    # By addresses and not by the bridge's name: a network that is given a part of our range with
    # `--subnet` has a bridge of its own, and reaches out too.
    comment = ["-m", "comment", "--comment", _comment(bridge)]
    yield "nat", "POSTROUTING", ["-s", inside, "!", "-d", inside, *comment, "-j", "MASQUERADE"]
    if "-P FORWARD DROP" in _iptables("filter", "-S", "FORWARD").splitlines():
        answers = ["-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"]
        yield "filter", "FORWARD", ["-s", inside, *comment, "-j", "ACCEPT"]
        yield "filter", "FORWARD", ["-d", inside, *answers, *comment, "-j", "ACCEPT"]


def _add(table: str, chain: str, rule: list[str]) -> None:
    try:
        _iptables(table, "-C", chain, *rule)
    except EngineFailed:  # there is no such rule
        _iptables(table, "-A", chain, *rule)


def _commented(table: str, bridge: str) -> list[list[str]]:
    try:
        listed = _iptables(table, "-S").splitlines()
    except EngineFailed:  # a kernel without this table has no rule in it
        return []
    rules = [shlex.split(line) for line in listed if line.startswith("-A ")]
    return [rule[1:] for rule in rules if _comment(bridge) in rule]


def _comment(bridge: str) -> str:
    return f"dockcli:{bridge}"


def _iptables(table: str, *arguments: str) -> str:
    # -w: another program may be changing the rules at this moment.
    return programs.run("iptables", "-w", "-t", table, *arguments)
