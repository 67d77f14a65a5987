"""The only place where a command line is made: Python values become docker's words.

Every flag travels in one token, ``--name=value``: in the two-token form docker takes whatever
comes next for the value. Options come first, then ``--`` where a positional begins with ``-``,
then the positionals. So no value can become an option.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache

from dockcli import spec
from dockcli.errors import InvalidArgument, UnknownFlag
from dockcli.secret import Secret
from dockcli.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

# Flags whose bare NAME makes docker take the value from its own environment.
_FROM_ENVIRONMENT = frozenset({"env", "build_arg", "env_add"})

# What the docker client itself, the loader below it or ssh would obey if we set it for them.
_OBEYED = (
    r"PATH|HOME|USER|LANG|LANGUAGE|TMPDIR|TERM|SHELL|IFS|GO(DEBUG|GC|MAXPROCS|MEMLIMIT|TRACEBACK)"
    r"|DOCKER_(HOST|CON(FIG|TEXT)|TLS.*|CERT_PATH|API_VERSION|DEFAULT_.*|BUILD.*|HIDE_.*"
    r"|CUSTOM_HEADERS|AUTH_CONFIG|CONTENT_TRUST.*|CLI_.*)|SSH_(AUTH_SOCK|ASKPASS.*|AGENT_PID)"
    r"|REGISTRY_AUTH_FILE|(BUILDKIT|BUILDX|COMPOSE|CONTAINERS?|PODMAN|LD|DYLD|XDG|OTEL|LC|SUDO)_.*"
    r"|(HTTPS?|FTP|NO|ALL)_PROXY"
)

# What docker reads otherwise than ``key=value``, and how to write it: of ``volume={"/a": "/b"}`` it
# would make an anonymous volume at ``/a=/b``.
_A_BIND = '[Bind("/a", "/b")]'
_A_PORT = '["8080:80"] or [Port(80, 8080)]'
NO_MAPPINGS: Mapping[str, str] = {
    "volume": f'["/a:/b"] or {_A_BIND}',
    "mount": _A_BIND,
    "mount_add": _A_BIND,
    "tmpfs": '["/run:size=64m"] or [Tmpfs("/run", "64m")]',
    "publish": _A_PORT,
    "publish_add": _A_PORT,
    "expose": '["80", "53/udp"]',
    "device": '["/dev/a:/dev/b"]',
    "volumes_from": '["web:ro"]',
}

_MOUNTS = ("--mount=", "--mount-add=")
_NUMBERS = frozenset({int, float})
# What makes an image without building it takes its labels as a line of a Dockerfile.
_CHANGING = frozenset({"container commit", "image import"})

_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"  # of a volume, a network, and what a swarm has
_CONTAINER = rf"/?{_NAME}"
_IMAGE = r"[A-Za-z0-9\[][A-Za-z0-9_./:@\[\]-]*"
_COMPOSE = r"[A-Za-z0-9_.][A-Za-z0-9_.-]*"
_BUILDER = r"[A-Za-z0-9][A-Za-z0-9_.+-]*"
_SIGNER = r"[a-z0-9][a-z0-9_-]*"
_OBJECT = rf"/?{_IMAGE}"
_SETTING = r"[^\s=-][^\s=]*=(?s:.*)"
_RECORD = r"[A-Za-z0-9^][A-Za-z0-9_.+/^-]*"


class Flags:
    """The words of a command's flags, and what must travel by the environment instead.

    *used*: the flags themselves, and what in a mount is not known to every docker. *meant*: the
    words for which docker makes a folder because the caller says so.
    """

    __slots__ = ("meant", "secrets", "used", "words")

    def __init__(
        self,
        words: tuple[str, ...],
        secrets: dict[str, Secret],
        used: tuple[spec.Flag, ...],
        meant: tuple[str, ...],
    ) -> None:
        self.words = words
        self.secrets = secrets
        self.used = used
        self.meant = meant


def command_line(
    flags: Iterable[str], operands: Iterable[str], rest: Iterable[str] = ()
) -> list[str]:
    """Options, then docker's own positionals, then the words that belong to the container.

    Docker takes options anywhere among its own positionals (``volume rm a --force``), so one that
    begins with ``-`` needs the terminator; behind the image or container of ``run``, ``create``
    and ``exec`` it does not look any more.
    """
    words = [*flags]
    operands = [*operands]
    for word in operands:
        if word.startswith("-"):
            words.append("--")
            break
    return [*words, *operands, *rest]


def flags(command: str, options: Mapping[str, object]) -> Flags:
    """The words for keyword *options* of *command* (``"container run"``).

    ``True`` is ``--flag``, ``False`` is ``--flag=false``, ``None`` is nothing, a sequence repeats
    the flag, a mapping repeats it with ``key=value``.
    """
    known = _spelled(command)
    words: list[str] = []
    secrets: dict[str, Secret] = {}
    used: list[spec.Flag] = []
    meant: list[str] = []
    for keyword, value in options.items():
        if (found := known.get(keyword)) is None:
            raise UnknownFlag(_unknown(command, keyword, spec.flags(command)))
        if value is None:
            continue
        flag, start, switch = found
        used.append(flag)
        # Nearly all are texts, switches and numbers, and a call may have forty of them.
        if start and type(value) is str:
            words.append(start + value)
            continue
        if switch and value is True:
            words.append(switch)
            continue
        if start and type(value) in _NUMBERS:
            words.append(f"{start}{value}")
            continue
        for item in _items(keyword, value):
            if start and type(item) is str:
                words.append(start + item)
            elif isinstance(item, Secret):
                words.append(f"--{flag.name}={_entrust(keyword, item, secrets)}")
            else:
                words.append(word := _flag(flag, keyword, item))
                if word.startswith(_MOUNTS):
                    used += _mount_needs(word)
                if getattr(item, "create_source", None):
                    meant.append(word)
    if "\0" in "".join(words):  # looked for once: forty looks take ten times as long
        _refuse_nul(words)
    return Flags(tuple(words), secrets, tuple(used), tuple(meant))


def _refuse_nul(words: Iterable[str]) -> None:
    for word in words:
        name, _, value = word.partition("=")
        text(value, name[2:].replace("-", "_"))


@cache
def _spelled(command: str) -> dict[str, tuple[spec.Flag, str, str]]:
    """Each flag by its keyword, with how a text's word begins, and the word of a switch that is on;
    "" where there is none, or where more care is to be taken."""

    def spelled(flag: spec.Flag) -> tuple[spec.Flag, str, str]:
        if flag.is_bool:
            return flag, "", f"--{flag.name}"
        start = f"--{flag.name}="
        return flag, "" if start in _MOUNTS else start, ""

    return {keyword: spelled(flag) for keyword, flag in spec.flags(command).items()}


def _mount_needs(word: str) -> list[spec.Flag]:
    from dockcli.spec.mounts import needs

    return needs(word.partition("=")[2])


def labels(command: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    """The flags by which what *command* makes carries *labels*."""
    if not labels:
        return ()
    if command not in _CHANGING:
        return tuple(f"--label={name}={value}" for name, value in labels.items())
    pairs = ((_quoted(name), _quoted(value)) for name, value in labels.items())
    return tuple(f"--change=LABEL {name}={value}" for name, value in pairs)


def _quoted(text: str) -> str:
    """A word of a Dockerfile, in which it means itself."""
    if "\n" in text:
        raise InvalidArgument(f"labels={text!r}: no image can have a label of several lines here")
    return '"' + re.sub(r'([\\"$])', r"\\\1", text) + '"'


def values(words: Iterable[str], flag: str) -> list[str]:
    """What *flag* was given among the *words* of a command line, in their order."""
    start = f"--{flag}="
    options = itertools.takewhile(lambda word: word != "--", words)
    return [word.removeprefix(start) for word in options if word.startswith(start)]


def _items(keyword: str, value: object) -> Iterable[object]:
    """Each single value of a flag: itself, a sequence's members, or a mapping's pairs."""
    if type(value) is str:
        return (value,)
    # An abstract type is looked at last: that takes ten times as long.
    if not isinstance(value, dict) and isinstance(value, (list, tuple, set, frozenset, Iterator)):
        members = list(value)
        for member in members:
            if type(member) is str or hasattr(member, "__docker_flag__"):
                continue
            if isinstance(member, (bool, type(None), list, tuple, Mapping)):
                raise InvalidArgument(f"{keyword}= holds {member!r}: give each value as a text")
        return members
    if isinstance(value, (dict, Mapping)):
        if value and keyword in NO_MAPPINGS:
            raise InvalidArgument(f"{keyword}= takes no mapping: give {NO_MAPPINGS[keyword]}")
        pairs: list[object] = []
        for key, member in value.items():
            if type(key) is str and type(member) is str and key and "=" not in key:
                pairs.append(f"{key}={member}")
            else:
                pairs += _pairs(keyword, key, member)
        return pairs
    return (value,)


def _pairs(keyword: str, key: object, member: object) -> Iterator[object]:
    if not isinstance(key, str):
        raise InvalidArgument(f"{keyword}= has the key {key!r}: keys are texts")
    key = text(key, keyword)
    if "=" in key or not key:
        raise InvalidArgument(f"{keyword}= has the key {key!r}: a key is not empty and has no '='")
    if isinstance(member, (list, tuple)):
        for one in member:
            yield from _pairs(keyword, key, one)
    elif isinstance(member, Secret):
        yield Secret(f"{key}={member.reveal()}")
    elif member is None:
        yield key
    elif isinstance(member, bool):
        yield f"{key}={str(member).lower()}"
    else:
        yield f"{key}={text(member, keyword)}"


def _entrust(keyword: str, secret: Secret, secrets: dict[str, Secret]) -> str:
    """Take a secret ``NAME=value`` out of the words; docker finds it in its environment."""
    if keyword not in _FROM_ENVIRONMENT:
        raise InvalidArgument(
            f"{keyword}= cannot carry a Secret: docker would show it to every user of the machine. "
            "Secrets travel in env= and build_arg="
        )
    name, equals, value = secret.reveal().partition("=")
    if not equals or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise InvalidArgument(f"a Secret in {keyword}= reads NAME=value")
    if re.fullmatch(_OBEYED, name, re.IGNORECASE):
        raise InvalidArgument(
            f"{name} cannot be a Secret in {keyword}=: the docker client would obey it itself. "
            "Put it into a file that only you can read, and give env_file="
        )
    if "\0" in value:
        raise InvalidArgument(f"the Secret {name} has a NUL in it: no environment can hold one")
    secrets[name] = Secret(value)
    return name


def _flag(flag: spec.Flag, keyword: str, value: object) -> str:
    if isinstance(value, bool):
        if not flag.is_bool:
            raise InvalidArgument(f"{keyword}= takes a value ({flag.type}), not {value}")
        return f"--{flag.name}" if value else f"--{flag.name}=false"
    if flag.is_bool:
        raise InvalidArgument(f"{keyword}= is True or False, not {value!r}")
    if (spelled := getattr(value, "__docker_flag__", None)) is not None:
        name, word = spelled(flag.name)  # a mount that -v cannot say goes out as --mount
        return f"--{name}={text(word, keyword)}"
    if not isinstance(value, (str, int, float)):
        from datetime import timedelta

        if isinstance(value, timedelta):
            return f"--{flag.name}={_duration(value, keyword, whole=flag.is_int)}"
    return f"--{flag.name}={text(value, keyword)}"


def _duration(value: timedelta, keyword: str, *, whole: bool) -> str:
    """A span in the largest unit that loses nothing; *whole* where docker counts in seconds."""
    seconds, fraction = value.days * 86_400 + value.seconds, value.microseconds
    microseconds = seconds * 1_000_000 + fraction
    if whole:
        if fraction:
            raise InvalidArgument(f"{keyword}= counts in whole seconds, not {value}")
        return str(seconds)
    if not fraction:
        return f"{seconds}s"
    return f"{microseconds}us" if fraction % 1000 else f"{microseconds // 1000}ms"


def text(value: object, where: str) -> str:
    """One value as docker reads it; *where* names it in an error."""
    if isinstance(value, str):
        word = str.__str__(value)  # an enum's member shows itself in another way
    elif isinstance(value, (bytes, os.PathLike)):
        word = os.fsdecode(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        word = int.__repr__(value)
    elif isinstance(value, float):
        word = float.__repr__(value)
    else:
        word = _made_text(value, where)
    if "\0" in word:
        raise InvalidArgument(f"{where}: {word!r} has a NUL in it: no command line can hold one")
    return word


def _made_text(value: object, where: str) -> str:
    """What is no text, number or path, as docker reads it."""
    if (spelled := getattr(value, "__docker__", None)) is not None:
        return str(spelled())
    from datetime import datetime, timedelta

    if isinstance(value, timedelta):
        return _duration(value, where, whole=False)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.astimezone()).isoformat()
    if isinstance(value, Secret):
        raise InvalidArgument(f"{where}: a Secret travels in env= and build_arg= only")
    raise InvalidArgument(f"{where}: {value!r} is no text, number or path")


def given(options: Mapping[str, object], keyword: str) -> str | None:
    """The text of one keyword, if it was given; of several values docker takes the last."""
    if (value := options.get(keyword)) is None:
        return None
    items = list(_items(keyword, value))
    return text(items[-1], keyword) if items else None


def command(values: Iterable[object]) -> list[str]:
    """The words that a container runs: anything, since docker reads no option among them."""
    return [text(value, "the container's command") for value in values]


def container(value: object) -> str:
    """A container's name or id."""
    return _named(value, _CONTAINER, "container")


def image(value: object) -> str:
    """An image's reference or id."""
    return _named(value, _IMAGE, "image")


def volume(value: object) -> str:
    """A volume's name."""
    return _named(value, _NAME, "volume")


def network(value: object) -> str:
    """A network's name or id."""
    return _named(value, _NAME, "network")


def compose_service(value: object) -> str:
    """The name of a service in a Compose file."""
    return _named(value, _COMPOSE, "service")


def builder(value: object) -> str:
    """A builder's name, or that of the context whose builder it is."""
    return _named(value, _BUILDER, "builder")


def build_record(value: object) -> str:
    """A recorded build: its id, ``BUILDER/NODE/ID``, or ``^0`` for the last one."""
    return _named(value, _RECORD, "build record")


def swarm_object(value: object, kind: str) -> str:
    """The name or id of what a swarm has: a service, task, node, secret, config or stack."""
    return _named(value, _NAME, kind)


def swarm_role(value: object) -> str:
    """As what an engine joins a swarm."""
    return _named(value, "worker|manager", "role")


def scale(value: object) -> str:
    """A service and how many tasks it is to have: ``web=3``."""
    return _named(value, rf"{_NAME}=\d+", "scale")


def plugin(value: object) -> str:
    """The name or id of a plugin of the engine."""
    return _named(value, _IMAGE, "plugin")


def context(value: object) -> str:
    """The name of a context."""
    return _named(value, _BUILDER, "context")


def checkpoint(value: object) -> str:
    """The name of a container's checkpoint."""
    return _named(value, _NAME, "checkpoint")


def signer(value: object) -> str:
    """The name of who signs, or of a key to sign with."""
    return _named(value, _SIGNER, "signer")


def anything(value: object) -> str:
    """The name or id of an object of any kind."""
    return _named(value, _OBJECT, getattr(value, "__docker_kind__", "object"))


def setting(value: object) -> str:
    """A setting of a plugin: ``KEY=VALUE``."""
    return _named(value, _SETTING, "setting")


def operand(value: object) -> str:
    """A positional that is neither: a path, a URL, ``CONTAINER:PATH`` or ``-``."""
    word = text(value, "a positional argument")
    if not word:
        raise InvalidArgument("an empty positional argument: docker would refuse it")
    # docker reads `a:b` as CONTAINER:PATH, and `-` as its own stdin or stdout
    ambiguous = word == "-" or (":" in word and not word.startswith(("/", ".")))
    if isinstance(value, (bytes, os.PathLike)) and ambiguous:
        return f"./{word}"
    return word


def _named(value: object, grammar: str, kind: str) -> str:
    word = text(value, f"the {kind}'s name")
    if (other := getattr(value, "__docker_kind__", kind)) != kind:
        raise InvalidArgument(f"{value!r} is {_a(other)}, where {_a(kind)} is meant")
    if not _matcher(grammar)(word):
        raise InvalidArgument(f"{word!r} is not the name of any {kind}: docker would refuse it")
    return word


@cache
def _matcher(grammar: str) -> Callable[[str], object]:
    return re.compile(grammar).fullmatch


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _unknown(command: str, keyword: str, known: Mapping[str, spec.Flag]) -> str:
    import difflib

    dockers = [name for name, flag in known.items() if not flag.is_podmans]
    near = difflib.get_close_matches(keyword, dockers, n=3)
    meant = f"; did you mean {', '.join(f'{name}=' for name in near)}?" if near else ""
    return (
        f"docker {command} has no flag --{keyword.replace('_', '-')}{meant} "
        "(docker.raw(…) passes anything through unchecked)"
    )
