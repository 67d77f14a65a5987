"""The reader of ``--help`` texts, on the layouts of docker before and since release 23."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from dockcli.spec import tables
from dockcli.spec.read_help import NO_ENGINE, parse, read, read_podman, read_version

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    WriteScript = Callable[[str], str]

NEW = """\
Usage:  docker images [OPTIONS] [REPOSITORY[:TAG]]

List images

Aliases:
  docker image ls, docker image list, docker images

Options:
  -a, --all                   Show all images (default hides intermediate images)
      --digests               Show digests
  -f, --filter filter         Filter output
      --format string         Format output using a custom template:
                              'table':            Print output in table format
                              with column headers (default)
      --help                  Print usage
      --replicas-max uint     Number of tasks (default equal to
                              --replicas)
      --max-concurrent uint   Number of tasks to run at once, as
                              --replicas
      --bare string
      --weight uint16         Relative weight, or 0 to disable (default 0)
      --pull string           Pull image before running ("always",
                              "missing") (default
                              "missing")
      --annotation map        Add an annotation (default map[])
"""

OLD = """\

Usage:  docker stack deploy [OPTIONS] STACK

Deploy a new stack or update an existing stack

Aliases:
  deploy, up

Options:
  -c, --compose-file strings   Path to a Compose file, or "-" to read
                               from stdin
      --prune                  Prune services
"""

GROUPS = """\
Usage:  docker [OPTIONS] COMMAND

A self-sufficient runtime for containers

Common Commands:
  run         Create and run a new container from an image

Management Commands:
  buildx*     Docker Buildx
  volume      Manage volumes

Commands:
  attach      Attach local standard streams

Global Options:
  -D, --debug              Enable debug mode

Run 'docker COMMAND --help' for more information on a command.

For more help, see:
  join-us     This is no command
"""

TWO_FORMS = """\
Usage:  docker container cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-
\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH

Copy files/folders between a container
and the local filesystem

Use '-' as the source to read a tar archive from stdin.
"""


def test_usage_and_summary() -> None:
    text = parse(NEW)
    assert text.usage == "docker images [OPTIONS] [REPOSITORY[:TAG]]"
    assert text.summary == "List images"


def test_a_command_with_two_forms_keeps_both() -> None:
    text = parse(TWO_FORMS)
    assert text.usage.splitlines() == [
        "docker container cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-",
        "docker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
    ]
    assert text.summary == "Copy files/folders between a container and the local filesystem"
    assert text.flags == {}


def test_aliases_in_both_layouts() -> None:
    assert parse(NEW).aliases == ["docker image ls", "docker image list", "docker images"]
    assert parse(OLD).aliases == ["deploy", "up"]


def test_every_flag_but_help_and_nothing_from_wrapped_lines() -> None:
    names = "all digests filter format replicas-max max-concurrent bare weight pull annotation"
    assert list(parse(NEW).flags) == names.split()


def test_types_and_a_switch_without_one() -> None:
    flags = parse(NEW).flags
    assert flags["digests"] == {"type": "bool", "help": "Show digests"}
    assert flags["filter"]["type"] == "filter"
    assert flags["weight"]["type"] == "uint16"
    assert flags["bare"] == {"type": "string", "help": ""}


def test_short_forms() -> None:
    flags = parse(NEW).flags
    assert flags["all"]["short"] == "a"
    assert "short" not in flags["digests"]


def test_wrapped_help_is_joined_with_single_spaces() -> None:
    flags = parse(NEW).flags
    assert flags["max-concurrent"]["help"] == "Number of tasks to run at once, as --replicas"
    assert parse(OLD).flags["compose-file"]["help"] == (
        'Path to a Compose file, or "-" to read from stdin'
    )


def test_defaults_and_what_only_reads_like_one() -> None:
    flags = parse(NEW).flags
    assert flags["weight"]["default"] == "0"
    assert flags["weight"]["help"] == "Relative weight, or 0 to disable"
    assert flags["pull"]["default"] == "missing"
    assert flags["annotation"]["default"] == "map[]"
    for prose in ("all", "format", "replicas-max"):
        assert "default" not in flags[prose]
        assert "(default" in flags[prose]["help"]


def test_global_options_and_subcommands_without_plugins() -> None:
    text = parse(GROUPS)
    assert text.flags == {"debug": {"type": "bool", "help": "Enable debug mode", "short": "D"}}
    assert text.subcommands == ["run", "volume", "attach"]


def test_an_options_section_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="not the line of a flag"):
        parse("Usage:  docker x\n\nDo x\n\nOptions:\n  +debug   Enable debug mode\n")


@pytest.fixture
def script(tmp_path: Path) -> WriteScript:
    """Writes a shell script that stands in for docker."""

    def write(body: str) -> str:
        path = tmp_path / "docker"
        path.write_text(f"#!/bin/sh\n{body}")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return write


def test_version_without_what_a_distribution_adds(script: WriteScript) -> None:
    docker = script("echo 'Docker version 20.10.24+dfsg1, build 297e128'")
    assert read_version(docker) == "20.10.24"


def test_an_unknown_version_line_is_refused(script: WriteScript) -> None:
    with pytest.raises(ValueError, match="names no version"):
        read_version(script("echo 'podman'"))


# Answers as docker does: the version; the list of commands; the environment, as the one flag.
_OLD_DOCKER = r"""
if [ "$1" = --version ]; then echo "Docker version 20.10.24+dfsg1"; exit; fi
case "$*" in
  --help) printf 'Usage:  docker COMMAND\n\nRun\n\nCommands:\n'
    printf '  build   Build\n  image   Images\n  images  List\n  inspect  Look\n'
    exit;;
  "image --help") printf 'Usage:  docker image COMMAND\n\nImages\n\nCommands:\n'
    printf '  build   Build\n  inspect  Look at images\n  ls      List\n'
    exit;;
esac
summary=$1; options=
case "$*" in
  *build*) summary=Build; options="      --${BUILDER:-$DOCKER_BUILDKIT}x string   $DOCKER_HOST";;
  *images*) summary=List;;
  "image ls"*) summary=List; options=; aliases='Aliases:\n  ls, list\n\n';;
  *) options="      --config string   Config (default \"$DOCKER_CONFIG/ca.pem\")";;
esac
[ "$options" ] && options="Options:\n$options\n"
printf "Usage:  docker\n\n$summary\n\n$aliases$options"
"""


def test_both_builders_are_read_without_engine(script: WriteScript) -> None:
    flags = read(script(_OLD_DOCKER))["commands"]["image build"]["flags"]
    assert {name: flag["help"] for name, flag in flags.items()} == {
        "0x": NO_ENGINE,
        "1x": NO_ENGINE,
    }


@pytest.mark.parametrize(
    "plugin",
    [
        r"printf 'Usage:  docker buildx build\n\nBuild\n\nOptions:\n      --load   Load\n'; exit",
        "echo 'the buildx component is missing' >&2; exit 1",
    ],
    ids=["installed", "missing"],
)
def test_a_builder_that_is_a_plugin_is_left_out(script: WriteScript, plugin: str) -> None:
    buildkit = f'case "$*$DOCKER_BUILDKIT" in *build*1) {plugin};; esac\n'
    flags = read(script(buildkit + _OLD_DOCKER))["commands"]["image build"]["flags"]
    assert list(flags) == ["0x"]


def test_old_docker_shorthands_are_found_by_help_and_flags(script: WriteScript) -> None:
    commands = read(script(_OLD_DOCKER))["commands"]
    assert commands["build"] == {"same_as": "image build"}
    assert commands["images"] == {"same_as": "image ls"}
    assert "flags" in commands["inspect"]
    assert commands["image ls"]["aliases"] == ["docker image ls", "docker image list"]


def test_groups_are_no_commands(script: WriteScript) -> None:
    assert "image" not in read(script(_OLD_DOCKER))["commands"]


def test_the_directory_of_the_reading_is_not_written_down(script: WriteScript) -> None:
    flag = read(script(_OLD_DOCKER))["commands"]["inspect"]["flags"]["config"]
    assert flag["default"] == "~/.docker/ca.pem"


def test_a_table_is_rendered_one_flag_a_line_and_says_generated(script: WriteScript) -> None:
    lines = tables.render(read(script(_OLD_DOCKER))).splitlines()
    assert "generated" in lines[0]
    assert f'  "0x": {{"type": "string", "help": "{NO_ENGINE}"}},' in lines


# Answers as podman does: for a command that it does not know, with the help of the group.
_PODMAN = r"""
if [ "$1" = --version ]; then echo "podman version 4.3.1"; exit; fi
case "$*" in *--gone*) echo "Error: unknown flag: --gone" >&2; exit 125;; esac
usage="podman [options] [command]"; options="      --root string   Root"
case "$*" in
  *"volume create"*) usage="podman volume create [options] [NAME]"
    options="      --driver string        Driver (default \"local\")
  -o, --opt DEVICE:OPTIONS   Options, to be
                             continued
                             ";;
esac
printf 'Do it\n\nDescription:\n  It does.\n\nUsage:\n  %s\n\nOptions:\n%s\n' "$usage" "$options"
"""


def test_what_podman_has_more_or_less(script: WriteScript) -> None:
    switch: tables.FlagEntry = {"type": "bool", "help": ""}
    create: tables.CommandEntry = {
        "usage": "",
        "help": "",
        "flags": {"driver": switch, "gone": switch, "silent": switch},
    }
    bare: tables.CommandEntry = {"usage": "", "help": "", "flags": {}}
    docker: tables.Table = {
        "generated": "",
        "version": "28.2.2",
        "commands": {"": bare, "volume create": create, "volume update": bare},
    }
    table = read_podman(script(_PODMAN), [docker])
    assert table["version"] == "podman-4.3.1"
    assert table["lacks"] == ["volume update"]
    assert table["commands"] == {
        "": {"lacks": [], "flags": {"root": {"type": "string", "help": "Root"}}},
        "volume create": {
            "lacks": ["gone"],
            "flags": {"opt": {"type": "string", "help": "Options, to be continued", "short": "o"}},
        },
    }
