"""Mounts: a bind, a volume, a tmpfs, an image."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from dockcli import argv
from dockcli.errors import InvalidArgument
from dockcli.mounts.checks import Spelled, one_of, pairs, switch, text

if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    from dockcli.mounts.checks import Pairs, Path
    from dockcli.spec.values import ImageRef, VolumeRef

    Propagation: TypeAlias = Literal["private", "rprivate", "shared", "rshared", "slave", "rslave"]
    Recursive: TypeAlias = Literal["enabled", "disabled", "writable", "readonly"]

PROPAGATIONS: tuple[Propagation, ...] = (
    "private",
    "rprivate",
    "shared",
    "rshared",
    "slave",
    "rslave",
)
_RECURSIVE = ("enabled", "disabled", "writable", "readonly")


class _Mount(Spelled):
    """What the mounts have in common: a field each for ``--mount``, and perhaps a short form."""

    __slots__ = ()

    _short_flag: ClassVar[str] = "volume"
    target: str

    def _fields(self) -> Iterator[str]:
        raise NotImplementedError  # each kind has its own

    def _short(self) -> str | None:
        """The text for the short flag; None where it cannot say this mount."""
        return None

    def __docker__(self) -> str:
        return _csv(list(self._fields()))

    def __docker_flag__(self, flag: str) -> tuple[str, str]:
        if flag == self._short_flag and (short := self._short()) is not None:
            return flag, short
        if flag not in {"mount", "mount-add", "volume", self._short_flag}:
            keyword = flag.replace("-", "_")
            raise InvalidArgument(f"{self!r} is a mount: {keyword}= takes none, mount= does")
        return flag if flag.startswith("mount") else "mount", self.__docker__()


class Bind(_Mount):
    """A folder or file of the engine's machine, seen in the container at *target*.

    The engine's machine is another one where the engine is reached over SSH or TCP: *source* is a
    path there. A relative one is taken from this process's working directory, whether it begins
    with ``./`` or not: ``Bind("data", "/x")`` is a folder, never a volume of that name.

    *propagation* says whether mounts made later on one side show on the other (docker's own choice
    is ``"rprivate"``). *recursive* (docker 25 and newer) is about what is mounted below *source*:
    ``"disabled"`` leaves it out, ``"writable"`` and ``"readonly"`` go with ``read_only=True``.

    Where *source* is missing, ``--mount`` refuses, and ``-v`` makes a folder that belongs to root.
    ``create_source=False`` is never to make it, ``True`` is to make it: in ``volume=``, or in
    ``mount=`` with docker 29.3 and newer; a strict client lets it. *selinux* (``"z"`` shared,
    ``"Z"`` private) is known to ``-v`` alone: give such a mount in ``volume=``.
    """

    __slots__ = (  # noqa: RUF023 - as __init__ has them
        "source",
        "target",
        "read_only",
        "propagation",
        "recursive",
        "create_source",
        "selinux",
    )

    source: str
    read_only: bool
    propagation: Propagation | None
    recursive: Recursive | None
    create_source: bool | None
    selinux: Literal["z", "Z"] | None

    def __init__(
        self,
        source: Path,
        target: Path,
        read_only: bool = False,
        propagation: Propagation | None = None,
        recursive: Recursive | None = None,
        create_source: bool | None = None,
        selinux: Literal["z", "Z"] | None = None,
    ) -> None:
        one_of("propagation", propagation, PROPAGATIONS)
        one_of("recursive", recursive, _RECURSIVE)
        one_of("selinux", selinux, ("z", "Z"))
        if recursive in ("writable", "readonly") and not read_only:
            raise InvalidArgument(f"recursive={recursive!r} goes with read_only=True")
        if recursive == "readonly" and propagation not in (None, "rprivate"):
            raise InvalidArgument("recursive='readonly' goes with propagation='rprivate' only")
        self._set(
            _absolute(source),
            _target(target),
            switch("read_only", read_only),
            propagation,
            recursive,
            create_source,
            selinux,
        )

    def _fields(self) -> Iterator[str]:
        if self.selinux:
            raise InvalidArgument(
                f"selinux={self.selinux!r} can be said in -v only: give the Bind in volume=, "
                "with no ':' in its paths, and neither recursive= nor create_source=False"
            )
        yield "type=bind"
        yield f"source={self.source}"
        yield f"target={self.target}"
        if self.read_only:
            yield "ro"  # podman knows no longer word where it is a volume
        # docker wants it said: it forces what is read-only down to the last mount below
        propagation = self.propagation or ("rprivate" if self.recursive == "readonly" else None)
        if propagation:
            yield f"bind-propagation={propagation}"
        if self.recursive:
            yield f"bind-recursive={self.recursive}"
        if self.create_source:
            yield "bind-create-src"

    def _short(self) -> str | None:
        longer = self.recursive is not None or self.create_source is False
        if longer or ":" in self.source or ":" in self.target:
            return None
        mode = ("ro" if self.read_only else None, self.propagation, self.selinux)
        return _colons(self.source, self.target, mode)

    def __docker_flag__(self, flag: str) -> tuple[str, str]:
        name, text = super().__docker_flag__(flag)
        if self.create_source and flag == "volume" != name:
            raise InvalidArgument(
                f"{self!r} cannot be said in -v (a ':' in a path, or recursive=), and --mount "
                "makes no missing source before docker 29.3: make the folder first, "
                "or give it in mount= where docker is that new"
            )
        return name, text


class VolumeMount(_Mount):
    """A volume, seen in the container at *target*; a new one without a name where *name* is None.

    docker makes a named volume that is not there (``Docker(strict=True)`` refuses); then, and only
    then, *driver*, *options* and *labels* count. The *options* of the driver ``local`` are those of
    ``mount``: ``{"type": "nfs", "o": "addr=10.0.0.1,rw", "device": ":/export"}``. It is mounted
    when the container starts: wrong ones are found out no sooner.

    *nocopy* leaves out what the image holds at *target*, which docker copies into an empty volume.
    *subpath* is a folder of the volume that must be there (docker 26 and newer).
    """

    __slots__ = (  # noqa: RUF023 - as __init__ has them
        "name",
        "target",
        "read_only",
        "nocopy",
        "subpath",
        "driver",
        "options",
        "labels",
    )

    name: str | None
    read_only: bool
    nocopy: bool
    subpath: str | None
    driver: str | None
    options: tuple[tuple[str, str], ...]
    labels: tuple[tuple[str, str], ...]

    def __init__(
        self,
        name: VolumeRef | None,
        target: Path,
        read_only: bool = False,
        nocopy: bool = False,
        subpath: Path | None = None,
        driver: str | None = None,
        options: Pairs = (),
        labels: Pairs = (),
    ) -> None:
        if name is None and (read_only or subpath is not None):
            raise InvalidArgument(
                "a volume without a name is new and empty: docker refuses read_only= and subpath="
            )
        self._set(
            None if name is None else argv.volume(name),
            _target(target),
            switch("read_only", read_only),
            switch("nocopy", nocopy),
            None if subpath is None else text("subpath", subpath),
            None if driver is None else text("driver", driver),
            pairs("options", options),
            pairs("labels", labels),
        )

    def _fields(self) -> Iterator[str]:
        yield "type=volume"
        if self.name is not None:
            yield f"source={self.name}"
        yield f"target={self.target}"
        if self.read_only:
            yield "ro"
        if self.nocopy:
            yield "volume-nocopy"
        if self.subpath is not None:
            yield f"volume-subpath={self.subpath}"
        if self.driver is not None:
            yield f"volume-driver={self.driver}"
        yield from (f"volume-opt={key}={value}" for key, value in self.options)
        yield from (f"volume-label={key}={value}" for key, value in self.labels)

    def _short(self) -> str | None:
        mode = ("ro" if self.read_only else None, "nocopy" if self.nocopy else None)
        if self.name is None and self.nocopy:  # `-v /x:nocopy` names a folder, seen at `nocopy`
            return None
        longer = self.subpath is not None or self.driver is not None or self.options or self.labels
        # docker reads `d:/x` as a folder of a drive of Windows
        drive = self.name is not None and len(self.name) == 1
        if longer or drive or ":" in self.target:
            return None
        return _colons(self.name, self.target, mode)


class Tmpfs(_Mount):
    """A file system in the engine's memory at *target*, gone when the container stops.

    *size* is in bytes, or a text with docker's unit (``"64m"``); without one it may take half of
    the memory. *mode* is octal: ``0o1770`` or ``"1770"``; docker's own choice is 1777.
    """

    __slots__ = ("target", "size", "mode")  # noqa: RUF023 - as __init__ has them

    _short_flag = "tmpfs"
    size: str | None
    mode: str | None

    def __init__(
        self, target: Path, size: int | str | None = None, mode: int | str | None = None
    ) -> None:
        self._set(_target(target), _size(size), _mode(mode))

    def _fields(self) -> Iterator[str]:
        yield "type=tmpfs"
        yield f"target={self.target}"
        if self.size is not None:
            yield f"tmpfs-size={self.size}"
        if self.mode is not None:
            yield f"tmpfs-mode={self.mode}"

    def _short(self) -> str | None:
        if ":" in self.target:
            return None
        size = None if self.size is None else f"size={self.size}"
        mode = None if self.mode is None else f"mode={self.mode}"
        return _colons(None, self.target, (size, mode))


class ImageMount(_Mount):
    """The files of an *image*, seen in the container at *target* (docker 28 and newer).

    *subpath* is a folder in the image.
    """

    __slots__ = ("image", "target", "subpath")  # noqa: RUF023 - as __init__ has them

    image: str
    subpath: str | None

    def __init__(self, image: ImageRef, target: Path, subpath: Path | None = None) -> None:
        self._set(
            argv.image(image),
            _target(target),
            None if subpath is None else text("subpath", subpath),
        )

    def _fields(self) -> Iterator[str]:
        yield "type=image"
        yield f"source={self.image}"
        yield f"target={self.target}"
        if self.subpath is not None:
            yield f"image-subpath={self.subpath}"


def _csv(fields: list[str]) -> str:
    """The fields of ``--mount`` in RFC 4180's quotes, as docker reads them."""
    for field in fields:
        if "\r\n" in field:  # docker's reader takes it for the end of a line: "\n"
            raise InvalidArgument(
                f"{field!r} has a CR LF in it: docker's --mount would drop the CR"
            )
    return ",".join(map(_quoted, fields))


def _quoted(field: str) -> str:
    # docker 29.3 takes the blanks off a text's end, unless they are in quotes
    if not re.search(r'[",\s]', field):
        return field
    return '"' + field.replace('"', '""') + '"'


def _colons(source: str | None, target: str, mode: tuple[str | None, ...]) -> str:
    """``SOURCE:TARGET:MODE,MODE``, without what there is not."""
    return ":".join(filter(None, (source, target, ",".join(filter(None, mode)))))


def _absolute(source: object) -> str:
    """A path of the engine's machine, as ``docker run -v ./data:/x`` finds it from here."""
    path = text("source", source)
    if path.startswith("~"):
        raise InvalidArgument(f"source={path!r}: a shell knows what ~ is, docker does not")
    return path if path.startswith("/") else os.path.abspath(path)


def _target(target: object) -> str:
    path = text("target", target)
    if not re.match(r"/|[A-Za-z]:[\\/]", path):
        raise InvalidArgument(f"target={path!r}: a path in a container begins with '/'")
    return path


def _size(size: int | str | None) -> str | None:
    if size is None:
        return None
    word = text("size", size)
    if not re.match(r"[0-9]", word):
        raise InvalidArgument(f"size={size!r}: give bytes, or a text such as '64m'")
    return word


def _mode(mode: int | str | None) -> str | None:
    if mode is None:
        return None
    if isinstance(mode, int) and not isinstance(mode, bool):
        mode = f"{mode:o}"
    if not isinstance(mode, str) or not re.fullmatch(r"0*[0-7]{1,4}", mode):
        raise InvalidArgument(f"mode= is octal, such as 0o1770 or '1770', not {mode!r}")
    return mode
