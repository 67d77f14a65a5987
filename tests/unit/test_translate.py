"""Both ways: a docker command line as a call and as Python, and the same line again."""

from __future__ import annotations

import ast
import itertools
import json
import os
import pty
import shlex
import shutil
import socketserver
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dockcli
from dockcli import Docker, Volume, docker, spec, translate
from dockcli.call import Call, Start
from dockcli.errors import InvalidArgument, UnknownFlag
from dockcli.secret import Secret
from dockcli.translation import python
from dockcli.translation.meaning import EXACT
from dockcli.translation.shell import split
from tests.unit.fake import FakeDocker

PAGES = Path(__file__).parent / "reference_lines.txt"


def pages(*, refused: bool = False) -> list[str]:
    """The lines of docker's reference pages that it takes, or those that it refuses."""
    lines = [line for line in PAGES.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    return [line.removeprefix("! ") for line in lines if line.startswith("!") == refused]


class Builder:
    """The tree that Python's text is evaluated on: it builds, where `docker` would run."""

    def __init__(self, client: Docker) -> None:
        self._client = client

    def raw(self, *words: str, stdin: str | None = None) -> Call[Any]:
        return self._client.call.raw(*words, stdin=stdin)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client.call, name)


def called(text: str) -> Call[Any]:
    """What a Python call builds."""
    names = {
        "docker": Builder(docker),
        "Docker": lambda *binary, **given: Builder(Docker(*binary, **given)),
    }
    call: Call[Any] = eval(text, {"__builtins__": {}, **names})
    return call


def evaluated(text: str) -> tuple[str, ...]:
    """The command line of a Python call."""
    return called(text).argv


def goes_there_and_back(words: str | list[str]) -> tuple[str, ...]:
    """The command line of *words*, once the same comes of itself and of its Python."""
    argv = translate(words).argv
    assert translate(argv).argv == argv, words
    again = evaluated(python(words))
    # a verb may add how its answer is read, and has its own order of flags
    assert not Counter(argv) - Counter(again), (words, again)
    return argv


def test_the_examples_of_the_documentation() -> None:
    line = "docker run -itd -v /a:/b --name x alpine"
    text = (
        'docker.container.run("alpine", interactive=True, tty=True, detach=True,'
        ' volume="/a:/b", name="x")'
    )
    words = (
        *("docker", "container", "run", "--interactive", "--tty", "--detach", "--volume=/a:/b"),
        *("--name=x", "alpine"),
    )
    assert python(line) == python(line.split()) == python(line.removeprefix("docker ")) == text
    assert translate(line).argv == translate(line.split()).argv == words == evaluated(text)
    assert "--memory=300M" in translate("docker run -m 300M alpine").argv
    assert "--health-interval=1m30s" in translate("run --health-interval 1m30s alpine").argv
    assert (
        "--mount=type=bind,src=/a,dst=/b"
        in translate("run --mount type=bind,src=/a,dst=/b alpine").argv
    )


@pytest.mark.parametrize(
    ("line", "argv"),
    [
        ("ps", "docker container ls"),
        ("container list", "docker container ls"),
        ("images", "docker image ls"),
        ("rmi a b", "docker image rm a b"),
        ("volume list", "docker volume ls"),
        ("stack up -c a.yml web", "docker stack deploy --compose-file=a.yml web"),
        ("run -p80:80 alpine", "docker container run --publish=80:80 alpine"),
        ("run -p=80:80 alpine", "docker container run --publish=80:80 alpine"),
        ("run -e=x alpine", "docker container run --env=x alpine"),
        ("run -e= alpine", "docker container run --env== alpine"),
        ("run -e '' alpine", "docker container run --env= alpine"),
        ("run --env= alpine", "docker container run --env= alpine"),
        ("run --env a=b=c alpine", "docker container run --env=a=b=c alpine"),
        ("run --label -- alpine", "docker container run --label=-- alpine"),
        ("run -itv/a:/b x", "docker container run --interactive --tty --volume=/a:/b x"),
        ("run -i=false alpine", "docker container run --interactive=false alpine"),
        ("run -ti=0 alpine", "docker container run --tty --interactive=false alpine"),
        ("run --rm=TRUE alpine", "docker container run --rm alpine"),
        ("run --rm false", "docker container run --rm false"),
        ("run --rm --rm=f alpine", "docker container run --rm=false alpine"),
        ("run alpine --rm -x", "docker container run alpine --rm -x"),
        ("run alpine -- x", "docker container run alpine -- x"),
        ("run -- alpine --rm", "docker container run alpine --rm"),
        ("exec web ls -l", "docker container exec web ls -l"),
        ("top web -ef", "docker container top web -ef"),
        ("rm a --force b", "docker container rm --force a b"),
        ("rm a -- --force", "docker container rm -- a --force"),
        ("build -", "docker image build -- -"),
        ("-- ps", "docker container ls"),
        (
            "run -e A=1 --name a --env B=2 --name b alpine",
            "docker container run --env=A=1 --env=B=2 --name=a --name=b alpine",
        ),
        ("run --net host alpine", "docker container run --net=host alpine"),
        ("--context foo ps", "docker --context=foo container ls"),
        ("-cfoo --config=/c ps", "docker --context=foo --config=/c container ls"),
        ("-D -l debug ps", "docker --debug --log-level=debug container ls"),
        ("-H a --config b --config c ps", "docker --host=a --config=b --config=c container ls"),
        ("-H a -c b ps", "docker --host=a --context=b container ls"),
        ("compose -f a.yml up -d", "docker compose --file=a.yml up --detach"),
        ("buildx --builder b build .", "docker buildx --builder=b build ."),
        ("buildx debug --on=error build .", "docker buildx debug --on=error build ."),
        ("buildx history inspect a", "docker buildx history inspect a"),
        ("--version", "docker --version"),
        ("-v", "docker --version"),
        ("--help", "docker --help"),
        ("-h", "docker --help"),
        ("help", "docker help"),
        ("help run", "docker help run"),
        ("run --help", "docker container run --help"),
        ("rm -h x", "docker container rm --help x"),
        ("container --help", "docker container --help"),
        ("compose -f a.yml --help", "docker compose --file=a.yml --help"),
    ],
)
def test_a_line_is_read_as_docker_reads_it(line: str, argv: str) -> None:
    assert shlex.join(goes_there_and_back(line)) == argv


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("ps -a", "docker.container.ls(all=True)"),
        ("-c foo ps", 'Docker(context="foo").container.ls()'),
        ("-H tcp://a:1 volume ls -q", 'Docker(host="tcp://a:1").volume.ls(quiet=True)'),
        ("-D ps", 'docker.raw("--debug", "container", "ls")'),
        (
            "--config a --config b ps",
            'docker.raw("--config=a", "--config=b", "container", "ls")',
        ),
        ("rm --help", 'docker.raw("container", "rm", "--help")'),
        ("run %no", 'docker.raw("container", "run", "%no")'),
        ("compose -f a.yml up -d", 'docker.compose(file="a.yml").up(detach=True)'),
        ("buildx build .", 'docker.buildx.build(".")'),
        (
            "buildx --builder b debug --on=error build .",
            'docker.buildx(builder="b").debug(on="error").build(".")',
        ),
        ("import a.tar", 'docker.image.import_("a.tar")'),
        ("run -e A -e B=1 x", 'docker.container.run("x", env=["A", "B=1"])'),
        ("run -i=false x", 'docker.container.run("x", interactive=False)'),
        (
            """run x echo "it's" 'a "b"' "it's \\"c\\"" '\\' """,
            r"""docker.container.run("x", "echo", "it's", "a \"b\"", "it's \"c\"", "\\")""",
        ),
        ("run x 'a\nb'", r'docker.container.run("x", "a\nb")'),
        ("run \\\n  x \\\n  ls", 'docker.container.run("x", "ls")'),
    ],
)
def test_the_python_of_a_line(line: str, text: str) -> None:
    assert python(line) == text
    goes_there_and_back(line)


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ("contaner rm x", InvalidArgument, "no command 'contaner rm'; did you mean 'container rm'"),
        ("rnu alpine", InvalidArgument, "no command 'rnu'; did you mean 'run'"),
        ("container lss", InvalidArgument, "no command 'container lss'; did you mean"),
        ("qqqq", InvalidArgument, "no command 'qqqq'$"),
        ("help qqqq", InvalidArgument, "no command 'qqqq'$"),
        ("container", InvalidArgument, "docker container alone .* commands: attach, commit"),
        ("compose", InvalidArgument, "docker compose alone .* commands: .*up"),
        ("", InvalidArgument, "docker alone .* commands: .*volume"),
        ("-D", InvalidArgument, "docker alone is no command"),
        ("run --nmae x alpine", UnknownFlag, "docker container run has no flag --nmae.*--name"),
        ("run -itZ alpine", UnknownFlag, r"has no flag -Z \(in -itZ\)"),
        ("run -i= alpine", UnknownFlag, r"has no flag -= \(in -i=\)"),
        ("run --=x alpine", UnknownFlag, "has no flag --"),
        ("ps --context foo", UnknownFlag, "docker container ls has no flag --context"),
        ("container -D ls", UnknownFlag, "docker container has no flag -D"),
        ("compose up -f a.yml", UnknownFlag, "docker compose up has no flag -f"),
        ("--all ps", UnknownFlag, "docker has no flag --all"),
        ("run --name", InvalidArgument, r"docker container run: --name needs a value \(string\)"),
        ("run -itv", InvalidArgument, "-itv needs a value"),
        ("ps -a=maybe", InvalidArgument, "-a=maybe takes true or false, not 'maybe'"),
        ("ps --all=", InvalidArgument, "takes true or false, not ''"),
        ("rm", InvalidArgument, r"takes at least 1 operand, not 0 \(usage: docker container rm "),
        ("ps x", InvalidArgument, r"takes no operands, not 1 \(usage: docker container ls "),
        ("tag a", InvalidArgument, "takes 2 operands, not 1"),
        ("volume create a b", InvalidArgument, "takes at most 1 operand, not 2"),
        ("run 'alpine", InvalidArgument, "no line for a shell: No closing quotation"),
        ("run a\0b", InvalidArgument, "NUL"),
    ],
)
def test_what_docker_would_not_take_is_refused(
    line: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said) as raised:
        translate(line)
    assert type(raised.value) is error


@pytest.mark.parametrize(
    ("line", "said"),
    [
        *[(f"docker ps {operator} x", operator) for operator in
          (";", "&", "&&", "|", "||", "|&", "<", ">", ">>", "2>", "2>&1", "&>", "<<", "<<<", "(")],
        *[(f"docker ps{operator}x", operator) for operator in (";", "&", "|", ">", ">>", "<")],
        ("docker ps;", ";"),
        ("docker ps 2>&1", "2>&1"),
        ("docker ps >&2", ">&2"),
        ("docker run x2>y", ">"),
        ("docker run <IMAGE>", "<"),
        ("docker run x <(ls)", "<("),
    ],
)  # fmt: skip
def test_what_is_the_shells_is_refused_by_its_name(line: str, said: str) -> None:
    with pytest.raises(InvalidArgument) as raised:
        translate(line)
    assert f"takes one docker command: {said} is the shell's" in str(raised.value)


def test_a_second_line_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="a new line begins another"):
        translate("docker ps\ndocker images")
    assert translate("\n docker ps # all\n# of them\n\n").argv == ("docker", "container", "ls")


@pytest.mark.parametrize(
    ("line", "words", "substituted"),
    [
        ("ps # all; of them", ["ps"], ()),
        ("ps #", ["ps"], ()),
        ("run a#b '#' \\#", ["run", "a#b", "#", "#"], ()),
        ("-v $(pwd):/x", ["-v", "$(pwd):/x"], ("$(pwd)",)),
        ("a$(b 'c)' \"d) $(e)\")f g", ["a$(b 'c)' \"d) $(e)\")f", "g"],
         ("$(b 'c)' \"d) $(e)\")",)),
        ("$(( (1 + 2) * 3 )) x", ["$(( (1 + 2) * 3 ))", "x"], ("$(( (1 + 2) * 3 ))",)),
        ("`a b`c", ["`a b`c"], ("`a b`",)),
        ("${A:-b c} $A$1 $? $", ["${A:-b c}", "$A$1", "$?", "$"], ("${A:-b c}", "$A", "$1", "$?")),
        ('"x $A $(b "c") y"', ['x $A $(b "c") y'], ("$A", '$(b "c")')),
        ("'$A' \\$A \"\\$A\" '`'", ["$A", "$A", "$A", "`"], ()),
        ("$'a\\' b' c", ["$'a\\' b'", "c"], ("$'a\\' b'",)),
        ("~/x a~ ~", ["~/x", "a~", "~"], ("~",)),
        ("a\\\nb \"c\\\nd\" \\\n e", ["ab", "cd", "e"], ()),
        ("a ';&|<>()' \";&|<>()\" \\;", ["a", ";&|<>()", ";&|<>()", ";"], ()),
        ("'' \"\" x", ["", "", "x"], ()),
    ],
)  # fmt: skip
def test_a_text_is_read_as_a_shell_reads_it(
    line: str, words: list[str], substituted: tuple[str, ...]
) -> None:
    assert split(line) == (words, substituted)


@settings(deadline=None)
@given(st.lists(st.one_of(st.text(), st.text(";&|<>()#$`~\\\"' {}\n\t=a", max_size=12))))
def test_a_quoted_text_is_its_words(words: list[str]) -> None:
    assert split(shlex.join(words)) == (words, ())


@pytest.mark.parametrize(
    "line", ["a $(b", "a ${b", "a `b", 'a "$(b"', "a $'b", "a '", 'a "', "a\\"]
)
def test_what_is_not_closed_is_refused(line: str) -> None:
    with pytest.raises(InvalidArgument, match="is no line for a shell: No "):
        translate(line)


def test_words_are_what_they_are() -> None:
    words = ["docker", "run", "x", ";", "&&", "$(pwd)", "#", "2>&1", "a\nb"]
    assert goes_there_and_back(words)[-6:] == tuple(words[-6:])


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("sudo docker ps", "Docker(sudo=True).container.ls()"),
        ("sudo -n docker ps", "Docker(sudo=True).container.ls()"),
        (
            "DOCKER_BUILDKIT=1 docker build .",
            'Docker(env={"DOCKER_BUILDKIT": "1"}).image.build(".")',
        ),
        (
            "A='1 \"2\"' sudo B= docker -c foo ps",
            r'Docker(sudo=True, env={"A": "1 \"2\"", "B": ""}, context="foo").container.ls()',
        ),
        ("/usr/bin/docker ps", 'Docker("/usr/bin/docker").container.ls()'),
        ("sudo /opt/podman-4 ps", 'Docker("/opt/podman-4", sudo=True).container.ls()'),
        ("podman ps --external", 'Docker("podman").container.ls(external=True)'),
        ("podman run --pod x y", 'Docker("podman").container.run("y", pod="x")'),
        ("sudo docker -D ps", 'Docker(sudo=True).raw("--debug", "container", "ls")'),
    ],
)
def test_what_stands_before_docker_is_the_clients(line: str, text: str) -> None:
    assert python(line) == python(shlex.split(line)) == text
    call = translate(line)
    assert call.argv[1:] == goes_there_and_back(line)[1:]
    assert (call.client.sudo, call.client.binary) == ("sudo" in line, call.argv[0])
    assert call.client.env == called(text).client.env


@pytest.mark.parametrize("line", ["sudo ps", "A=1 build .", "sudo", "A=1", "sudo -u me docker ps"])
def test_only_docker_stands_behind_what_is_the_clients(line: str) -> None:
    with pytest.raises(InvalidArgument, match="stands before docker or podman here, not before"):
        translate(line)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("system prune -a -f", "docker.system.prune(all=True, force=True)"),
        ("volume prune -a -f", "docker.volume.prune(all=True, force=True)"),
        ("builder prune -a -f", "docker.builder.prune(all=True, force=True)"),
        ("network prune --filter a -f", 'docker.network.prune(filter="a", force=True)'),
        ("buildx prune -a -f", "docker.buildx.prune(all=True, force=True)"),
        ("buildx rm --all-inactive --force", "docker.buildx.rm(all_inactive=True, force=True)"),
        ("compose rm -s -f", "docker.compose.rm(stop=True, force=True)"),
        ("search --limit 3 --no-trunc x", 'docker.search("x", limit="3", no_trunc=True)'),
    ],
)
def test_the_order_of_flags_is_the_verbs(line: str, text: str) -> None:
    assert python(line) == text
    goes_there_and_back(line)


@pytest.mark.parametrize(
    ("line", "remark"),
    [
        ("ps --filter name=web", 'only "web"; docker lists longer names too'),
        ("ps -f name=a -f name=b", 'only "a", "b"; docker lists longer names too'),
        *[(f"{group} ls --filter name=x", 'only "x"; docker lists longer names too')
          for group in ("volume", "network", "compose", "service", "node")],
        ("ps -f name=^web", ""),
        ("ps -f name='w b\n'", ""),
        ("ps -q -f name=web", ""),
        ("ps --format x -f name=web", ""),
        ("ps -f label=web", ""),
        ("context ls --format x", ""),
    ],
)  # fmt: skip
def test_a_list_that_is_shorter_than_dockers_says_so(line: str, remark: str) -> None:
    text = python(line)
    assert text.partition("  # ")[2] == remark
    ast.parse(text, mode="eval")
    goes_there_and_back(line)


def test_the_verbs_that_match_names_exactly_are_those_that_say_so() -> None:
    exact = set()
    for command in spec.commands():
        if command.endswith(" ls") and "filter" in spec.flags(command):
            found: Any = docker.call
            for name in command.split():
                found = getattr(found, name)
            if found(filter="name=x").parse.__qualname__.startswith("exactly_named"):
                exact.add(command)
    assert exact == EXACT


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("login -u a -p s3cret", 'docker.login(username="a", password="s3cret")'),
        ("login -p x -ps3cret r.io", 'docker.login("r.io", password="s3cret")'),
        (
            "-D login -u a --password=s3cret",
            'docker.raw("--debug", "login", "--username=a", "--password-stdin", stdin="s3cret")',
        ),
    ],
)
def test_a_password_is_for_dockers_stdin(line: str, text: str) -> None:
    call = translate(line)
    assert python(line) == text
    assert "s3cret" not in repr(call) + repr(call.argv)
    assert "--password-stdin" in goes_there_and_back(line)
    assert isinstance(call.stdin, Secret)
    assert call.stdin.reveal() == "s3cret"
    assert called(text).argv == call.argv


def test_a_password_is_given_once() -> None:
    with pytest.raises(InvalidArgument, match="exclude each other"):
        translate("login -p s3cret --password-stdin")
    assert "s3cret" not in str(translate("login -p s3cret --help"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("run --pod x y", "docker container run has no flag --pod"),
        ("ps --external", "docker container ls has no flag --external"),
        ("--conmon x ps", "docker has no flag --conmon"),
        ("--contxt x ps", "did you mean --context"),
    ],
)
def test_what_only_podman_has_is_unknown_to_docker(line: str, said: str) -> None:
    with pytest.raises(UnknownFlag, match=said) as raised:
        translate(line)
    assert "--connection" not in str(raised.value)


def test_a_keyword_that_only_podman_has_is_not_the_nearest() -> None:
    with pytest.raises(UnknownFlag) as raised:
        docker.call.container.ls(externa=True)  # type: ignore[call-overload]
    assert "external" not in str(raised.value)


def test_words_are_texts() -> None:
    with pytest.raises(InvalidArgument, match="not of 1"):
        translate(["docker", "rm", 1])  # type: ignore[list-item]


def test_the_call_is_the_verbs_own_where_it_adds_nothing() -> None:
    call = translate("run -d --name=web --rm alpine")
    assert call == docker.call.container.run("alpine", detach=True, name="web", rm=True)
    assert call.start == Start("web", rm=True)
    assert call.client is docker


def test_the_answer_of_a_line_is_typed_where_its_verb_adds_nothing(
    client: Docker, fake_docker: FakeDocker
) -> None:
    fake_docker.will(("write", 1, b"data\n"))
    volume = translate("volume create data").replace(client=client).run()
    assert isinstance(volume, Volume)
    assert volume.name == "data"
    assert translate("docker ps").replace(client=client).run().stdout == b"data\n"
    assert fake_docker.calls[-1].words == ["container", "ls"]


def test_the_module_does_not_take_the_place_of_the_function() -> None:
    import dockcli.translation

    assert dockcli.translate is dockcli.translation.translate


def test_the_lines_of_the_reference_pages_go_there_and_back() -> None:
    lines = pages()
    assert len(lines) > 850
    for line in lines:
        words = shlex.split(line)
        assert goes_there_and_back(line) == goes_there_and_back(words)


def test_the_lines_that_docker_refuses_are_refused() -> None:
    assert pages(refused=True)
    for line in pages(refused=True):
        with pytest.raises(InvalidArgument):
            translate(line)


def operands_of(command: str) -> list[str]:
    return ["x"] * spec.operands(command).least


def by_stdin(command: str, flag: spec.Flag) -> bool:
    """Whether a flag's value is taken off the command line."""
    return (command, flag.name) == ("login", "password")


def test_every_command_goes_there_and_back_with_all_of_its_flags() -> None:
    flags = 0
    for command in spec.commands():
        known = [flag for flag in spec.flags(command).values() if not by_stdin(command, flag)]
        typed = [f"--{flag.name}" if flag.is_bool else f"--{flag.name}=1" for flag in known]
        binary = "podman" if any(flag.is_podmans for flag in known) else "docker"
        words = [binary, *command.split(), *typed, *operands_of(command)]
        assert goes_there_and_back(words) == tuple(words)
        flags += len(typed)
    assert flags > 1109


def test_every_short_flag_is_its_long_one() -> None:
    for command in spec.commands():
        operands = operands_of(command)
        for flag in filter(lambda flag: flag.short, spec.flags(command).values()):
            if by_stdin(command, flag):
                continue
            words = ["podman" if flag.is_podmans else "docker", *command.split()]
            long = f"--{flag.name}" if flag.is_bool else f"--{flag.name}=v"
            short = f"-{flag.short}" if flag.is_bool else f"-{flag.short}v"
            assert translate([*words, short, *operands]).argv == (*words, long, *operands)


def test_every_other_name_is_the_command() -> None:
    for name, command in spec.other_names().items():
        operands = operands_of(command)
        argv = translate(["docker", *name.split(), *operands]).argv
        assert argv == ("docker", *command.split(), *operands)


VALUES = st.one_of(
    st.sampled_from(["", "-", "--", "=", "=x", "-x", "--rm", "a b", "'\"\\", "é한", "a=b", "\n"]),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6),
)


@st.composite
def lines(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """A line as somebody may type it, and the same in docker's long form."""
    command = draw(st.sampled_from(sorted(spec.commands())))
    takes = spec.operands(command)
    known = [flag for flag in spec.flags(command).values() if not by_stdin(command, flag)]
    known.sort(key=lambda flag: flag.name)
    chosen = draw(st.lists(st.sampled_from(known), unique=True, max_size=5)) if known else []
    typed: list[str] = []
    long: list[str] = []
    joined = ""
    for flag in chosen:
        if flag.is_bool:
            on = draw(st.booleans())
            long.append(f"--{flag.name}" if on else f"--{flag.name}=false")
            if on and flag.short and draw(st.booleans()):
                joined += flag.short
                continue
            typed += [f"-{joined}"] if joined else []
            typed.append(f"--{flag.name}" if on else f"--{flag.name}=F")
        else:
            value = draw(VALUES)
            long.append(f"--{flag.name}={value}")
            short = bool(flag.short and draw(st.booleans()))
            typed += [f"-{joined}"] if joined and not short else []
            if not short:
                two = draw(st.booleans())
                typed += [f"--{flag.name}", value] if two else [f"--{flag.name}={value}"]
            elif value and draw(st.booleans()):
                equals = "=" if value.startswith("=") or draw(st.booleans()) else ""
                typed.append(f"-{joined}{flag.short}{equals}{value}")
            else:
                typed += [f"-{joined}{flag.short}", value]
        joined = ""
    typed += [f"-{joined}"] if joined else []
    most = takes.least + 3 if takes.most is None else takes.most
    operands = draw(st.lists(VALUES, min_size=takes.least, max_size=most))
    mine = operands if takes.interspersed else operands[:1]
    terminator = ["--"] if any(word.startswith("-") for word in mine) else []
    others = sorted(name for name, of in spec.other_names().items() if of == command)
    spelled = draw(st.sampled_from([command, *others]))
    binary = "podman" if any(flag.is_podmans for flag in chosen) else "docker"
    return (
        [binary, *spelled.split(), *typed, *terminator, *operands],
        [binary, *command.split(), *long, *terminator, *operands],
    )


@settings(deadline=None, max_examples=300)
@given(lines())
def test_any_line_goes_there_and_back(line: tuple[list[str], list[str]]) -> None:
    typed, long = line
    assert goes_there_and_back(typed) == tuple(long)
    assert goes_there_and_back(shlex.join(typed)) == tuple(long)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(VALUES, st.sampled_from(["docker", "run", "-it", "compose", "ps"]))))
def test_any_words_are_translated_or_refused(words: list[str]) -> None:
    with suppress(InvalidArgument):
        goes_there_and_back(words)


def dockcli_translate(*words: str) -> subprocess.CompletedProcess[str]:
    """The command, in a pipe."""
    house = Path(dockcli.__file__).parents[1]
    return subprocess.run(
        [sys.executable, "-m", "dockcli.cli", "translate", *words],
        env={**os.environ, "PYTHONPATH": str(house), "FORCE_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "words",
    [
        ("docker run -it --name x alpine ls -l --help",),
        ("run -it --name x alpine ls -l --help",),
        ("docker", "run", "-it", "--name", "x", "alpine", "ls", "-l", "--help"),
        ("run", "-it", "--name", "x", "alpine", "ls", "-l", "--help"),
    ],
)
def test_the_command_prints_the_python(words: tuple[str, ...]) -> None:
    done = dockcli_translate(*words)
    text = (
        'docker.container.run("alpine", "ls", "-l", "--help",'
        ' interactive=True, tty=True, name="x")\n'
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, text, "")


def test_the_command_leaves_docker_its_flags() -> None:
    assert dockcli_translate("--context", "foo", "ps").stdout == (
        'Docker(context="foo").container.ls()\n'
    )
    assert dockcli_translate("docker", "run", "--help").stdout == (
        'docker.raw("container", "run", "--help")\n'
    )
    assert dockcli_translate("docker", "rm", "--", "-x").stdout == (
        'docker.raw("container", "rm", "--", "-x")\n'
    )


def test_the_command_tells_what_a_shell_would_have_put_in() -> None:
    line = "docker run -v $(pwd):/x --user=$(id -u):$(id -g) -w '$X' a"
    done = dockcli_translate(line)
    text = 'docker.container.run("a", volume="$(pwd):/x", user="$(id -u):$(id -g)", workdir="$X")\n'
    note = "a shell would have put something in the place of $(pwd), $(id -u), $(id -g)\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, text, note)
    assert dockcli_translate("docker", "run", "a", "$X").stderr == ""


@pytest.mark.parametrize(
    ("redirected", "stdout", "said", "code"),
    [
        (">&-", "", "dockcli: [Errno 9] stdout is closed: there is nowhere to print to\n", 1),
        (">&- 2>&-", "", "", 1),
        ("2>&-", "docker.container.ls()\n", "", 0),
        (">/dev/full", "", "dockcli: [Errno 28] No space left on device\n", 1),
        (">/dev/full 2>/dev/full", "", "", 1),
    ],
)
def test_the_command_has_no_traceback_where_it_cannot_print(
    redirected: str, stdout: str, said: str, code: int
) -> None:
    command = f"{shlex.quote(sys.executable)} -m dockcli.cli translate docker ps {redirected}"
    house = Path(dockcli.__file__).parents[1]
    done = subprocess.run(
        command, shell=True, env={**os.environ, "PYTHONPATH": str(house)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (code, stdout, said)


@pytest.mark.parametrize(
    "line", ["contaner rm x", "run --nmae x a", "rm", "container", "rm 'x", "ps | x"]
)
def test_the_command_says_in_one_line_what_is_wrong(line: str) -> None:
    done = dockcli_translate(f"docker {line}")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("dockcli: ")
    assert "\x1b" not in done.stderr


def test_the_command_wants_a_line() -> None:
    assert dockcli_translate().returncode == 2
    assert dockcli_translate("--help").stdout.startswith("Usage: ")


class Engine(socketserver.ThreadingUnixStreamServer):
    """An engine that writes down what it is asked, and refuses it."""

    daemon_threads = True

    def __init__(self, path: Path) -> None:
        self.asked: list[tuple[str, object]] = []
        super().__init__(str(path), _Asked)


class _Asked(BaseHTTPRequestHandler):
    server: Engine

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        ping = self.path.endswith("/_ping")
        if not ping:
            self.server.asked.append(
                (f"{self.command} {self.path}", _in_order(json.loads(body or "null")))
            )
        answer = b"OK" if ping else b'{"message": "written down"}'
        self.send_response(200 if ping else 500)
        self.send_header("API-Version", "1.41")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_POST = do_HEAD = answer

    def address_string(self) -> str:
        return ""

    def log_message(self, format: str, *args: object) -> None:
        pass


def _in_order(value: object) -> object:
    """*value* with its lists sorted: docker goes through maps in no certain order."""
    if isinstance(value, dict):
        return {key: _in_order(member) for key, member in value.items()}
    return sorted(map(_in_order, value), key=repr) if isinstance(value, list) else value


@contextmanager
def engine_at(path: Path) -> Iterator[Engine]:
    with Engine(path) as engine:
        thread = threading.Thread(target=engine.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield engine
        finally:
            engine.shutdown()
            thread.join()


@pytest.mark.skipif(shutil.which("docker") is None, reason="no docker command")
def test_docker_asks_the_engine_for_the_same(tmp_path: Path) -> None:
    """The real command, with the line as it was typed and as it was translated."""
    socket = Path("/tmp") / f"dockcli-{os.getpid()}.sock"  # tmp_path is too long
    master, slave = pty.openpty()
    environment = {**os.environ, "DOCKER_HOST": f"unix://{socket}", "DOCKER_CONFIG": str(tmp_path)}
    started = ("docker run", "docker create", "docker container create")
    made = ("docker volume create", "docker network create")
    chosen = [line for line in pages() if line.startswith(started)][::6]
    chosen += [line for line in pages() if line.startswith(made)][::2]
    sent = 0
    try:
        with engine_at(socket) as engine:

            def asked(words: list[str]) -> tuple[int, list[tuple[str, object]]]:
                engine.asked.clear()
                done = subprocess.run(
                    words, env=environment, cwd=tmp_path, stdin=slave, capture_output=True
                )
                return done.returncode, list(engine.asked)

            for line in chosen:
                typed, translated = asked(shlex.split(line)), asked(list(translate(line).argv))
                assert typed == translated, line
                sent += bool(typed[1])
    finally:
        os.close(master)
        os.close(slave)
        socket.unlink(missing_ok=True)
    assert sent > len(chosen) // 2


@pytest.mark.skipif(shutil.which("docker") is None, reason="no docker command")
def test_docker_refuses_what_is_refused(tmp_path: Path) -> None:
    environment = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/nothing"}
    for line in itertools.chain(pages(refused=True), ["docker run -i= x", "docker ps -a=maybe"]):
        done = subprocess.run(
            shlex.split(line), env=environment, capture_output=True, text=True, cwd=tmp_path
        )
        assert done.returncode, line
        assert "annot connect" not in done.stderr, line
