"""An engine of a test's own: containers, volumes and images as data, answered as docker does."""

from __future__ import annotations

import json
import os
from typing import Any

from dockcli import Completed, Docker
from dockcli.runner import Job

IMAGE = "sha256:" + "1" * 64
ANONYMOUS = "com.docker.volume.anonymous"


def id_of(number: int) -> str:
    return f"{number:064x}"


class World:
    """A runner; *jobs* are the words of each process that it was asked to run."""

    def __init__(self, api: str = "1.50", version: str = "28.2.2", dial: bool = True) -> None:
        self.api, self.version, self.dial = api, version, dial
        self.jobs: list[list[str]] = []
        self.containers: dict[str, dict[str, Any]] = {}
        self.volumes: dict[str, dict[str, Any]] = {}
        self.changes: dict[str, list[tuple[str, str]]] = {}
        self.sizes: dict[str, int] = {}
        self.events: list[dict[str, Any]] = []
        self.image: dict[str, Any] = {"Id": IMAGE, "RepoTags": ["app:1"], "Size": 100}
        self.client = Docker(runner=self)

    def container(self, name: str, **more: Any) -> str:
        id = id_of(len(self.containers) + 1)
        host = {"Binds": more.pop("binds", []), "AutoRemove": more.pop("rm", False)}
        host |= more.pop("host", {})
        raw = {
            "Id": id,
            "Name": f"/{name}",
            "Image": IMAGE,
            "State": {"Status": more.pop("state", "running")},
            "Created": f"2026-01-01T00:00:{len(self.containers):02}Z",
            "Config": {"Image": "app:1", "Labels": more.pop("labels", {})},
            "HostConfig": host,
            "Mounts": more.pop("mounts", []),
            "GraphDriver": {"Data": None},
            "SizeRw": more.pop("size", 0),
        }
        self.changes[id] = more.pop("changes", [])
        assert not more
        self.containers[id] = raw
        return id

    def volume(self, name: str, size: int | None = None, **more: Any) -> None:
        raw = {"Name": name, "Driver": "local", "Mountpoint": f"/v/{name}/_data", **more}
        self.volumes[name] = raw
        if size is not None:
            self.sizes[name] = size

    def run(self, job: Job) -> Completed:
        words = list(job.argv[1:])
        self.jobs.append(words)
        code, said = self._answer(words, job.stdin)
        errors = b"" if code == 0 else b"Error: No such container: gone\n"
        return Completed(job.argv, code, said.encode(), errors, 0.0)

    def _answer(self, words: list[str], stdin: Any) -> tuple[int, str]:
        command = " ".join([word for word in words if not word.startswith("-")][:2])
        if command == "version":
            return 0, json.dumps(
                {"Client": {"ApiVersion": self.api}, "Server": {"Version": self.version}}
            )
        if command == "system info":
            return 0, json.dumps({"Name": "elsewhere", "ServerVersion": self.version})
        if command == "container ls":
            return 0, "".join(f"{id}\n" for id in self.containers)
        if command == "container inspect":
            return self._inspect(words, self.containers)
        if command == "volume ls":
            return 0, "".join(f"{name}\n" for name in self.volumes)
        if command == "volume inspect":
            return self._inspect(words, self.volumes)
        if command == "image inspect":
            return 0, json.dumps([self.image])
        if command == "system dial-stdio":
            return (0, self._dialled(stdin)) if self.dial else (1, "")
        if command == "system df":
            rows = [{"Name": n, "Size": f"{s / 1000:.4g}kB"} for n, s in self.sizes.items()]
            return 0, json.dumps({"Volumes": rows})
        if command == "system events":
            return 0, "".join(f"{json.dumps(one)}\n" for one in self.events)
        if command == "container diff":
            lines = self.changes[words[-1]]
            return 0, "".join(f"{kind} {path}\n" for kind, path in lines)
        raise AssertionError(f"the world has no {words}")

    def _inspect(self, words: list[str], there: dict[str, dict[str, Any]]) -> tuple[int, str]:
        names = words[words.index("--") + 1 :] if "--" in words else words[2:]
        names = [name for name in names if not name.startswith("-")]
        by_name = {one["Name"].lstrip("/"): one for one in there.values()} | there
        found = [by_name[name] for name in names if name in by_name]
        return (0 if len(found) == len(names) else 1), json.dumps(found)

    def _dialled(self, stdin: bytes) -> str:
        said = ""
        kinds = {"C": 0, "A": 1, "D": 2}
        for line in stdin.decode().split("\r\n"):
            if not line.startswith("GET "):
                continue
            path = line.split()[1]
            body: Any = {"message": "OK"}
            if path.endswith("/changes"):
                rows = self.changes[path.split("/")[2]]
                body = [{"Path": path, "Kind": kinds[kind]} for kind, path in rows] or None
            elif path.startswith("/system/df"):
                body = {
                    "Volumes": [
                        {"Name": name, "UsageData": {"Size": size, "RefCount": 1}}
                        for name, size in self.sizes.items()
                    ]
                }
            text = json.dumps(body)
            said += f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}"
        return said


def volume_at(path: str, name: str, *, writable: bool = True) -> dict[str, Any]:
    return {"Type": "volume", "Name": name, "Destination": path, "RW": writable, "Driver": "local"}


def bind_at(path: str, source: str | os.PathLike[str]) -> dict[str, Any]:
    return {"Type": "bind", "Source": os.fspath(source), "Destination": path, "RW": True}
