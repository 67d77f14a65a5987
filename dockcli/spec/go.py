"""What docker's Go source says of its commands: cobra's literals and pflag's calls, by their text.

No Go is run. A function that makes a command is followed by name: to the helpers that it hands its
flags to, and to the functions that make the commands below it.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Arity = tuple[int, "int | None"]

_STRING = r'"(?:[^"\\\n]|\\.)*"|`[^`]*`'
_QUOTED = re.compile(_STRING)
_FUNCTION = re.compile(
    r"^func (?:\([^)]*\) )?(\w+)\(([^{}]*?)\)[^\n{]*\{(?: //[^\n]*)?\n(.*?)^\}",
    re.MULTILINE | re.DOTALL,
)
_TYPE_METHOD = re.compile(
    r'^func \((?:\w+ )?\*?(\w+)\) Type\(\) string \{\s*return "([^"]*)"', re.MULTILINE
)
_CONSTANT = re.compile(r'^\s*(?:const |var )?(\w+)\s*=\s*("[^"\n]*")', re.MULTILINE)
_IMPORT = re.compile(r'^\s*(?:import )?(?:(\w+) )?"([\w./-]+)"$', re.MULTILINE)
_CALL = re.compile(r"\b((?:\w+\.)?\w+)\(")
_KINDS = (
    "Bool|Duration|Float64|IPNetSlice|IPSlice|IP|Int64|Int|StringArray|StringSlice|StringToString|String"
    "|Uint16|Uint32|Uint64|Uint"
)
_REGISTERED = re.compile(rf"\.(?:({_KINDS})(Var)?|Var)(P?)F?\(")
_ARITY = re.compile(
    r"\b(ExactArgs|NoArgs|RequiresMinArgs|MinimumNArgs|RequiresMaxArgs|MaximumNArgs"
    r"|RequiresRangeArgs|RangeArgs)(?:\((\d+)(?:, (\d+))?\))?"
)
# The name of the type in a help text, where it is not the function's own in small letters.
_SHOWN = {
    "Float64": "float",
    "IPNetSlice": "ipNetSlice",
    "IPSlice": "ipSlice",
    "Int64": "int",
    "StringArray": "stringArray",
    "StringSlice": "strings",
    "StringToString": "stringToString",
    "Uint64": "uint",
}


class SourceFlag(NamedTuple):
    """A flag as it is registered; *api* is the least engine API it is marked with, or ``""``."""

    type: str
    short: str
    help: str
    api: str = ""
    hidden: bool = False
    deprecated: str = ""


class SourceCommand(NamedTuple):
    """A command with those below it; *arity* is None where cobra is told none."""

    usage: str
    help: str
    aliases: list[str]
    arity: Arity | None
    interspersed: bool
    api: str
    hidden: bool
    deprecated: str
    flags: dict[str, SourceFlag]
    persistent: bool
    below: list[SourceCommand]

    @property
    def name(self) -> str:
        """Its last word: ``ls``."""
        return self.usage.split()[0]


class _Function(NamedTuple):
    parameters: str
    body: str


class Package:
    """The Go files of one directory."""

    def __init__(self, texts: list[str]) -> None:
        self.text: str = "\n".join(texts)
        self.functions: dict[str, _Function] = {
            name: _Function(parameters, body)
            for name, parameters, body in _FUNCTION.findall(self.text)
        }
        self.constants: dict[str, str] = dict(_CONSTANT.findall(self.text))
        self.imports: dict[str, str] = {
            alias or path.rpartition("/")[2]: path for alias, path in _IMPORT.findall(self.text)
        }


class Source:
    """The Go packages of one checkout."""

    def __init__(self, packages: dict[str, Package]) -> None:
        self.packages = packages

    @classmethod
    def of(cls, checkout: Path) -> Source:
        """All packages of *checkout*, but tests and what it copies from others."""
        texts: dict[str, list[str]] = {}
        for path in sorted(checkout.rglob("*.go")):
            directory = path.parent.relative_to(checkout)
            if "vendor" not in directory.parts and not path.name.endswith("_test.go"):
                texts.setdefault(directory.as_posix(), []).append(path.read_text("utf-8"))
        return cls({name: Package(files) for name, files in texts.items()})

    @cached_property
    def _types(self) -> dict[str, str]:
        """What a help text calls each Go type that is a flag's value."""
        return {
            name: shown
            for package in self.packages.values()
            for name, shown in _TYPE_METHOD.findall(package.text)
        }

    def command(self, package: Package, name: str) -> SourceCommand:
        """The command that the function *name* makes.

        Raises LookupError where that function makes none.
        """
        body = package.functions[name].body
        if "cobra.Command{" in body:
            made = self._literal(package, body)
        else:
            made = self._copied(package, body)
        if use := re.search(rf"\.Use = ({_STRING})", body):
            made = made._replace(usage=unquoted(use[1]))
        if aliases := re.search(r"\.Aliases = \[\]string\{(.*?)\}", body):
            made = made._replace(aliases=_strings(aliases[1]))
        return made

    def _copied(self, package: Package, body: str) -> SourceCommand:
        """A command that is another one's copy, with another name (``rmi`` and ``image rm``)."""
        copied = re.search(r"(?:cmd :=|return) \*?(\w+)\(", body)
        if copied is None or copied[1] not in package.functions:
            raise LookupError("this function makes no command")
        return self.command(package, copied[1])

    def _literal(self, package: Package, body: str) -> SourceCommand:
        start = body.index("cobra.Command{") + len("cobra.Command{")
        literal = body[start : _end(body, start)]
        api = re.search(r'"version":\s*"([\d.]+)"', literal)
        aliases = re.search(r"^\s*Aliases:\s*\[\]string\{(.*?)\}", literal, re.MULTILINE)
        return SourceCommand(
            usage=_field(literal, "Use"),
            help=_field(literal, "Short"),
            aliases=_strings(aliases[1]) if aliases else [],
            arity=self._arity(package, literal),
            interspersed="SetInterspersed(false)" not in body,
            api=api[1] if api else "",
            hidden=re.search(r"^\s*Hidden:\s*true", literal, re.MULTILINE) is not None,
            deprecated=_field(literal, "Deprecated"),
            flags=self.flags(package, body),
            persistent="flags := cmd.PersistentFlags()" in body,
            below=list(self._below(package, body)),
        )

    def _arity(self, package: Package, literal: str) -> Arity | None:
        declared = re.search(r"^\s*Args:\s*(.*)", literal, re.MULTILINE)
        if declared is None:
            return None
        own = package.functions.get(declared[1].rstrip(","))
        match = _ARITY.search(own.body if own else declared[1])
        return arity(match) if match else None

    def _below(self, package: Package, body: str) -> Iterator[SourceCommand]:
        for match in re.finditer(r"\.AddCommand\(", body):
            for argument in _arguments(body, match.end()):
                variable = argument.strip()
                if made := re.search(rf"^\s*{re.escape(variable)} := (\w.*)", body, re.MULTILINE):
                    yield _changed(self._called(package, made[1]), variable, body)
                else:
                    yield self._called(package, argument)

    def _called(self, package: Package, expression: str) -> SourceCommand:
        """The command of ``image.NewBuildCommand(dockerCli)``, bare or in ``hide(…)``."""
        name, _, _ = re.sub(r"^(?:\s|//.*\n)*(?:hide\()?", "", expression).partition("(")
        owner, _, function = name.rpartition(".")
        return self.command(self._package(package, owner) if owner else package, function)

    def _package(self, package: Package, alias: str) -> Package:
        path = package.imports[alias]
        names = [name for name in self.packages if path.endswith(f"/{name}")]
        if not names:
            raise LookupError(f"{path} is not in this checkout")
        return self.packages[max(names, key=len)]

    def registered(self) -> list[SourceCommand]:
        """The top commands that docker's packages register, as docker does since release 29."""
        return [
            self._called(package, re.sub(r"^func\(.*?return ", "", call, flags=re.DOTALL))
            for package in self.packages.values()
            for match in re.finditer(r"\bcommands\.Register(?:Legacy)?\(", package.text)
            for call in _arguments(package.text, match.end())
        ]

    def below(self, directory: str, function: str) -> list[SourceCommand]:
        """The commands that *function* of the package in *directory* adds."""
        package = self.packages[directory]
        return list(self._below(package, package.functions[function].body))

    def flags(
        self, package: Package, body: str, seen: frozenset[str] = frozenset()
    ) -> dict[str, SourceFlag]:
        """The flags that *body* registers, itself or by the helpers that it hands its flags to."""
        flags: dict[str, SourceFlag] = {}
        for name in dict.fromkeys(_CALL.findall(body)):
            if name not in seen and (helper := self._helper(package, name)):
                owner, function = helper
                flags |= self.flags(owner, function.body, seen | {name})
        for match in _REGISTERED.finditer(body):
            flags |= self._registered(package, match, _arguments(body, match.end()))
        flags.pop("help", None)
        return _marked(flags, package, body)

    def _helper(self, package: Package, name: str) -> tuple[Package, _Function] | None:
        alias, _, bare = name.rpartition(".")
        owner = package
        if alias in package.imports:
            try:
                owner = self._package(package, alias)
            except LookupError:
                return None
        function = owner.functions.get(bare)
        return (owner, function) if function and "FlagSet" in function.parameters else None

    def _registered(
        self, package: Package, match: re.Match[str], arguments: list[str]
    ) -> dict[str, SourceFlag]:
        kind, into_variable, short = match.groups()
        place = 0 if kind and not into_variable else 1
        if len(arguments) < place + 2 + bool(short):
            return {}
        name = value_of(arguments[place], package)
        if name is None:
            return {}
        type_ = _SHOWN.get(kind, kind.lower()) if kind else self._value_type(package, arguments[0])
        letter = value_of(arguments[place + 1], package) if short else ""
        return {name: SourceFlag(type_, letter or "", value_of(arguments[-1], package) or "")}

    def _value_type(self, package: Package, expression: str) -> str:
        """The type of ``&options.filter``, by the field's declaration, or of a ``NewListOpts(…)``.

        ``string`` where neither tells.
        """
        if made := re.search(r"\b[Nn]ew(?:Named)?(\w+?)(?:Ref)?\(", expression):
            declared = [made[1], made[1][0].lower() + made[1][1:]]
        elif literal := re.match(r"\s*&(\w+)\{", expression):
            declared = [literal[1]]
        else:
            field = re.escape(expression.strip().rpartition(".")[2].strip("&"))
            pattern = rf"^\s*(?:var )?{field}\s+\*?(?:\w+\.)?(\w+)"
            declared = re.findall(pattern, package.text, re.MULTILINE)
        return next((self._types[name] for name in declared if name in self._types), "string")


def _changed(command: SourceCommand, variable: str, body: str) -> SourceCommand:
    """*command* with what *body* sets on the *variable* that holds it."""
    if declared := re.search(rf"\b{variable}\.Args = \w+\.(.*)", body):
        match = _ARITY.match(declared[1])
        command = command._replace(arity=arity(match) if match else None)
    if re.search(rf"\b{variable}\.Aliases = nil", body):
        command = command._replace(aliases=[])
    return command


def _marked(flags: dict[str, SourceFlag], package: Package, body: str) -> dict[str, SourceFlag]:
    """*flags* with the marks that *body* puts on them: hidden, deprecated, least API."""
    for match in re.finditer(r"\.(MarkHidden|MarkDeprecated|SetAnnotation|Lookup)\(", body):
        name, *rest = (value_of(part, package) for part in _arguments(body, match.end()))
        flag = flags.get(name or "")
        if name is None or flag is None:
            continue
        if match[1] == "MarkDeprecated":
            flags[name] = flag._replace(hidden=True, deprecated=rest[0] or "")
        elif match[1] == "SetAnnotation":
            if rest[0] == "version":
                flags[name] = flag._replace(api=rest[1] or "")
        elif match[1] == "MarkHidden" or re.match(r"[^)]*\)\.Hidden = true", body[match.end() :]):
            flags[name] = flag._replace(hidden=True)
    return flags


def arity(match: re.Match[str]) -> Arity:
    """The least and the greatest number of operands that one of cobra's checks lets through."""
    check, first, second = match.groups()
    least = int(first or 0)
    if check in {"ExactArgs", "NoArgs"}:
        return least, least
    if check.startswith(("RequiresMin", "Minimum")):
        return least, None
    return (0, least) if second is None else (least, int(second))


def value_of(expression: str, package: Package) -> str | None:
    """A string of Go: a literal, the first of a list, or a constant of *package*; else None."""
    expression = expression.strip()
    if quoted := _QUOTED.match(expression.removeprefix("[]string{")):
        return unquoted(quoted[0])
    constant = package.constants.get(expression)
    return None if constant is None else unquoted(constant)


def unquoted(literal: str) -> str:
    """The text of a Go string literal."""
    return literal[1:-1] if literal.startswith("`") else str(json.loads(literal))


def _strings(text: str) -> list[str]:
    return [unquoted(literal) for literal in _QUOTED.findall(text)]


def _field(literal: str, name: str) -> str:
    found = re.search(rf"^\s*{name}:\s*({_STRING})", literal, re.MULTILINE)
    return unquoted(found[1]) if found else ""


_TOKEN = re.compile(rf"{_STRING}|//[^\n]*|[(\[{{]|[)\]}}]|,|'(?:\\.|[^'])'")


def _arguments(text: str, start: int) -> list[str]:
    """The arguments of the call whose bracket opens before *start*."""
    arguments: list[str] = []
    depth, begin = 0, start
    for token in _TOKEN.finditer(text, start):
        if token[0] in "([{":
            depth += 1
        elif token[0] in ")]}":
            depth -= 1
        if depth < 0 or (token[0] == "," and depth == 0):
            arguments.append(text[begin : token.start()])
            begin = token.end()
        if depth < 0:
            break
    return [argument for argument in arguments if argument.strip()]


def _end(text: str, start: int) -> int:
    """Where the bracket that opens before *start* is closed."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += (token[0] in "([{") - (token[0] in ")]}")
        if depth < 0:
            return token.start()
    raise ValueError("a bracket is never closed")
