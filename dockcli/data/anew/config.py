"""The program's part of a container (``Config``), as options of ``docker create``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dockcli.errors import InvalidArgument
from dockcli.secret import Secret

Told = Mapping[str, Any]

_TIMES = {
    "Interval": "health_interval",
    "Timeout": "health_timeout",
    "StartPeriod": "health_start_period",
    "StartInterval": "health_start_interval",
}
_SHORTEST_SECRET = 4  # a shorter one hides nothing, and would be masked all over an error's text
_SECONDS_BEFORE_KILL = 10  # what podman tells where nothing was asked for


def options(config: Told, image: Told, *, id: str, podman: bool = False) -> dict[str, Any]:
    """The keywords of ``docker create`` that say *config* of a container of *image*'s ``Config``.

    The host name is told even where it is but the short id: programs keep data under it (RabbitMQ
    does), and a container made anew has another id.
    """
    made: dict[str, Any] = {
        "hostname": config.get("Hostname"),
        "domainname": config.get("Domainname"),
        "user": config.get("User"),
        "workdir": config.get("WorkingDir"),
        "mac_address": config.get("MacAddress"),
        "tty": config.get("Tty"),
        "interactive": config.get("OpenStdin"),
        "stop_signal": _signal(config.get("StopSignal")),
        "env": [_variable(one) for one in config.get("Env") or ()],
        "label": [f"{name}={value}" for name, value in (config.get("Labels") or {}).items()],
        "expose": list(config.get("ExposedPorts") or ()),
        **_health(config.get("Healthcheck") or {}, image.get("Healthcheck") or {}),
        **_entrypoint(config, image),
    }
    if config.get("OpenStdin") and not config.get("StdinOnce") and not podman:
        # else docker would close stdin when the first that attaches goes
        made["attach"] = ["stdout", "stderr"]
    kept = {name: value for name, value in made.items() if value not in (None, "", [], False)}
    if "entrypoint" in made:
        kept["entrypoint"] = made["entrypoint"]
    if (patience := config.get("StopTimeout")) is not None:
        kept["stop_timeout"] = patience
    return kept


def command(config: Told, image: Told) -> list[str]:
    """The words behind the image's name."""
    words: list[str] = list(config.get("Cmd") or ())
    same = words == list(image.get("Cmd") or ()) and words_of(config) == words_of(image)
    return [] if same else words


def baked(config: Told, image: Told) -> list[str]:
    """The keys of *config* that no option says, and that only an image can give a container."""
    keys = []
    if len(words_of(config)) > 1 and words_of(config) != words_of(image):
        keys.append("Entrypoint")
    test = (config.get("Healthcheck") or {}).get("Test") or []
    inherited = (image.get("Healthcheck") or {}).get("Test") or []
    if test[:1] == ["CMD"] and test != inherited:
        keys.append("Healthcheck")
    return keys


def words_of(config: Told) -> list[str]:
    """The entrypoint; podman tells a container's in one text."""
    told = config.get("Entrypoint") or []
    return told.split(" ") if isinstance(told, str) else list(told)


def _entrypoint(config: Told, image: Told) -> dict[str, str]:
    """The option, where the image's entrypoint is another one, or would bring its command."""
    own, inherited = words_of(config), words_of(image)
    if own == inherited and (config.get("Cmd") or not image.get("Cmd")):
        return {}
    if own == inherited == []:
        return {}
    return {"entrypoint": "".join(own)} if len(own) <= 1 else {}


def _health(own: Told, inherited: Told) -> dict[str, Any]:
    if own == inherited:
        return {}
    test = own.get("Test") or []
    if test == ["NONE"]:
        return {"no_healthcheck": True}
    made: dict[str, Any] = {}
    if test != inherited.get("Test") and test[:1] == ["CMD-SHELL"]:
        made["health_cmd"] = test[1]
    for key, keyword in _TIMES.items():
        if own.get(key) and own.get(key) != inherited.get(key):
            made[keyword] = f"{own[key]}ns"
    if own.get("Retries") and own.get("Retries") != inherited.get("Retries"):
        made["health_retries"] = own["Retries"]
    return made


def _signal(told: object) -> str | None:
    """podman tells its number."""
    return None if told in (None, "", 0) else str(told)


def _variable(text: str) -> str | Secret:
    """What may be a password travels where other users of this machine do not see it."""
    from dockcli import argv

    name, equals, value = text.partition("=")
    if not equals or len(value) < _SHORTEST_SECRET or not re.fullmatch(r"[A-Za-z_]\w*", name):
        return text
    secret = Secret(text)
    try:
        argv.flags("container create", {"env": [secret]})
    except InvalidArgument:  # the docker client would obey it
        return text
    return secret
