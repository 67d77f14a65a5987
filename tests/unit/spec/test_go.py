"""The reader of Go, on extracts in the forms that docker's own source has."""

from __future__ import annotations

import pytest

from dockcli.spec import go
from dockcli.spec.go import Package, Source, SourceCommand, SourceFlag

OPTS = """
package opts

type ListOpts struct {
	values *[]string
}

// Type returns a string name for this Option type
func (*ListOpts) Type() string {
	return "list"
}

type MemBytes int64

func (m *MemBytes) Type() string { return "bytes" }
"""

COMMAND = """
package command

// AddPlatformFlag adds `--platform`.
func AddPlatformFlag(flags *pflag.FlagSet, target *string) {
	flags.StringVar(target, "platform", os.Getenv("PLATFORM"), "Set platform, if (capable)")
	_ = flags.SetAnnotation("platform", "version", []string{"1.32"})
}
"""

CONTAINER = """
package container

import (
	"github.com/docker/cli/cli"
	"github.com/docker/cli/cli/command"
	"github.com/docker/cli/opts"
)

const (
	flagDNS = "dns"
)

type runOptions struct {
	dns    opts.ListOpts
	memory opts.MemBytes
}

func newContainerCommand(dockerCli command.Cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "container",
		Args:  cli.NoArgs,
		Annotations: map[string]string{"version": "1.24"},
	}
	cmd.AddCommand(
		// commonly used
		newRunCommand(dockerCli),
		hide(newPsCommand(dockerCli)),
		newListCommand(dockerCli),
		newScaleCommand(dockerCli),
	)
	flags := cmd.PersistentFlags()
	flags.String("orchestrator", "", "Orchestrator to use (swarm|all)")
	flags.MarkDeprecated("orchestrator", "option will be ignored")
	return cmd
}

func newRunCommand(dockerCli command.Cli) *cobra.Command { //nolint:gocyclo
	var options runOptions
	cmd := &cobra.Command{
		Use:   "run [OPTIONS] IMAGE [COMMAND] [ARG...]",
		Short: "Create and run a new container",
		Args:  cli.RequiresMinArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runRun(dockerCli, cmd.Flags(), &options)
		},
	}
	flags := cmd.Flags()
	flags.SetInterspersed(false)
	flags.BoolVarP(&options.detach, "detach", "d", false, "Run, print `id` (\\"short\\")")
	flags.BoolVarP(&options.quiet, "quiet", "", false, "Suppress output")
	flags.Var(&options.dns, flagDNS, "Set DNS servers")
	flags.Var(&options.dns, "dns-opt", "Set DNS options")
	flags.MarkHidden("dns-opt")
	flags.Uint64Var(&options.period, "period", 0, `Period
		in microseconds`)
	flags.Bool("help", false, "Print usage")
	command.AddPlatformFlag(flags, &options.platform)
	addFlags(flags, &options)
	return cmd
}

func addFlags(flags *pflag.FlagSet, options *runOptions) {
	flags.Var(&options.memory, "kernel-memory", "Kernel memory limit")
	flags.Lookup("kernel-memory").Hidden = true
}

func runRun(dockerCli command.Cli, flags *pflag.FlagSet, options *runOptions) error {
	if flags.Changed("detach") {
		return nil
	}
	return nil
}

func newPsCommand(dockerCli command.Cli) *cobra.Command {
	return &cobra.Command{
		Use:    "ps [OPTIONS]",
		Args:   cli.NoArgs,
		Hidden: true,
		Annotations: map[string]string{
			"version": "1.25",
		},
	}
}

func newListCommand(dockerCli command.Cli) *cobra.Command {
	cmd := *newPsCommand(dockerCli)
	cmd.Aliases = []string{"ps", "list"}
	cmd.Use = "ls [OPTIONS]"
	return &cmd
}

func newScaleCommand(dockerCli command.Cli) *cobra.Command {
	cmd := &cobra.Command{
		Use:        "scale",
		Args:       scaleArgs,
		Deprecated: "use another",
	}
	scaled := newRunCommand(dockerCli)
	scaled.Args = cobra.RangeArgs(0, 1)
	scaled.Aliases = nil
	cmd.AddCommand(scaled)
	return cmd
}

func scaleArgs(cmd *cobra.Command, args []string) error {
	return cli.RequiresMinArgs(2)(cmd, args)
}
"""


@pytest.fixture(scope="module")
def source() -> Source:
    texts = {"opts": OPTS, "cli/command": COMMAND, "cli/command/container": CONTAINER}
    return Source({name: Package([text]) for name, text in texts.items()})


@pytest.fixture(scope="module")
def group(source: Source) -> SourceCommand:
    return source.command(source.packages["cli/command/container"], "newContainerCommand")


@pytest.fixture(scope="module")
def run(group: SourceCommand) -> SourceCommand:
    return group.below[0]


def test_a_group_and_the_commands_below_it(group: SourceCommand) -> None:
    assert group.name == "container"
    assert group.api == "1.24"
    assert [command.name for command in group.below] == ["run", "ps", "ls", "scale"]


def test_what_a_command_says_of_itself(run: SourceCommand) -> None:
    assert run.usage == "run [OPTIONS] IMAGE [COMMAND] [ARG...]"
    assert run.help == "Create and run a new container"
    assert run.arity == (1, None)
    assert not run.interspersed
    assert not run.hidden


def test_every_flag_is_found_and_help_is_none(run: SourceCommand) -> None:
    names = "detach dns dns-opt kernel-memory period platform quiet"
    assert sorted(run.flags) == names.split()


def test_flags_of_one_command(run: SourceCommand) -> None:
    text = 'Run, print `id` ("short")'
    assert run.flags["detach"] == SourceFlag("bool", "d", text)
    assert run.flags["quiet"] == SourceFlag("bool", "", "Suppress output")


def test_a_constant_names_a_flag_and_a_field_its_type(run: SourceCommand) -> None:
    assert run.flags["dns"].type == "list"
    assert run.flags["period"].type == "uint"
    assert run.flags["kernel-memory"].type == "bytes"


def test_marks(run: SourceCommand, group: SourceCommand) -> None:
    assert run.flags["dns-opt"].hidden
    assert run.flags["kernel-memory"].hidden
    assert not run.flags["dns"].hidden
    orchestrator = group.flags["orchestrator"]
    assert (orchestrator.hidden, orchestrator.deprecated) == (True, "option will be ignored")
    assert group.persistent
    assert not run.persistent


def test_a_helper_of_another_package_is_followed(run: SourceCommand) -> None:
    flag = SourceFlag("string", "", "Set platform, if (capable)", api="1.32")
    assert run.flags["platform"] == flag


def test_a_hidden_command_and_a_copy_with_another_name(group: SourceCommand) -> None:
    _, ps, ls, _ = group.below
    assert ps.hidden
    assert ps.api == "1.25"
    assert ls.usage == "ls [OPTIONS]"
    assert ls.aliases == ["ps", "list"]
    assert (ls.arity, ls.api) == (ps.arity, ps.api)


def test_a_check_of_its_own_and_what_is_changed_afterwards(group: SourceCommand) -> None:
    scale = group.below[3]
    assert scale.arity == (2, None)
    assert scale.deprecated == "use another"
    assert scale.below[0].arity == (0, 1)


def test_commands_that_their_packages_register() -> None:
    text = """
func init() {
	commands.Register(newPsCommand)
	commands.RegisterLegacy(newPsCommand)
	commands.Register(func(c command.Cli) *cobra.Command {
		return newPsCommand(c)
	})
}

func NewPsCommand(dockerCli command.Cli) *cobra.Command {
	return newPsCommand(dockerCli)
}

func newPsCommand(dockerCli command.Cli) *cobra.Command {
	return &cobra.Command{
		Use: "ps",
	}
}
"""
    source = Source({"a": Package([text])})
    assert [command.name for command in source.registered()] == ["ps"] * 3
    exported = source.command(source.packages["a"], "NewPsCommand")
    assert exported.arity is None


def test_a_function_that_makes_no_command_is_refused() -> None:
    package = Package(["func f() int {\n\treturn 1\n}\n"])
    with pytest.raises(LookupError, match="makes no command"):
        Source({"a": package}).command(package, "f")


@pytest.mark.parametrize(
    ("check", "least_and_most"),
    [
        ("cli.ExactArgs(2)", (2, 2)),
        ("cli.NoArgs", (0, 0)),
        ("cli.RequiresMinArgs(1)", (1, None)),
        ("cobra.MinimumNArgs(2)", (2, None)),
        ("cli.RequiresMaxArgs(1)", (0, 1)),
        ("cobra.MaximumNArgs(1)", (0, 1)),
        ("cli.RequiresRangeArgs(1, 2)", (1, 2)),
    ],
)
def test_arity(check: str, least_and_most: go.Arity) -> None:
    text = f"func f() *cobra.Command {{\n\treturn &cobra.Command{{\n\t\tArgs: {check},\n\t}}\n}}\n"
    text = text.replace("Args:", 'Use: "x",\n\t\tArgs:')
    package = Package([text])
    assert Source({"a": package}).command(package, "f").arity == least_and_most


def test_strings_of_go() -> None:
    assert go.unquoted(r'"a \"b\""') == 'a "b"'
    assert go.unquoted("`a\n'b'`") == "a\n'b'"
