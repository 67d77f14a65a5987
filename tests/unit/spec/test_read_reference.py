"""The reader of reference pages: docker's and buildx's Markdown, compose's YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dockcli.spec.read_reference import parse_markdown, parse_yaml, read

if TYPE_CHECKING:
    from pathlib import Path

MARKDOWN = r"""# buildx ls

```text
docker buildx ls [OPTIONS]
```

<!---MARKER_GEN_START-->
List builder
instances

### Aliases

`docker buildx ls`, `docker buildx list`

### Options

| Name                                   | Type          | Default | Description                |
|:---------------------------------------|:--------------|:--------|:---------------------------|
| `-D`, `--debug`                        | `bool`        |         | Enable debug logging       |
| [`-f`](#filter), [`--filter`](#filter) | `stringSlice` |         | Filter a\|b<br>by `--name` |
| [`--format`](#format)                  | `string`      | `table` | Format                     |
| `--help`                               | `bool`        |         | Print usage                |
| `--last`                               | `int64`       | `-1`    | Show last                  |
| `--weight`                             | `uint16`      | `0`     | Weight                     |


<!---MARKER_GEN_END-->

## Description

| Name     | Description |
|:---------|:------------|
| `--none` | No option   |

```text
docker buildx not the usage
```
"""

GROUP = """# compose

<!---MARKER_GEN_START-->
Manage

### Subcommands

| Name               | Description |
|:-------------------|:------------|
| [`ls`](bx_ls.md)   | List        |

<!---MARKER_GEN_END-->
"""

YAML = """\
command: docker compose up
short: Create and start
long: |-
    Builds and starts.

    usage: not this
usage: docker compose up [OPTIONS] [SERVICE...]
pname: docker compose
options:
    - option: abort
      value_type: bool
      default_value: "false"
      description: |
        Stops all. Incompatible
        with -d
      deprecated: false
      hidden: false
    - option: "yes"
      shorthand: "y"
      value_type: int64
      default_value: '[]'
      description: 'It''s all: "yes"'
      deprecated: false
      hidden: true
inherited_options:
    - option: dry-run
      value_type: string
      default_value: auto
      description: Dry run
      deprecated: false
      hidden: false
deprecated: false
hidden: true
"""

YAML_GROUP = """\
command: docker compose
short: Docker Compose
usage: |-
    docker compose [OPTIONS]
    docker compose
cname:
    - docker compose up
clink:
    - docker_compose_up.yaml
options:
    - option: file
      value_type: stringArray
      description: File
      hidden: false
"""


def test_a_markdown_page() -> None:
    entry = parse_markdown(MARKDOWN).entry
    assert entry["usage"] == "docker buildx ls [OPTIONS]"
    assert entry["help"] == "List builder instances"
    assert entry["aliases"] == ["docker buildx ls", "docker buildx list"]
    assert entry["flags"] == {
        "debug": {"type": "bool", "help": "Enable debug logging", "short": "D"},
        "filter": {"type": "strings", "help": "Filter a|b by `--name`", "short": "f"},
        "format": {"type": "string", "help": "Format", "default": "table"},
        "last": {"type": "int", "help": "Show last", "default": "-1"},
        "weight": {"type": "uint16", "help": "Weight"},
    }


def test_a_block_behind_the_options_is_no_usage() -> None:
    text = MARKDOWN.replace("```text\ndocker buildx ls [OPTIONS]\n```\n", "")
    assert parse_markdown(text).entry["usage"] == ""


def test_a_yaml_page() -> None:
    page = parse_yaml(YAML)
    assert not page.group
    assert page.entry == {
        "usage": "docker compose up [OPTIONS] [SERVICE...]",
        "help": "Create and start",
        "hidden": True,
        "flags": {
            "abort": {"type": "bool", "help": "Stops all. Incompatible with -d"},
            "yes": {"type": "int", "help": 'It\'s all: "yes"', "short": "y", "hidden": True},
            "dry-run": {"type": "string", "help": "Dry run", "default": "auto"},
        },
    }


def test_groups() -> None:
    assert parse_markdown(GROUP).group
    assert not parse_markdown(MARKDOWN).group
    group = parse_yaml(YAML_GROUP)
    assert group.group
    assert group.entry["usage"] == "docker compose [OPTIONS]\ndocker compose"


def test_a_command_with_commands_below_it_is_no_group() -> None:
    usage = "```text\ndocker buildx history inspect [OPTIONS] [REF|COMMAND]\n```\n"
    assert not parse_markdown(usage + GROUP).group


def _write(directory: Path, pages: dict[str, str]) -> None:
    directory.mkdir(parents=True)
    for name, text in pages.items():
        (directory / name).write_text(text)


def test_pages_of_docker(tmp_path: Path) -> None:
    ls = MARKDOWN.replace("docker buildx ls", "docker container ls")
    ls = ls.replace("docker buildx list", "docker ps")
    root = MARKDOWN.replace("### Aliases", "### Subcommands").replace("`table`", "`/root/x`")
    pages = {"docker.md": root, "container.md": GROUP, "container_ls.md": ls, "ps.md": ls}
    _write(tmp_path / "docs/reference/commandline", {**pages, "bake.md": ls, "index.md": "no"})
    _write(tmp_path / "cmd/docker-trust/docs/reference", {"trust_key_load.md": MARKDOWN})
    table = read(tmp_path, "29.7.2")
    assert table["version"] == "29.7.2"
    assert "reference pages of docker/cli" in table["generated"]
    assert list(table["commands"]) == ["", "container ls", "ps", "trust key load"]
    assert table["commands"]["ps"] == {"same_as": "container ls"}
    flags = table["commands"][""]["flags"]
    assert flags["version"]["short"] == "v", "the page leaves it out"
    assert flags["format"]["default"] == "~/x"


def test_pages_of_buildx(tmp_path: Path) -> None:
    root = MARKDOWN.replace("`--last` ", "`--other`").replace("### Aliases", "### Subcommands")
    debug = GROUP.replace("<!---MARKER_GEN_END", MARKDOWN[MARKDOWN.index("### Options") :])
    pages = {"buildx.md": root, "buildx_ls.md": MARKDOWN, "buildx_history.md": GROUP}
    _write(tmp_path / "docs/reference", {**pages, "buildx_debug.md": debug})
    table = read(tmp_path, "buildx-0.36.1")
    assert list(table["commands"]) == ["bake", "buildx", "buildx debug", "buildx ls"]
    assert table["commands"]["bake"] == {"same_as": "buildx bake"}
    assert "aliases" not in table["commands"]["buildx ls"]


def test_pages_of_compose(tmp_path: Path) -> None:
    pages = {"docker_compose.yaml": YAML_GROUP, "docker_compose_up.yaml": YAML}
    _write(tmp_path / "docs/reference", pages)
    table = read(tmp_path, "compose-5.5.0")
    assert list(table["commands"]) == ["compose", "compose up"]


def test_a_checkout_without_pages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no reference pages"):
        read(tmp_path, "29.7.2")
