"""docker's own plugins, where they are installed and where they are not."""

from __future__ import annotations

import pytest

from dockcli import Docker
from dockcli.errors import PluginMissing


@pytest.mark.parametrize("plugin", ["buildx", "compose"])
def test_a_plugin_tells_its_version_or_how_to_install_it(docker_cli: str, plugin: str) -> None:
    docker = Docker(docker_cli)
    group = getattr(docker, plugin)
    if docker.raw(plugin, "version", check=False).returncode == 0:
        assert group.version().version
        return
    with pytest.raises(PluginMissing, match=f"apt-get install docker-{plugin}-plugin"):
        group.ls()
    flags = {"builder": "x"} if plugin == "buildx" else {"project_name": "x"}
    with pytest.raises(PluginMissing):
        group(**flags).version()  # docker would say: unknown flag
