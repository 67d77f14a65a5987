"""What a docker command line means: the command, and what it was given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from dockcli import argv, spec
from dockcli.call import Call
from dockcli.client import Docker, docker
from dockcli.commands.names import names_asked_for
from dockcli.errors import DockcliError, InvalidArgument
from dockcli.secret import Secret
from dockcli.translation import front, names
from dockcli.translation.front import Program
from dockcli.translation.words import Given, Line, read
from dockcli.translation.written import arguments, literal

Keywords = dict[str, "bool | str | list[str]"]


# A command with a command below it: in Python the one is a verb, so the other stands beside it.
_BOTH = "buildx history inspect"

# Whose verbs give only what has exactly the name that their filter asks for.
EXACT = frozenset(
    {"compose ls", "config ls", "container ls", "network ls"}
    | {"node ls", "secret ls", "service ls", "volume ls"}
)


class Verb(NamedTuple):
    """The Python of a *command*: its groups, with the flags behind their names; the verb's own
    name, and what it is called with.

    *flags_at* is where, among the words of the line, the flags of the command begin.
    """

    command: str
    flags_at: int
    groups: tuple[tuple[str, Keywords], ...]
    name: str
    operands: tuple[str, ...]
    options: Keywords


class Meaning(NamedTuple):
    """A command line: what its client is made with, the words behind, and the verb, if it is one's.

    Without a *verb* it asks for help or a version, or has a global flag that `Docker` has not.
    *password* is a login's, which goes to docker's stdin.
    """

    client: dict[str, Any]
    words: tuple[str, ...]
    verb: Verb | None = None
    password: str | None = None

    def call(self) -> Call[Any]:
        """The verb's own call where it is the very same line, else one of just the words."""
        plain = self._plain()
        verbs = self._verbs()
        return verbs if verbs is not None and verbs.argv == plain.argv else plain

    def python(self) -> str:
        """The text of the verb's call, though it may add to the words how its answer is read."""
        named = {name: value for name, value in self.client.items() if name != "binary"}
        binary = (self.client["binary"],) if "binary" in self.client else ()
        client = f"Docker({arguments(binary, named)})" if self.client else "docker"
        verbs = self._verbs()
        if self.verb is None or verbs is None or not self._is_said_by(verbs):
            stdin = {} if self.password is None else {"stdin": self.password}
            return f"{client}.raw({arguments(self.words, stdin)})"
        groups = (
            f"{name}({arguments((), flags)})" if flags else name for name, flags in self.verb.groups
        )
        given = arguments(self.verb.operands, self.verb.options)
        remark = _remark(self.verb, verbs)
        return f"{'.'.join([client, *groups, self.verb.name])}({given}){remark}"

    def _plain(self) -> Call[Any]:
        stdin = None if self.password is None else Secret(self.password)
        return self._docker().call.raw(*self.words, stdin=stdin)

    def _is_said_by(self, verbs: Call[Any]) -> bool:
        """Whether the verb's call says all that the line says, in whatever order of its flags."""
        assert self.verb is not None
        plain = self._plain()
        at = len(plain.client.head) + self.verb.flags_at
        mine, mine_behind = _parted(plain.argv[at:])
        others, others_behind = _parted(verbs.argv[verbs.flags_at :])
        return (
            _within(plain.argv[:at], verbs.argv[: verbs.flags_at])
            and _within(mine_behind, others_behind)
            and all(_within(words, others.get(flag, ())) for flag, words in mine.items())
        )

    def _docker(self) -> Docker:
        return Docker(**self.client) if self.client else docker

    def _verbs(self) -> Call[Any] | None:
        """What the verb builds; None where there is none, or where it refuses a name or value."""
        if self.verb is None:
            return None
        found: Any = self._docker().call
        try:
            for name, flags in self.verb.groups:
                group = getattr(found, name)
                found = group(**flags) if flags else group
            call = getattr(found, self.verb.name)(*self.verb.operands, **self.verb.options)
        except (AttributeError, DockcliError, TypeError):
            return None
        return call if isinstance(call, Call) else None


def _within(few: Iterable[str], many: Iterable[str]) -> bool:
    """Whether all words of *few* are among *many*, in the same order."""
    remaining = iter(many)
    return all(word in remaining for word in few)


def _parted(words: tuple[str, ...]) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """The flags that *words* begin with, each one's in their order; and the words behind."""
    flags: dict[str, list[str]] = {}
    for at, word in enumerate(words):
        if word == "--" or not word.startswith("--"):
            return flags, words[at:]
        flags.setdefault(word.partition("=")[0], []).append(word)
    return flags, ()


def _remark(verb: Verb, call: Call[Any]) -> str:
    """The comment behind the Python of a list of names, where docker's own would be longer."""
    if verb.command not in EXACT or verb.options.get("quiet") or "format" in verb.options:
        return ""
    asked = ", ".join(map(literal, sorted(names_asked_for(call.argv[call.flags_at :]))))
    return f"  # only {asked}; docker lists longer names too" if asked else ""


def meaning(words: Iterable[str]) -> Meaning:
    """What *words* mean; those before docker's own are as `front.read` takes them."""
    program, words = front.read(words)
    given, behind = _read(program, "", words)
    helped = given.pop("help", False)
    client = _client(given)
    before = () if client or not given else argv.flags("", given).words
    program = program._replace(client={**program.client, **client})
    if before or helped or behind[:1] == ("help",):
        return _beside_the_verbs(before, helped is True, program, behind)
    return _command(program, behind)


def _beside_the_verbs(
    before: tuple[str, ...], helped: bool, program: Program, behind: tuple[str, ...]
) -> Meaning:
    """A line with global flags that no `Docker` has, or that asks for help or the version."""
    asks = ("--help",) if helped else ()
    if behind[:1] == ("help",):
        _known(behind[1:])
    elif behind and not helped:
        command = _command(program, behind)
        return Meaning(program.client, (*before, *command.words), None, command.password)
    elif not (asks or "--version" in before):
        raise _incomplete("")
    return Meaning(program.client, (*before, *asks, *behind))


def _known(words: tuple[str, ...]) -> None:
    """See that *words* name a command or a group."""
    name = " ".join(words)
    if name and not names.is_group(name):
        names.command(name)


def _command(program: Program, words: tuple[str, ...]) -> Meaning:
    """The command that *words* begin with, and what it is given."""
    name = ""
    between: dict[str, Given] = {}
    while True:
        if not words:
            raise _incomplete(name)
        name, words = f"{name} {words[0]}".lstrip(), words[1:]
        if not names.is_group(name):
            break
        line = _read(program, name, words)
        inner = f"{name} {' '.join(line.operands[:1])}"
        if names.is_command(name) and not (names.is_command(inner) or names.is_group(inner)):
            break
        helped = line.given.pop("help", False)
        between[name], words = line.given, line.operands
        if helped:
            return Meaning(program.client, (*_head(name, between), "--help", *words))
    command = names.command(name, words[0] if words else "")
    return _with_flags(program, command, between, words)


def _with_flags(
    program: Program, command: str, between: Mapping[str, Given], words: tuple[str, ...]
) -> Meaning:
    """*command* with the flags and operands that *words* give it.

    *between* are the flags that stood behind the names of the groups: a plugin's globals.
    """
    takes = spec.operands(command)
    line = read(command, program.flags(command), words, interspersed=takes.interspersed)
    helped = line.given.pop("help", False)
    options = _keywords(line.given)
    password = _by_stdin(command, line.given)
    if password is not None:
        options["password"] = password
    flags = argv.flags(command, line.given).words
    if helped:
        flags = (*flags, "--help")
    else:
        _check_number(command, takes, line.operands)
    # behind the first operand of `run` nothing can be a flag
    mine = len(line.operands) if takes.interspersed else 1
    behind = argv.command_line(flags, line.operands[:mine], line.operands[mine:])
    head = _head(command, between)
    if helped:
        return Meaning(program.client, (*head, *behind))
    *groups, name = _path(command)
    if groups[-1:] == [_BOTH]:
        name = f"{groups.pop()}_{name.rpartition(' ')[2]}"
    called = tuple((_attribute(group), _keywords(between.get(group, {}))) for group in groups)
    verb = Verb(command, len(head), called, _attribute(name), line.operands, options)
    return Meaning(program.client, (*head, *behind), verb, password)


def _by_stdin(command: str, given: Given) -> str | None:
    """Take the password from what is *given* to a login: it is not for docker's command line."""
    passwords = given.get("password")
    if command != "login" or not isinstance(passwords, list) or not passwords[-1]:
        return None
    if given.get("password_stdin"):
        raise InvalidArgument("docker login: --password and --password-stdin exclude each other")
    del given["password"]
    given["password_stdin"] = True
    return passwords[-1]


def _read(program: Program, name: str, words: Iterable[str]) -> Line:
    """Read the flags in front of a command: docker's own (``""``), or those behind a group's name,
    which only a plugin has, or a group that is a command too."""
    has_flags = names.is_command(name) or name in ("", *spec.PLUGINS)
    return read(name, program.flags(name) if has_flags else {}, words, interspersed=False)


def _client(given: Given) -> dict[str, Any]:
    """What to make a `Docker` with; nothing where it has no such argument, or would refuse two."""
    options = _keywords(given)
    two_engines = {"host", "context"} <= options.keys()
    repeated = any(isinstance(value, list) for value in options.values())
    if options.keys() - {"host", "context", "config"} or two_engines or repeated:
        return {}
    return options


def _head(command: str, between: Mapping[str, Given]) -> tuple[str, ...]:
    """The words of *command*, with the flags that stand *between* them."""
    head: list[str] = []
    for name in _path(command):
        head.append(name.rpartition(" ")[2])
        if given := between.get(name):
            head += argv.flags(name, given).words
    return tuple(head)


def _path(command: str) -> list[str]:
    """*command* and the groups that it is in, the outermost first: ``container, container ls``."""
    words = command.split(" ")
    return [" ".join(words[:end]) for end in range(1, len(words) + 1)]


def _attribute(name: str) -> str:
    return spec.keyword_name(name.rpartition(" ")[2])


def _keywords(given: Given) -> Keywords:
    return {
        name: value[0] if isinstance(value, list) and len(value) == 1 else value
        for name, value in given.items()
    }


def _check_number(command: str, takes: spec.Operands, operands: tuple[str, ...]) -> None:
    least, most, number = takes.least, takes.most, len(operands)
    if number >= least and (most is None or number <= most):
        return
    if least == most:
        wanted = f"takes {least or 'no'}"
    elif number < least:
        wanted = f"takes at least {least}"
    else:
        wanted = f"takes at most {most}"
    usage = f"docker {command} [OPTIONS] {takes.words}".rstrip()
    raise InvalidArgument(
        f"docker {command} {wanted} {'operand' if wanted.endswith(' 1') else 'operands'}, "
        f"not {number} (usage: {usage})"
    )


def _incomplete(group: str) -> InvalidArgument:
    shown = f"docker {group}".rstrip()
    return InvalidArgument(f"{shown} alone is no command; its commands: {names.members(group)}")
