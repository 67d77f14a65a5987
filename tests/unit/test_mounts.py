"""Typed mounts and ports: what each is in each flag, and what is refused before anything runs."""

from __future__ import annotations

import csv
import ipaddress
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockcli import Bind, Docker, ImageMount, Port, Secret, Tmpfs, Volume, VolumeMount, argv
from dockcli.errors import InvalidArgument
from dockcli.models.container import ContainerInspect
from dockcli.models.image import ImageInspect
from tests.unit.fake import FakeDocker
from tests.unit.verbs import BUILDER

A = "/a"
NFS = {"type": "nfs", "o": "addr=10.0.0.1,rw", "device": ":/export"}


def word(keyword: str, value: object, command: str = "container run") -> str:
    (only,) = argv.flags(command, {keyword: [value]}).words
    return only


@pytest.mark.parametrize(
    ("mount", "text"),
    [
        (Bind(A, "/x"), "type=bind,source=/a,target=/x"),
        (Bind(A, "/x", read_only=True), "type=bind,source=/a,target=/x,ro"),
        (Bind(A, "/x", True), "type=bind,source=/a,target=/x,ro"),
        (
            Bind(A, "/x", propagation="rslave", recursive="disabled"),
            "type=bind,source=/a,target=/x,bind-propagation=rslave,bind-recursive=disabled",
        ),
        (
            Bind(A, "/x", read_only=True, recursive="readonly"),
            "type=bind,source=/a,target=/x,ro,bind-propagation=rprivate,bind-recursive=readonly",
        ),
        (
            Bind(A, "/x", read_only=True, recursive="writable"),
            "type=bind,source=/a,target=/x,ro,bind-recursive=writable",
        ),
        (Bind(A, "/x", create_source=True), "type=bind,source=/a,target=/x,bind-create-src"),
        (Bind(A, "/x", create_source=False), "type=bind,source=/a,target=/x"),
        (Bind(b"/\xc3\xa9", PurePosixPath("/x")), "type=bind,source=/é,target=/x"),
        (Bind("/a:b", "/x:y"), "type=bind,source=/a:b,target=/x:y"),
        (Bind("/a,b", "/x"), 'type=bind,"source=/a,b",target=/x'),
        (Bind('/a"b', "/x"), 'type=bind,"source=/a""b",target=/x'),
        (Bind("/a=b c", "/x "), 'type=bind,"source=/a=b c","target=/x "'),
        (Bind("/a\nb", "/x"), 'type=bind,"source=/a\nb",target=/x'),
        (Bind(A, "C:\\x"), "type=bind,source=/a,target=C:\\x"),
        (VolumeMount("data", "/x"), "type=volume,source=data,target=/x"),
        (VolumeMount(Volume("data", BUILDER), "/x"), "type=volume,source=data,target=/x"),
        (VolumeMount(None, "/x"), "type=volume,target=/x"),
        (
            VolumeMount("data", "/x", read_only=True, nocopy=True, subpath="a b/c"),
            'type=volume,source=data,target=/x,ro,volume-nocopy,"volume-subpath=a b/c"',
        ),
        (
            VolumeMount("data", "/x", driver="local", options=NFS, labels={"a": "1", "b": ""}),
            "type=volume,source=data,target=/x,volume-driver=local,volume-opt=type=nfs"
            ',"volume-opt=o=addr=10.0.0.1,rw",volume-opt=device=:/export'
            ",volume-label=a=1,volume-label=b=",
        ),
        (Tmpfs("/x"), "type=tmpfs,target=/x"),
        (Tmpfs("/x", 1 << 20, 0o1770), "type=tmpfs,target=/x,tmpfs-size=1048576,tmpfs-mode=1770"),
        (Tmpfs("/x", "64m", "0700"), "type=tmpfs,target=/x,tmpfs-size=64m,tmpfs-mode=0700"),
        (ImageMount("a/b:1", "/x"), "type=image,source=a/b:1,target=/x"),
        (ImageMount("a", "/x", "/c,d"), 'type=image,source=a,target=/x,"image-subpath=/c,d"'),
    ],
    ids=repr,
)
def test_a_mount_in_mount(mount: Any, text: str) -> None:
    assert word("mount", mount) == f"--mount={text}"
    assert word("mount", mount, "container create") == f"--mount={text}"
    assert word("mount", mount, "service create") == f"--mount={text}"
    assert word("mount_add", mount, "service update") == f"--mount-add={text}"


@pytest.mark.parametrize(
    ("mount", "text"),
    [
        (Bind(A, "/x"), "--volume=/a:/x"),
        (Bind(A, "/x", read_only=True), "--volume=/a:/x:ro"),
        (Bind(A, "/x", create_source=True), "--volume=/a:/x"),
        (
            Bind(A, "/x", read_only=True, propagation="rslave", selinux="z"),
            "--volume=/a:/x:ro,rslave,z",
        ),
        (Bind("/a,b", "/x y"), "--volume=/a,b:/x y"),
        (Bind("/a:b", "/x"), "--mount=type=bind,source=/a:b,target=/x"),
        (Bind(A, "/x:y"), "--mount=type=bind,source=/a,target=/x:y"),
        (Bind(A, "/x", create_source=False), "--mount=type=bind,source=/a,target=/x"),
        (
            Bind(A, "/x", recursive="disabled"),
            "--mount=type=bind,source=/a,target=/x,bind-recursive=disabled",
        ),
        (VolumeMount("data", "/x"), "--volume=data:/x"),
        (VolumeMount("data", "/x", True, nocopy=True), "--volume=data:/x:ro,nocopy"),
        (VolumeMount("data", "/x:y"), "--mount=type=volume,source=data,target=/x:y"),
        (VolumeMount(None, "/x"), "--volume=/x"),
        (VolumeMount(None, "/x", nocopy=True), "--mount=type=volume,target=/x,volume-nocopy"),
        (
            VolumeMount("data", "/x", driver="local"),
            "--mount=type=volume,source=data,target=/x,volume-driver=local",
        ),
        (
            VolumeMount("data", "/x", subpath="s"),
            "--mount=type=volume,source=data,target=/x,volume-subpath=s",
        ),
        (
            VolumeMount("data", "/x", labels={"a": "b"}),
            "--mount=type=volume,source=data,target=/x,volume-label=a=b",
        ),
        (
            VolumeMount("data", "/x", options={"size": 5}),
            "--mount=type=volume,source=data,target=/x,volume-opt=size=5",
        ),
        (Tmpfs("/x", "1m"), "--mount=type=tmpfs,target=/x,tmpfs-size=1m"),
        (ImageMount("a", "/x"), "--mount=type=image,source=a,target=/x"),
    ],
    ids=repr,
)
def test_a_mount_in_volume_is_the_short_form_where_that_can_say_it(mount: Any, text: str) -> None:
    assert word("volume", mount) == text


@pytest.mark.parametrize(
    ("mount", "text"),
    [
        (Tmpfs("/x"), "--tmpfs=/x"),
        (Tmpfs("/x", 65536), "--tmpfs=/x:size=65536"),
        (Tmpfs("/x", "64m", 0o1770), "--tmpfs=/x:size=64m,mode=1770"),
        (Tmpfs("/x:y", "64m"), "--mount=type=tmpfs,target=/x:y,tmpfs-size=64m"),
    ],
    ids=repr,
)
def test_a_tmpfs_in_tmpfs(mount: Tmpfs, text: str) -> None:
    assert word("tmpfs", mount) == text


def test_a_relative_source_is_a_folder_of_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for source in ("data", "./data", Path("data"), b"data", "x/../data"):
        assert Bind(source, "/x") == Bind(tmp_path / "data", "/x")
        assert word("volume", Bind(source, "/x")) == f"--volume={tmp_path}/data:/x"
    assert Bind(".", "/x").source == str(tmp_path)
    assert Bind("/a/../b", "/x").source == "/a/../b"  # a link may lead elsewhere


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: Bind("", "/x"), "source= is empty"),
        (lambda: Bind("~/data", "/x"), "a shell knows what ~ is"),
        (lambda: Bind("/a\0", "/x"), "NUL"),
        (lambda: Bind(os.fsdecode(b"/\xff"), "/x"), "not UTF-8"),
        (lambda: Bind(A, "x"), "begins with '/'"),
        (lambda: Bind(A, ""), "target= is empty"),
        (lambda: Bind(A, "/x", read_only="ro"), "read_only= is True or False"),  # type: ignore[arg-type]
        (lambda: Bind(A, "/x", propagation="slaves"), "rslave"),  # type: ignore[arg-type]
        (lambda: Bind(A, "/x", recursive="no"), "writable"),  # type: ignore[arg-type]
        (lambda: Bind(A, "/x", selinux="zz"), "z, Z"),  # type: ignore[arg-type]
        (lambda: Bind(A, "/x", recursive="writable"), "read_only=True"),
        (lambda: Bind(A, "/x", True, "shared", "readonly"), "rprivate"),
        (lambda: Bind(Secret(A), "/x"), "Secret"),  # type: ignore[arg-type]
        (lambda: VolumeMount("a/b", "/x"), "not the name of any volume"),
        (lambda: VolumeMount("", "/x"), "not the name of any volume"),
        (lambda: VolumeMount(None, "/x", read_only=True), "docker refuses read_only="),
        (lambda: VolumeMount(None, "/x", subpath="s"), "docker refuses read_only="),
        (lambda: VolumeMount("a", "/x", options={"a=b": "c"}), "has no '='"),
        (lambda: VolumeMount("a", "/x", options={"": "c"}), "is empty"),
        (lambda: VolumeMount("a", "/x", labels={"a": Secret("b")}), "Secret"),  # type: ignore[dict-item]
        (lambda: VolumeMount("a", "/x", labels={"a": "\udcff"}), "not UTF-8"),
        (lambda: VolumeMount("a", "/x", nocopy=1), "nocopy= is True or False"),  # type: ignore[arg-type]
        (lambda: VolumeMount("a", "/x", subpath=""), "subpath= is empty"),
        (lambda: Tmpfs("/x", -1), "size=-1"),
        (lambda: Tmpfs("/x", "much"), "give bytes"),
        (lambda: Tmpfs("/x", True), "size"),
        (lambda: Tmpfs("/x", mode=0o17777), "octal"),
        (lambda: Tmpfs("/x", mode="rwx"), "octal"),
        (lambda: Tmpfs("/x", mode=True), "octal"),
        (lambda: Tmpfs("/x", mode=-1), "octal"),
        (lambda: ImageMount("-a", "/x"), "not the name of any image"),
        (lambda: Port(0), "1 to 65535"),
        (lambda: Port(65536), "1 to 65535"),
        (lambda: Port("80/udp"), "1 to 65535"),
        (lambda: Port("9-8"), "1 to 65535"),
        (lambda: Port("٨٠"), "1 to 65535"),
        (lambda: Port(True), "not True"),
        (lambda: Port(80.5), "not 80.5"),  # type: ignore[arg-type]
        (lambda: Port(80, -1), "0 to 65535"),
        (lambda: Port("80-82", "90-91"), "3 ports of the container"),
        (lambda: Port("80-82", 90), "on 1 of the host"),
        (lambda: Port(80, 80, "localhost"), "no address"),
        (lambda: Port(80, 80, ""), "no address"),
        (lambda: Port(80, protocol="http"), "tcp, udp, sctp"),  # type: ignore[arg-type]
    ],
)
def test_what_docker_cannot_say_is_refused_with_the_reason(make: Any, reason: str) -> None:
    with pytest.raises(InvalidArgument, match=reason):
        make()


@pytest.mark.parametrize(
    ("keyword", "value", "reason"),
    [
        ("mount", Bind(A, "/x", selinux="z"), "give the Bind in volume="),
        ("volume", Bind("/a:b", "/x", selinux="Z"), "no ':' in its paths"),
        ("volume", Bind(A, "/x", selinux="Z", create_source=False), "create_source=False"),
        ("volume", Bind("/a:b", "/x", create_source=True), "make the folder first"),
        ("mount", Bind("/a\r\nb", "/x"), "would drop the CR"),
        ("env", Bind(A, "/x"), "env= takes none, mount= does"),
        ("tmpfs", Bind(A, "/x"), "tmpfs= takes none"),
        ("tmpfs", VolumeMount("a", "/x"), "tmpfs= takes none"),
        ("env_file", Port(80), "env_file= takes none, publish= does"),
        ("volume", Port(80), "volume= takes none"),
    ],
    ids=repr,
)
def test_a_flag_that_cannot_say_a_value_refuses_it(
    fake_docker: FakeDocker, client: Docker, keyword: str, value: object, reason: str
) -> None:
    options: dict[str, Any] = {keyword: [value]}
    with pytest.raises(InvalidArgument, match=reason):
        client.run("alpine", **options)
    assert not fake_docker.calls


def test_a_path_with_cr_lf_fits_into_the_short_form() -> None:
    assert word("volume", Bind("/a\r\nb", "/x")) == "--volume=/a\r\nb:/x"


@pytest.mark.parametrize(
    ("port", "text"),
    [
        (Port(80), "80"),
        (Port(80, 8080), "8080:80"),
        (Port(80, 0), "0:80"),
        (Port(80, 8080, "127.0.0.1"), "127.0.0.1:8080:80"),
        (Port(80, host_ip="127.0.0.1"), "127.0.0.1::80"),
        (Port(80, 8080, "::1"), "[::1]:8080:80"),
        (Port(80, 8080, ipaddress.ip_address("::1")), "[::1]:8080:80"),
        (Port(53, 53, protocol="udp"), "53:53/udp"),
        (Port("7000-7005", "8000-8005"), "8000-8005:7000-7005"),
        (Port(80, "8000-8005"), "8000-8005:80"),
        (Port("80", "8080"), "8080:80"),
        (Port("7000-7005"), "7000-7005"),
    ],
    ids=repr,
)
def test_a_port_in_publish(port: Port, text: str) -> None:
    assert word("publish", port) == f"--publish={text}"
    assert word("publish_add", port, "service update") == f"--publish-add={text}"


def test_a_port_in_expose() -> None:
    assert word("expose", Port(80, 8080, "127.0.0.1")) == "--expose=80/tcp"
    assert word("expose", Port("53-54", protocol="udp")) == "--expose=53-54/udp"


VALUES = [
    Bind("/a:b", "/x", True, "rslave", "disabled", False, "z"),
    VolumeMount("data", "/x", True, True, "s", "local", NFS, {"a": "b"}),
    Tmpfs("/x", "64m", 0o1770),
    ImageMount("a", "/x", "/s"),
    Port("80-81", "90-91", "::1", "udp"),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_they_are_values(value: Any) -> None:
    same = pickle.loads(pickle.dumps(value))
    assert same == value == value.replace()
    assert {same, value} == {value}
    assert value != Tmpfs("/other")
    name = value.__slots__[0]
    with pytest.raises(AttributeError, match="frozen"):
        setattr(value, name, "x")
    shown = eval(repr(value), {type(value).__name__: type(value)})
    assert shown == value


def test_a_repr_shows_what_was_given() -> None:
    assert repr(Bind(A, "/x", True)) == "Bind(source='/a', target='/x', read_only=True)"
    assert repr(VolumeMount(None, "/x")) == "VolumeMount(target='/x')".replace("(", "(name=None, ")


def test_they_load_nothing_that_a_call_does_not_need() -> None:
    code = (
        "import sys; from dockcli import Bind, Port; Port(80, 80); Bind('/a', '/x').__docker__();"
        "print({'dataclasses', 'csv', 'ipaddress', 'json', 'inspect'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
_PATH = st.one_of(_TEXT, st.text(":,\"= \n\r\t\\'é漢", max_size=6)).map("/".__add__)


def read(text: str) -> Mapping[str, str]:
    (row,) = csv.reader([text.removeprefix("--mount=")], strict=True)
    return dict(field.partition("=")[::2] for field in row)


@given(_PATH, _PATH)
def test_any_path_is_read_back_as_it_was(source: str, target: str) -> None:
    bind = Bind(source, target)
    if "\r\n" in source + target:
        with pytest.raises(InvalidArgument, match="CR"):
            bind.__docker__()
        return
    assert read(word("mount", bind)) == {"type": "bind", "source": source, "target": target}
    short = word("volume", bind)
    if short.startswith("--volume="):
        assert short.removeprefix("--volume=").split(":") == [source, target]
    else:
        assert ":" in source + target
        assert short == word("mount", bind)


@given(st.dictionaries(_TEXT.filter(lambda key: key and "=" not in key), _TEXT, max_size=1))
def test_any_option_of_a_driver_is_read_back_as_it_was(options: dict[str, str]) -> None:
    mount = VolumeMount("a", "/x", driver="local", options=options)
    if not any("\r\n" in part for pair in options.items() for part in pair):
        said = read(word("mount", mount))
        assert said.get("volume-opt") == next((f"{k}={v}" for k, v in options.items()), None)


# --- what an inspect told, given to the next container


def told() -> ContainerInspect:
    return ContainerInspect.parse(
        {
            "Mounts": [
                {"Type": "bind", "Source": "/a:b", "Destination": "/x", "RW": False},
                {"Type": "volume", "Name": "data", "Source": "/l", "Destination": "/y", "RW": True},
                {"Type": "tmpfs", "Destination": "/z", "RW": True},
            ],
            "NetworkSettings": {
                "Ports": {
                    "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}],
                    "53/udp": [{"HostIp": "::", "HostPort": "53"}],
                    "90/tcp": None,
                }
            },
        }
    )


def test_the_mounts_of_a_container_can_be_given_to_another() -> None:
    bind, volume, tmpfs = told().mounts
    assert word("mount", bind) == "--mount=type=bind,source=/a:b,target=/x,ro"
    assert word("volume", bind) == word("mount", bind) == f"--mount={bind.__docker__()}"
    assert word("volume", volume) == "--volume=data:/y"
    with pytest.raises(InvalidArgument, match="too little of the tmpfs at /z"):
        word("mount", tmpfs)


def test_the_ports_of_a_container_can_be_given_to_another() -> None:
    ports = {port.container_port: port for port in told().ports}
    assert word("publish", ports[80]) == "--publish=127.0.0.1:8080:80"
    assert ports[53].__docker__() == "[::]:53:53/udp"
    assert word("expose", ports[90]) == "--expose=90/tcp"
    with pytest.raises(InvalidArgument, match="is not published"):
        word("publish", ports[90])


@pytest.mark.parametrize("propagation", ["rslave", "shared", "rprivate", ""])
def test_a_bind_given_on_keeps_its_propagation(propagation: str) -> None:
    raw = {"Type": "bind", "Source": "/a", "Destination": "/x", "RW": True}
    (bind,) = ContainerInspect.parse({"Mounts": [{**raw, "Propagation": propagation}]}).mounts
    more = f",bind-propagation={propagation}" if propagation in ("rslave", "shared") else ""
    assert word("mount", bind) == f"--mount=type=bind,source=/a,target=/x{more}"


def test_a_volume_of_one_letter_is_no_drive() -> None:
    assert word("volume", VolumeMount("d", "/x")) == "--mount=type=volume,source=d,target=/x"


@pytest.mark.parametrize("image", ["sha256:ab12", "ab12"])
def test_a_container_s_image_has_the_id_that_the_image_has(image: str) -> None:
    of_image = ImageInspect.parse({"Id": image}).id
    assert ContainerInspect.parse({"Image": image}).image_id == of_image == "sha256:ab12"
