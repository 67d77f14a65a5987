"""``docker context`` for real: in a folder of the test's own, never among the user's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dockcli import Docker, errors


@pytest.fixture
def mine(docker_cli: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))  # no private engine, which comes first
    return Docker(docker_cli, config=tmp_path / "config", cwd=tmp_path)


def test_contexts_from_their_making_to_their_end(mine: Docker, tmp_path: Path) -> None:
    far = {"host": "ssh://me@server"}
    assert mine.context.create("far", description="one, two", docker=far) == "far"
    with pytest.raises(errors.NameConflict):
        mine.context.create("far", docker=far)
    assert mine.context.update("far", description="three") == "far"
    one = mine.context.inspect("far")
    assert (one.description, one.host, one.skip_tls_verify) == ("three", "ssh://me@server", False)
    assert Path(one.metadata_path).is_relative_to(tmp_path / "config")

    assert mine.context.export("far", "far.tar").returncode == 0
    assert mine.context.import_("near", tmp_path / "far.tar") == "near"
    archive = mine.context.export("far", "-").stdout
    assert mine.context.import_("here", "-", stdin=archive) == "here"
    rows = {row.name: row for row in mine.context.ls()}
    assert rows.keys() == {"default", "far", "near", "here"}
    assert (rows["near"].host, rows["near"].description) == ("ssh://me@server", "three")
    assert [name for name, row in rows.items() if row.current] == ["default"]

    assert mine.context.use("near") == "near"
    assert [row.name for row in mine.context.ls() if row.current] == ["near"]
    assert mine.context.inspect().name == "near"
    with pytest.raises(errors.InUse):
        mine.context.rm("near")
    assert sorted(mine.context.rm("near", "far", "here", force=True)) == ["far", "here", "near"]


def test_the_current_context(mine: Docker) -> None:
    if "20.10" in mine.raw("--version").text:
        with pytest.raises(errors.TooOld, match=r"docker 28\.2\.2 has it"):
            mine.context.show()
    else:
        assert mine.context.show() == "default"


def test_contexts_that_are_not_there(mine: Docker) -> None:
    for call in (
        mine.call.context.inspect("none-such"),
        mine.call.context.rm("none-such"),
        mine.call.context.update("none-such", description="x"),
        mine.call.context.use("none-such"),
        mine.call.context.export("none-such", "-"),
    ):
        with pytest.raises(errors.NoSuchContext):
            call.run()
    with pytest.raises(errors.NoSuchContext) as caught:
        mine.context.inspect("none-such", "default")
    found: Any = caught.value.found
    assert [one.name for one in found] == ["default"]
