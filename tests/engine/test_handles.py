"""Handles on a real engine: what they say without asking, and that leaving them tidies up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dockcli import Docker, errors

MANY = Callable[[str], str]

UNTIL_TOLD = ("sh", "-c", "trap exit TERM; while :; do sleep 0.1; done")


def test_a_container_that_runs_is_ended_and_removed(cli: Docker, cli_base: str) -> None:
    with cli.run(cli_base, *UNTIL_TOLD, detach=True, volume="/anonymous") as one:
        (mount,) = one.inspect().mounts
        assert one.exec("echo", "hi").text == "hi\n"
    with pytest.raises(errors.NoSuchContainer):
        one.inspect()
    with pytest.raises(errors.NoSuchVolume):
        cli.volume.inspect(mount.name)


def test_one_that_removes_itself_is_fine(cli: Docker, cli_base: str) -> None:
    for pause in ("0", "0.3"):
        with cli.run(cli_base, "sleep", pause, detach=True, rm=True) as one:
            pass
        with pytest.raises(errors.NoSuchContainer):
            one.inspect()


def test_an_exception_goes_on(cli: Docker, cli_base: str) -> None:
    with pytest.raises(LookupError, match="mine"), cli.create(cli_base, "true") as one:
        raise LookupError("mine")
    with pytest.raises(errors.NoSuchContainer):
        one.inspect()


def test_a_volume_in_use_is_told_and_hides_nothing(
    cli: Docker, cli_base: str, unique: MANY
) -> None:
    volume = cli.volume.create(unique("data"))
    with cli.create(cli_base, "true", volume=f"{volume}:/v"):
        with pytest.raises(errors.InUse), volume:
            pass
        with pytest.raises(LookupError) as caught, volume:
            raise LookupError
        assert volume.name in caught.value.__notes__[0]  # type: ignore[attr-defined]
    with volume:
        pass
    with pytest.raises(errors.NoSuchVolume):
        volume.inspect()


def test_an_image_and_what_it_is_called(cli: Docker, cli_base: str, unique: MANY) -> None:
    text = f"FROM {cli_base}\nLABEL x={unique('x')}\n"
    with cli.build("-", stdin=text, tag=unique("image")) as one:
        one.tag(unique("image"))
        assert one in {one}
        assert cli.run(one, "echo", "hi", rm=True).text == "hi\n"
    with pytest.raises(errors.NoSuchImage):
        one.inspect()


def test_an_image_keeps_the_names_that_others_gave(
    cli: Docker, cli_base: str, unique: MANY
) -> None:
    text = f"FROM {cli_base}\nLABEL x={unique('x')}\n"
    with cli.build("-", stdin=text, tag=unique("theirs")) as theirs:
        with cli.build("-", stdin=text, tag=[unique("a"), unique("b")]) as ours:
            assert ours.inspect().id == theirs.inspect().id
            assert len(ours.inspect().tags) == 3
        (left,) = theirs.inspect().tags
        assert left.endswith(f"{unique('theirs')}:latest")
        with cli.build("-", stdin=text):
            pass
        assert theirs.inspect().tags == (left,)
    with pytest.raises(errors.NoSuchImage):
        theirs.inspect()


def test_an_image_without_any_name_is_removed(cli: Docker, cli_base: str, unique: MANY) -> None:
    text = f"FROM {cli_base}\nLABEL x={unique('x')}\n"
    with cli.build("-", stdin=text) as one:
        assert not one.inspect().tags
    with pytest.raises(errors.NoSuchImage):
        one.inspect()
    with cli.create(cli_base, "true") as container:
        with container.commit() as unnamed, container.commit(unique("named")) as named:
            assert len(named.inspect().tags) == 1
        for gone in (unnamed, named):
            with pytest.raises(errors.NoSuchImage):
                gone.inspect()


def test_a_network_and_who_is_in_it(cli: Docker, cli_base: str, unique: MANY) -> None:
    with cli.network.create(unique("net")) as network:
        assert network.inspect().name == unique("net")
        with cli.run(cli_base, *UNTIL_TOLD, detach=True) as one:
            if cli.binary != "podman":
                network.connect(one)
                assert unique("net") in one.inspect().networks
                network.disconnect(one)
            assert unique("net") not in one.inspect().networks
    with pytest.raises(errors.NoSuchNetwork):
        network.inspect()
