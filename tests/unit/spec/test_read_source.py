"""What the source adds to a table: on a checkout of a few lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dockcli.spec import read_source, tables

if TYPE_CHECKING:
    from pathlib import Path

_SOURCE = """
package commands

func AddCommands(cmd *cobra.Command, dockerCli command.Cli) {
	cmd.AddCommand(
		newStackCommand(dockerCli),
		newBakeCommand(dockerCli),
	)
}

func newBakeCommand(dockerCli command.Cli) *cobra.Command {
	return &cobra.Command{
		Use: "bake",
	}
}

func newStackCommand(dockerCli command.Cli) *cobra.Command {
	cmd := &cobra.Command{
		Use: "stack [OPTIONS]",
		Annotations: map[string]string{"version": "1.25"},
	}
	cmd.AddCommand(
		newDeployCommand(dockerCli),
		newDialCommand(dockerCli),
	)
	flags := cmd.PersistentFlags()
	flags.String("orchestrator", "", "Orchestrator   to use")
	flags.MarkDeprecated("orchestrator", "option will be ignored")
	return cmd
}

func newDeployCommand(dockerCli command.Cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:  "deploy [OPTIONS] STACK",
		Args: cli.ExactArgs(1),
	}
	flags := cmd.Flags()
	flags.SetInterspersed(false)
	flags.BoolVar(&options.prune, "prune", false, "Prune services")
	flags.SetAnnotation("prune", "version", []string{"1.27"})
	return cmd
}

func newDialCommand(dockerCli command.Cli) *cobra.Command {
	return &cobra.Command{
		Use:    "dial",
		Hidden: true,
		Aliases: []string{"call"},
		Annotations: map[string]string{"version": "1.9"},
	}
}
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    directory = tmp_path / "cli" / "command" / "commands"
    directory.mkdir(parents=True)
    (directory / "commands.go").write_text(_SOURCE)
    (directory / "commands_test.go").write_text("this is no Go")
    return tmp_path


@pytest.fixture
def shown() -> tables.Table:
    deploy: tables.CommandEntry = {
        "usage": "docker stack deploy [OPTIONS] STACK",
        "help": "Deploy",
        "flags": {"prune": {"type": "bool", "help": "Prune"}},
    }
    return {
        "generated": "",
        "version": "1.0.0",
        "commands": {"stack deploy": deploy, "up": {"same_as": "stack deploy"}},
    }


@pytest.fixture
def overlaid(checkout: Path, shown: tables.Table) -> tables.Table:
    return read_source.overlaid(shown, read_source.read(checkout, "1.0.0"))


def test_what_help_shows_is_kept_and_the_rest_is_marked(overlaid: tables.Table) -> None:
    assert overlaid["commands"]["up"] == {"same_as": "stack deploy"}
    assert overlaid["commands"]["stack deploy"] == {
        "usage": "docker stack deploy [OPTIONS] STACK",
        "help": "Deploy",
        "args": (1, 1),
        "interspersed": False,
        "api": "1.25",
        "flags": {
            "orchestrator": {
                "type": "string",
                "help": "Orchestrator to use",
                "hidden": True,
                "from": "source",
                "deprecated": "option will be ignored",
            },
            "prune": {"type": "bool", "help": "Prune", "api": "1.27"},
        },
    }


def test_a_hidden_command_has_its_group_s_api_if_that_is_higher(overlaid: tables.Table) -> None:
    dial = overlaid["commands"]["stack dial"]
    assert dial["usage"] == "docker stack dial"
    assert dial["aliases"] == ["docker stack dial", "docker stack call"]
    assert (dial["hidden"], dial["from"], dial["api"]) == (True, "source", "1.25")
    assert dial["args"] == (0, None)


def test_the_stub_of_a_plugin_is_no_command_of_docker(overlaid: tables.Table) -> None:
    assert "bake" not in overlaid["commands"]


def test_reading_twice_gives_the_same(checkout: Path, overlaid: tables.Table) -> None:
    assert read_source.overlaid(overlaid, read_source.read(checkout, "1.0.0")) == overlaid


def test_what_the_source_no_longer_has_goes(overlaid: tables.Table) -> None:
    commands = read_source.overlaid(overlaid, {})["commands"]
    assert commands.keys() == {"stack deploy", "up"}
    assert commands["stack deploy"]["flags"].keys() == {"prune"}


def test_what_is_hidden_does_not_count(shown: tables.Table, overlaid: tables.Table) -> None:
    assert tables.count(overlaid) == tables.count(shown) == (2, 2)


def test_what_the_source_lacks_is_told(
    checkout: Path, shown: tables.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown["commands"]["stack deploy"]["flags"]["new"] = {"type": "bool", "help": ""}
    path = checkout / "docker-1.0.0.json"
    path.write_text(tables.render(shown))
    arguments = ["--source", str(checkout), "--release", "1.0.0", "--output", str(checkout)]
    monkeypatch.setattr("sys.argv", ["read_source", *arguments])
    with pytest.raises(SystemExit, match="does not have what help shows: stack deploy --new"):
        read_source.main()
    assert json.loads(path.read_text()) == shown


def test_a_plugin_s_page_of_a_command_that_is_gone_is_left_out() -> None:
    gone: tables.CommandEntry = {"usage": "", "help": "", "flags": {}}
    table: tables.Table = {
        "generated": "",
        "version": "compose-1.0.0",
        "commands": {"compose": gone, "compose gone": gone},
    }
    assert read_source.overlaid(table, {})["commands"].keys() == {"compose"}
