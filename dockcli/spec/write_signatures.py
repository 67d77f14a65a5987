"""The text of `dockcli.commands.signatures`: types of verbs whose answer depends on their call."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dockcli.spec import Flag
    from dockcli.spec.tables import Command

MANY, OPTIONAL, EACH, PRINTED, SWITCHED = "many", "optional", "each", "printed", "switched"
PLAIN, ENDLESS = "plain", "endless"


class Shape(NamedTuple):
    """How the answer of a verb depends on its call.

    MANY: one name gives a model, several (and ``missing_ok=True``) a list, ``format=`` docker's
    text; OPTIONAL: so too, and no name at all gives one model. EACH: one name gives one answer,
    several a list. PRINTED: ``format=`` and ``quiet=True`` give docker's text. SWITCHED: the switch
    in *words* gives an object, without it or with ``check=False`` it is text. Where a checker sees
    only that a keyword is a bool, or may be None, the answer is the union.

    PLAIN: always the same answer. ENDLESS: as PRINTED with ``until=``, else a stream.

    With ``stream=True`` the answer is *live*, and with each switch of *follows* too; with
    ``tty=True`` it is a `Terminal`, if it *talks*. *answer* is what it is without.

    *operand* is the name of the positional, *ref* its type; a *star* before it: any number. *words*
    are further keywords with which the answer is text. *rest* are the positionals behind it.
    *made*: the answer has a handle, which is another one where the verb is awaited.
    """

    kind: str
    operand: str = ""
    ref: str = "Ref"
    star: str = ""
    words: tuple[str, ...] = ()
    rest: str = ""
    live: str = ""
    follows: tuple[str, ...] = ()
    talks: bool = False
    answer: str = "M"
    made: bool = False


LINES, PROGRESS, BYTES = "Stream[LogLine]", "Stream[Progress]", "ByteStream"

SHAPES: Mapping[str, Shape] = {
    "buildx build": Shape(SWITCHED, "context", "Word", words=("load",), made=True),
    "buildx du": Shape(PRINTED, words=("verbose",)),
    "buildx history inspect": Shape(PRINTED, "ref", "str", "*"),
    "buildx history ls": Shape(PRINTED),
    "buildx imagetools inspect": Shape(PRINTED, "name", "ImageRef", words=("raw",)),
    "buildx ls": Shape(PRINTED),
    "compose bridge transformations list": Shape(PRINTED),
    "compose config": Shape(
        PRINTED,
        "service",
        "str",
        "*",
        words=(
            *("services", "volumes", "networks", "models", "profiles", "images", "hash"),
            *("variables", "environment", "output"),
        ),
    ),
    "compose events": Shape(PRINTED, "service", "str", "*", words=("json",)),
    "compose images": Shape(PRINTED, "service", "str", "*"),
    "compose ls": Shape(PRINTED),
    "compose ps": Shape(PRINTED, "service", "str", "*", words=("services",)),
    "compose run": Shape(
        SWITCHED, "service", "str", words=("detach",), rest="*command: Word", made=True
    ),
    "compose stats": Shape(PRINTED, "service", "str", "*"),
    "compose version": Shape(PRINTED, words=("short",)),
    "compose volumes": Shape(PRINTED, "service", "str", "*"),
    "config inspect": Shape(MANY, "config"),
    "config ls": Shape(PRINTED),
    "compose logs": Shape(
        PLAIN, "service", "str", "*", live=LINES, follows=("follow",), answer="Completed"
    ),
    "container attach": Shape(
        PLAIN, "container", "ContainerRef", live=LINES, talks=True, answer="Completed"
    ),
    "container exec": Shape(
        PLAIN,
        "container",
        "ContainerRef",
        rest="*command: Word",
        live=LINES,
        talks=True,
        answer="Completed",
    ),
    "container export": Shape(PLAIN, "container", "ContainerRef", live=BYTES, answer="Completed"),
    "container inspect": Shape(MANY, "container", "ContainerRef"),
    "container logs": Shape(
        PLAIN, "container", "ContainerRef", live=LINES, follows=("follow",), answer="Completed"
    ),
    "container ls": Shape(PRINTED),
    "container run": Shape(
        SWITCHED,
        "image",
        "ImageRef",
        words=("detach",),
        rest="*command: Word",
        live=LINES,
        made=True,
    ),
    "container stats": Shape(
        PRINTED, "containers", "ContainerRef", "*", live="Stream[ContainerStats]"
    ),
    "container wait": Shape(EACH, "container", "ContainerRef"),
    "context inspect": Shape(OPTIONAL, "context"),
    "context ls": Shape(PRINTED),
    "image build": Shape(PLAIN, "context", "Word", live=PROGRESS, made=True),
    "image history": Shape(PRINTED, "image", "ImageRef"),
    "image inspect": Shape(MANY, "image", "ImageRef"),
    "image load": Shape(PLAIN, live=PROGRESS, made=True),
    "image ls": Shape(PRINTED, "repository", "ImageRef", "*"),
    "image pull": Shape(PLAIN, "image", "ImageRef", live=PROGRESS, made=True),
    "image push": Shape(PLAIN, "image", "ImageRef", live=PROGRESS),
    "image save": Shape(PLAIN, "images", "ImageRef", "*", live=BYTES, answer="Completed"),
    "inspect": Shape(MANY, "name", "AnyRef"),
    "manifest inspect": Shape(PRINTED, "manifest", "ImageRef", "*", words=("verbose",)),
    "network inspect": Shape(MANY, "network", "NetworkRef"),
    "network ls": Shape(PRINTED),
    "node inspect": Shape(MANY, "node"),
    "node ls": Shape(PRINTED),
    "node ps": Shape(PRINTED, "nodes", "Ref", "*"),
    "plugin inspect": Shape(MANY, "plugin"),
    "plugin ls": Shape(PRINTED),
    "search": Shape(PRINTED, "term", "str"),
    "secret inspect": Shape(MANY, "secret"),
    "secret ls": Shape(PRINTED),
    "service inspect": Shape(MANY, "service"),
    "service logs": Shape(
        PLAIN, "service", "Ref", live=LINES, follows=("follow",), answer="Completed"
    ),
    "service ls": Shape(PRINTED),
    "service ps": Shape(PRINTED, "services", "Ref", "*"),
    "stack ls": Shape(PRINTED),
    "stack ps": Shape(PRINTED, "stack", "Ref"),
    "stack services": Shape(PRINTED, "stack", "Ref"),
    "system events": Shape(ENDLESS, live="Stream[Event]"),
    "system info": Shape(PRINTED),
    "trust inspect": Shape(MANY, "image", "ImageRef", words=("pretty",)),
    "version": Shape(PRINTED),
    "volume inspect": Shape(MANY, "volume", "VolumeRef"),
    "volume ls": Shape(PRINTED),
}

_HEADER = '''\
# generated by dockcli/spec/write_options.py from the tables in dockcli/spec; not to be edited
"""The types of verbs whose answer depends on how they are called.

Nothing imports this module at run time: the verbs do so under TYPE_CHECKING only.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from os import PathLike
from typing import Literal, NoReturn, Protocol, TypeAlias, TypeVar, overload

from typing_extensions import Unpack

from dockcli.aio.bytestream import AsyncByteStream
from dockcli.aio.stream import AsyncStream
from dockcli.bytestream import ByteStream
from dockcli.call import Call
from dockcli.commands.coming import Coming
from dockcli.commands.group import Verb
from dockcli.completed import Completed
from dockcli.models.events import Event
from dockcli.models.line import LogLine
from dockcli.models.progress import Progress
from dockcli.models.stats import ContainerStats
'''

_FOOTER = """\
from dockcli.stream import Stream
from dockcli.terminal import Terminal
"""

_VARIABLES = """
M = TypeVar("M")
A = TypeVar("A")
One = TypeVar("One", covariant=True)
Many = TypeVar("Many", covariant=True)
Told = TypeVar("Told", covariant=True)
Live = TypeVar("Live", covariant=True)
Talk = TypeVar("Talk", covariant=True)
Lines = TypeVar("Lines", covariant=True)
"""


def signatures(commands: Mapping[str, Command], options: Mapping[str, str]) -> str:
    """The text of signatures.py; *options* has the name of each command's TypedDict."""
    shapes = {name: SHAPES[name] for name in SHAPES if name in commands}
    classes = sorted(options[name] for name in shapes)
    named = {shape.ref for shape in shapes.values() if shape.operand}
    refs = sorted(named - {"str"} | {"Moment", "Text", "Word"})
    imports = [
        "from dockcli.spec.options import (\n", *(f"    {one},\n" for one in classes), ")\n",
        f"from dockcli.spec.values import {', '.join(refs)}\n",
    ]  # fmt: skip
    written = [_verb(name, shape, commands, options[name]) for name, shape in shapes.items()]
    return "".join([_HEADER, *imports, _FOOTER, _VARIABLES, *written])


def told_apart(name: str, command: Command) -> frozenset[str]:
    """The keywords that stand in the verb's signature, not among its options."""
    shape = SHAPES.get(name)
    return frozenset() if shape is None or shape.kind == EACH else _switches(shape, command)


def _switches(shape: Shape, command: Command) -> frozenset[str]:
    switches = {"format", *shape.words, *shape.follows} | ({"tty"} if shape.talks else set())
    if shape.kind == PRINTED:
        switches.add("quiet")
    if shape.kind == ENDLESS:
        switches.add("until")
    if shape.kind == PLAIN:
        switches.discard("format")
    return frozenset(switches & command.flags.keys())


# What these are asked of has a handle, which has the same verb for itself.
OF_HANDLES = (
    *("container attach", "container exec", "container export", "container logs"),
    *("container stats", "image push", "image save"),
)


def _verb(name: str, shape: Shape, commands: Mapping[str, Command], options: str) -> str:
    stem = options.removesuffix("Options")
    answers, text = _protocol(f"_{stem}", name, shape, commands[name], options)
    calls = [f"Call[{answer}]" for answer in answers]
    coming = [_awaited(answer, made=shape.made) for answer in answers]
    faces = [f"    _{stem}[{', '.join(face)}],\n" for face in (answers, calls, coming)]
    text += f"\n\n{stem}Verb: TypeAlias = Verb[\n{''.join(faces)}]\n"
    if name not in OF_HANDLES:
        return text
    alone = shape._replace(operand="", star="")
    answers, more = _protocol(f"_{stem}Of", name, alone, commands[name], options)
    coming = [_awaited(answer, made=shape.made) for answer in answers]
    return (
        f"{text}{more}\n\n{stem}Of: TypeAlias = _{stem}Of[{', '.join(answers)}]\n"
        f"Async{stem}Of: TypeAlias = _{stem}Of[{', '.join(coming)}]\n"
    )


def _protocol(
    title: str, name: str, shape: Shape, command: Command, options: str
) -> tuple[list[str], str]:
    """What the verb answers with, and the class of its signature, named *title*."""
    kinds = {PRINTED: _printed, EACH: _each, SWITCHED: _switched, PLAIN: _plain, ENDLESS: _endless}
    ways = kinds.get(shape.kind, _many)(shape, command)
    rest = f"**options: Unpack[{options}]"
    overloads = "".join(
        f"    @overload\n    def __call__({', '.join(['self', *given, rest])}) -> {answer}: ...\n"
        for given, answer in ways
    )
    of = {"One": shape.answer, "Many": "list[M]", "Told": "Completed", "Live": shape.live}
    of |= {"Talk": "Terminal", "Lines": LINES}
    variables = [one for one in of if any(one == answer for _, answer in ways)]
    return [of[one] for one in variables], (
        f"\n\nclass {title}(Protocol[{', '.join(variables)}]):\n"
        f'    """``docker {name}``."""\n\n{overloads}'
    )


def _awaited(answer: str, *, made: bool) -> str:
    """What there is to be awaited for an *answer*."""
    if answer == "Terminal":
        return "NoReturn"
    if answer.startswith(("Stream[", "ByteStream")):
        return f"Async{answer}"
    return f"Coming[{answer.replace('M', 'A') if made and answer != 'Completed' else answer}]"


Way = tuple[list[str], str]

_LIVE, _NOT_LIVE = "stream: Literal[True]", "stream: Literal[False] | None = None"


def _behind(shape: Shape) -> list[str]:
    """The positionals, and the mark that keywords follow where there is none that says so."""
    operand = [f"{shape.star}{shape.operand}: {shape.ref}"] if shape.operand else []
    rest = [shape.rest] if shape.rest else []
    return [*operand, *rest, *([] if shape.star or shape.rest else ["*"])]


def _plain(shape: Shape, command: Command) -> list[Way]:
    behind = _behind(shape)
    talks = ["tty: Literal[False] | None = None"] if shape.talks else []
    follows = [f"{word}: Literal[False] | None = None" for word in shape.follows]
    either = [f"{word}: bool | None = None" for word in shape.follows]
    ways: list[Way] = [
        ([*behind, *follows, *talks, _NOT_LIVE], "One"),
        ([*behind, *either, *talks, _LIVE], "Live"),
    ]
    for word in shape.follows:
        ways.append(([*behind, f"{word}: Literal[True]", "stream: bool | None = None"], "Live"))
    if shape.talks:
        ways.append(([*behind, "tty: Literal[True]", _NOT_LIVE], "Talk"))
        ways.append(([*behind, "tty: bool | None", _NOT_LIVE], "One | Talk"))
    unsure = [*behind, *either, *talks, "stream: bool | None = None"]
    return [*ways, (unsure, "One | Live")]


def _endless(shape: Shape, command: Command) -> list[Way]:
    until = "until: datetime | timedelta | int | str"
    text = "format: None = None"
    return [
        (["*", "until: None = None", text, "stream: bool | None = None"], "Live"),
        (["*", until, text, _NOT_LIVE], "One"),
        (["*", "until: Moment", text, _LIVE], "Live"),
        (["*", until, "format: str", _NOT_LIVE], "Told"),
        (["*", "until: None = None", "format: str", "stream: bool | None = None"], "Lines"),
        (
            [
                "*",
                "until: Moment = None",
                "format: str | None = None",
                "stream: bool | None = None",
            ],
            "One | Told | Live | Lines",
        ),
    ]


def _printed(shape: Shape, command: Command) -> list[Way]:
    switches = _switches(shape, command)
    behind = _behind(shape)
    text = ["format: None = None"] if "format" in switches else []
    quiet = ["quiet: Literal[False] | None = None"] if "quiet" in switches else []
    own = ["format: str | None = None"] if text else []
    own += ["quiet: bool | None = None"] if quiet else []
    still = [_NOT_LIVE] if shape.live else []
    behind_still = [*behind, *still]
    model: Way = ([*behind_still, *text, *quiet], "One")
    if shape.words:
        given = sorted(switches - {"format", "quiet"})
        # An ellipsis, not None: what may be None or False does not tell which answer it is.
        asked = ["format: str = ..."] if text else []
        asked += ["quiet: Literal[True] = ..."] if quiet else []
        asked += [f"{word}: {_asked(command.flags[word])} = ..." for word in given]
        own += [f"{word}: Text | bool = None" for word in given]
        return [model, ([*behind, *asked], "Told"), ([*behind, *own], "One | Told")]
    ways: list[Way] = [model]
    if shape.live:
        ways.append(([*behind, *text, _LIVE], "Live"))
        behind = behind_still
    if text:
        ways.append(([*behind, "format: str", *own[1:]], "Told"))
    if quiet:
        ways.append(([*behind, *text, "quiet: Literal[True]"], "Told"))
    return [*ways, ([*behind, *own], "One | Told")]


def _asked(flag: Flag) -> str:
    """What a flag is given by one who is sure to want its text."""
    return "Literal[True]" if flag.type == "bool" else "str | PathLike[str]"


def _many(shape: Shape, command: Command) -> list[Way]:
    switches = _switches(shape, command)
    operand, ref = shape.operand, shape.ref
    default = ' = ""' if shape.kind == OPTIONAL else ""
    text = ["format: None = None"] if "format" in switches else []
    ours = "missing_ok: Literal[False] = False"
    several = f"*{operand}s: {ref}"
    one = [f"{operand}: {ref}{default}", "/", "*"]
    two = [f"{operand}: {ref}", f"second: {ref}", "/", f"*more: {ref}"]
    ways: list[Way] = [
        ([*one, *text, ours], "One"),
        ([*two, *text, "missing_ok: bool = False"], "Many"),
        ([several, *text, "missing_ok: Literal[True]"], "Many"),
        ([*one, *text, "missing_ok: bool"], "One | Many"),
    ]
    for word in sorted(switches):
        sure = "str" if word == "format" else "Literal[True]"
        unsure = "str | None" if word == "format" else "bool | None"
        either = f"{word}: {unsure}"
        ways.append(([several, f"{word}: {sure}"], "Told"))
        ways.append(([*one, either, ours], "One | Told"))
        ways.append(([several, either, "missing_ok: bool = False"], "One | Many | Told"))
    return ways


def _each(shape: Shape, command: Command) -> list[Way]:
    operand, ref = shape.operand, shape.ref
    return [
        ([f"{operand}: {ref}", "/"], "One"),
        ([f"{operand}: {ref}", f"second: {ref}", "/", f"*more: {ref}"], "Many"),
    ]


def _switched(shape: Shape, command: Command) -> list[Way]:
    (switch,) = shape.words
    behind = _behind(shape)
    live: list[Way] = []
    if shape.live:
        live = [
            (
                [*behind, f"{switch}: Literal[False] | None = None", _LIVE, "check: bool = True"],
                "Live",
            )
        ]
        behind.append(_NOT_LIVE)
    unsure = f"{switch}: bool | None = None"
    return [
        ([*behind, f"{switch}: Literal[True]", "check: Literal[True] = True"], "One"),
        ([*behind, f"{switch}: Literal[False] | None = None", "check: bool = True"], "Told"),
        ([*behind, unsure, "check: Literal[False]"], "Told"),
        ([*behind, unsure, "check: bool = True"], "One | Told"),
        *live,
    ]
