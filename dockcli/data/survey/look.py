"""The survey itself: each container's paths, put together from what docker told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dockcli.data.survey import layer
from dockcli.data.survey.asked import Asked, ask, changed
from dockcli.data.survey.mounted import (
    auto_removed,
    mounted,
    project,
    removed_with,
    tmpfs,
    unused,
)
from dockcli.data.survey.values import ContainerData, DataPath, Survey
from dockcli.models.fields import Fields

if TYPE_CHECKING:
    from dockcli.client import Docker
    from dockcli.models.container import ContainerInspect
    from dockcli.spec.values import ContainerRef

_RESCUED = ("dockcli-rescue/", "localhost/dockcli-rescue/")


def survey(
    client: Docker,
    *containers: ContainerRef,
    sizes: bool = True,
    seconds: float = 10.0,
    deadline: float | None = None,
) -> Survey:
    """Tell where containers keep data, and what would destroy it.

    All containers of the engine, whether they run or not, where none is named; then the volumes
    that no container has, too. Nothing is changed or started, and nothing is run in a container.

    With ``sizes=False`` the sizes of volumes, binds and whole layers are not asked for, which an
    engine with much data answers sooner. Where the engine is this machine's, and this user may read
    its folders, they are counted there, all together for *seconds* at the most; what takes longer
    has no size. *deadline* is for each docker process, in seconds.

    Raises NoSuchContainer (before anything else is asked), EngineUnreachable. Source: some nine
    docker processes however many containers there are; podman has one more for each container whose
    layer's folder may not be read here.
    """
    asked = ask(client, containers, sizes=sizes, seconds=seconds, deadline=deadline)
    layers = _layers(asked)
    return Survey(
        containers=tuple(_container(asked, one, layers[one.id]) for one in asked.chosen),
        unused=() if containers else tuple(unused(asked)),
        engine=("podman " if asked.engine.podman else "") + asked.engine.version,
        prune="anonymous" if asked.engine.keeps_named else "all",
    )


def _container(
    asked: Asked, container: ContainerInspect, names: list[layer.Name] | None
) -> ContainerData:
    paths = [_image(asked, container), *_layer(container, names), *mounted(asked, container)]
    return ContainerData(
        id=container.id,
        name=container.name,
        image=container.image,
        state=container.state.value,
        paths=tuple(paths),
        layer_size=container.size_rw,
        project=project(container),
        auto_remove=auto_removed(container),
    )


def _image(asked: Asked, container: ContainerInspect) -> DataPath:
    """The image's own content, which its next pull or build brings back."""
    image = asked.images.get(container.image_id)
    if image is None:
        note = "the image is not on the engine any more"
    elif container.image.startswith(_RESCUED):
        note = "made by a rescue of the layer before: nothing but an archive of it brings it back"
    elif not image.digests:
        note = "from no registry: only its build, or an archive of it, brings it back"
    else:
        note = ""
    size = image.size if image else None
    return DataPath("/", "image", container.image, size, read_only=True, note=note)


def _layers(asked: Asked) -> dict[str, list[layer.Name] | None]:
    """The files in the writable layer of each container, by its id; None where nobody tells."""
    found: dict[str, list[layer.Name] | None] = {}
    for one in asked.chosen:
        files = asked.disk.files(one.upper_dir)
        if files is not None:
            found[one.id] = layer.on_disk(files, _mount_points(one))
    elsewhere = [one for one in asked.chosen if one.id not in found]
    told = changed(asked, elsewhere)
    for one in elsewhere:
        answer = told[one.id]
        found[one.id] = layer.in_diff(*answer, _mount_points(one)) if answer else None
    return found


def _mount_points(container: ContainerInspect) -> frozenset[str]:
    return frozenset({mount.destination for mount in container.mounts} | set(tmpfs(container)))


def _layer(container: ContainerInspect, names: list[layer.Name] | None) -> list[DataPath]:
    lost = removed_with(container)
    if names is None:
        note = "docker does not tell what is in the writable layer"
        return [DataPath("/", "layer", size=container.size_rw, lost_by=lost, note=note)]
    held = layer.gathered(names)
    whole = container.size_rw if len(held) == 1 else None  # then all of the layer is in it
    read_only = _read_only(container)
    return [
        DataPath(
            path=one.path,
            source="layer",
            size=whole if one.size is None else one.size,
            files=one.files,
            read_only=read_only,
            lost_by=lost,
        )
        for one in held
    ]


def _read_only(container: ContainerInspect) -> bool:
    return Fields(container.raw).inner("HostConfig").flag("ReadonlyRootfs")
