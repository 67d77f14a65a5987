"""What a thread of the soak does: one call of each kind after the other, each with data that nobody
else has, and each answer is looked at. A wrong one raises."""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import random
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dockcli import AsyncDocker, Container, Docker
from dockcli.errors import ContainerFailed, DeadlineExceeded, NameConflict, NoSuchObject

PATIENCE = 120.0
"""Seconds after which a call that should answer is hanging; many share two processors."""

COUNTS = 'i=0; while :; do echo "$1 $i"; i=$((i+1)); sleep 0.01; done'
SLEEPS = ("sleep", "100000")
LATE = ("sleep", "99999")


UNKNOWN = ("is not known", "is being removed", "had not made its container yet", "is gone")
"""What is said of a container where the engine was too busy to answer in what a deadline leaves."""


class Wrong(Exception):
    """An answer that is another than the one this worker has to get."""


def same(found: object, expected: object) -> None:
    if found != expected:
        raise Wrong(f"{found!r:.500} is not {expected!r:.500}")


def raises(kind: type[Exception], call: Callable[[], object]) -> Any:
    """The error that *call* must end with."""
    try:
        answer = call()
    except kind as error:
        return error
    raise Wrong(f"{answer!r:.500} and no {kind.__name__}")


@dataclass
class Hand:
    """One thread of one process, with what it shares with the others: a client, a container, and
    the names of what a busy engine has not told in time what became of it."""

    name: str
    docker: Docker
    box: Container
    base: str
    folder: str
    chance: random.Random
    unknown: list[str]

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)

    def token(self) -> str:
        """A name that is given once."""
        return f"{self.name}-{next(self._numbers)}"

    def data(self, most: int = 20_000) -> bytes:
        return self.chance.randbytes(self.chance.randrange(most))

    def run(self, *words: str, **options: Any) -> Any:
        return self.docker.run(self.base, *words, deadline=PATIENCE, **options)

    def exec(self, *words: str, **options: Any) -> Any:
        return self.docker.exec(self.box, *words, deadline=PATIENCE, **options)


def run(hand: Hand) -> None:
    """A container's three streams, its environment and its exit code."""
    token, data, code = hand.token(), hand.data(), hand.chance.randrange(120)
    script = 'cat; printf %s "$1 $WHO" >&2; exit "$2"'
    words = ("sh", "-c", script, "sh", token, str(code))
    done = hand.run(*words, stdin=data, env={"WHO": hand.name}, rm=True, check=False)
    same((done.returncode, done.stderr), (code, f"{token} {hand.name}".encode()))
    same(done.stdout, data)


def inspect(hand: Hand) -> None:
    """A container in the background: what is told of it, and its removal."""
    token = hand.token()
    with hand.run(*SLEEPS, detach=True, name=token, label={"soak.token": token}) as one:
        told = one.inspect(deadline=PATIENCE)
        same((told.id, told.name, told.labels.get("soak.token")), (one.id, token, token))
        same(told.running, True)
        error = raises(NameConflict, lambda: hand.run("true", name=token))
        same(token in str(error), True)
    raises(NoSuchObject, lambda: hand.docker.container.inspect(token, deadline=PATIENCE))


def ls(hand: Hand) -> None:
    """A list has what this worker made, and nothing of the others."""
    token, docker = hand.token(), hand.docker
    mine = {"label": f"soak.token={token}"}
    same(docker.container.ls(all=True, filter=mine, deadline=PATIENCE), [])
    with docker.container.create(
        hand.base, "true", label={"soak.token": token}, deadline=PATIENCE
    ) as one:
        found = docker.container.ls(all=True, filter=mine, deadline=PATIENCE)
        same([each.id for each in found], [one.id])
    same(docker.container.ls(all=True, filter=mine, deadline=PATIENCE), [])


def exec(hand: Hand) -> None:
    """A program in the container that all threads share."""
    token, data = hand.token(), hand.data()
    script = 'printf "%s %s %s\\n" "$1" "$WHO" "$PWD" >&2; cat'
    done = hand.exec(
        *("sh", "-c", script, "sh", token),
        stdin=data, env={"WHO": hand.name}, workdir=hand.folder,
    )  # fmt: skip
    same(done.stderr.decode(), f"{token} {hand.name} {hand.folder}\n")
    same(done.stdout, data)
    code = hand.chance.randrange(1, 120)
    failed = raises(ContainerFailed, lambda: hand.exec("sh", "-c", f"echo {token}; exit {code}"))
    same((failed.returncode, failed.stdout), (code, f"{token}\n".encode()))


def cp(hand: Hand) -> None:
    """A file into the container and out of it again."""
    token, data = hand.token(), hand.data(200_000)
    here, there = os.path.join(os.environ["TMPDIR"], token), f"{hand.folder}/{token}"
    try:
        with open(here, "wb") as file:
            file.write(data)
        hand.docker.cp(here, f"{hand.box}:{there}", deadline=PATIENCE)
        same(hand.exec("cat", there).stdout, data)
        hand.docker.cp(f"{hand.box}:{there}", f"{here}.back", deadline=PATIENCE)
        with open(f"{here}.back", "rb") as file:
            same(file.read(), data)
        hand.exec("rm", there)
    finally:
        for path in (here, f"{here}.back"):
            if os.path.exists(path):
                os.unlink(path)


def files(hand: Hand) -> None:
    """Files of a container, written and read without a tar in hand, and as an archive."""
    token, data = hand.token(), hand.data()
    path, box = f"{hand.folder}/{token}", hand.box
    box.write_bytes(path, data, mode=0o640, owner=(7, 8), deadline=PATIENCE)
    same(box.read_bytes(path, deadline=PATIENCE), data)
    same(hand.exec("stat", "-c", "%a %u:%g", path).text, "640 7:8\n")
    archive = box.get_archive(path, deadline=PATIENCE)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        same(tar.getnames(), [token])
        same(tar.extractfile(token).read(), data)  # type: ignore[union-attr]
    hand.exec("rm", path)


def logs(hand: Hand) -> None:
    """What a container wrote, line by line, each from the stream it went to."""
    token, many = hand.token(), hand.chance.randrange(1, 200)
    script = 'i=0; while [ $i -lt "$2" ]; do echo "$1 $i"; i=$((i+1)); done; echo "$1 end" >&2'
    with hand.run("sh", "-c", script, "sh", token, str(many), detach=True) as one:
        same(one.wait(deadline=PATIENCE), 0)
        lines = list(hand.docker.logs(one, follow=True, deadline=PATIENCE))
        out = [line.text for line in lines if line.stream == "stdout"]
        same(out, [f"{token} {number}" for number in range(many)])
        same([line.text for line in lines if line.stream == "stderr"], [f"{token} end"])


def volume(hand: Hand) -> None:
    """A volume from its making to its end."""
    token, docker = hand.token(), hand.docker
    docker.volume.create(token, label={"soak.token": token}, deadline=PATIENCE)
    same(docker.volume.inspect(token, deadline=PATIENCE).labels, {"soak.token": token})
    mine = {"label": f"soak.token={token}"}
    same([one.name for one in docker.volume.ls(filter=mine, deadline=PATIENCE)], [token])
    docker.volume.rm(token, deadline=PATIENCE)
    raises(NoSuchObject, lambda: docker.volume.inspect(token, deadline=PATIENCE))


def network(hand: Hand) -> None:
    """A network, which goes with the block."""
    token = hand.token()
    with hand.docker.network.create(token, internal=True, deadline=PATIENCE) as one:
        same(one.inspect(deadline=PATIENCE).name, token)
    raises(NoSuchObject, lambda: hand.docker.network.inspect(token, deadline=PATIENCE))


def image(hand: Hand) -> None:
    """An image of a container that was changed, what it has, and its removal."""
    token, data, docker = hand.token(), hand.data(), hand.docker
    with docker.container.create(hand.base, "cat", "/soak", deadline=PATIENCE) as one:
        one.write_bytes("/soak", data, deadline=PATIENCE)
        made = one.commit(token, deadline=PATIENCE)
    with made:
        same(docker.image.inspect(token, deadline=PATIENCE).id, made.inspect().id)
        same(docker.run(token, rm=True, deadline=PATIENCE).stdout, data)
    raises(NoSuchObject, lambda: docker.image.inspect(token, deadline=PATIENCE))


def stream(hand: Hand) -> None:
    """Lines as they come, and left early: by a break, and by an error of the loop's own."""
    token, most = hand.token(), hand.chance.randrange(1, 30)
    lines = hand.exec("sh", "-c", COUNTS, "sh", token, stream=True)
    for number, line in enumerate(lines):
        same((line.stream, line.text), ("stdout", f"{token} {number}"))
        if number == most:
            break
    lines.close()

    def fails() -> None:
        with hand.run("sh", "-c", COUNTS, "sh", token, rm=True, stream=True) as lines:
            for line in lines:
                same(line.text, f"{token} 0")
                raise LookupError(token)

    same(raises(LookupError, fails).args, (token,))


def tar(hand: Hand) -> None:
    """Bytes as they come, left before their end."""
    with hand.docker.cp(f"{hand.box}:/bin", "-", stream=True, deadline=PATIENCE) as read:
        head = read.read(512)
    same((head[:4], len(head)), (b"bin/", 512))


def deadline(hand: Hand) -> None:
    """A deadline that comes: the error, which says what became of what was begun, and so it is."""
    token, seconds = hand.token(), hand.chance.uniform(0.2, 4)
    docker = hand.docker
    error = raises(DeadlineExceeded, lambda: docker.exec(hand.box, *LATE, deadline=seconds))
    if not any(one in str(error) for one in ("was ended", "nothing of it was left")):
        same("is not known" in str(error), True)
        hand.unknown.append(" ".join(LATE))
    error = raises(
        DeadlineExceeded,
        lambda: docker.run(hand.base, *SLEEPS, name=token, rm=True, deadline=seconds),
    )
    if "was removed" not in str(error):
        same(any(one in str(error) for one in UNKNOWN), True)
        hand.unknown.append(token)
    else:
        raises(NoSuchObject, lambda: docker.container.inspect(token, deadline=PATIENCE))


def machine(hand: Hand) -> None:
    """Many commands over an open shell, with a folder and a variable of this thread's own."""
    token, data = hand.token(), hand.data(5000)
    with hand.box.machine(env={"WHO": token}, workdir=hand.folder, connect_timeout=PATIENCE) as m:
        for number in range(10):
            same(m["sh"]("-c", f'echo "{number} $WHO $PWD"'), f"{number} {token} {hand.folder}\n")
        path = m.path(hand.folder) / token
        path.write(data)
        same(path.read(encoding=None), data)
        same((m["cat"][path] | m["wc"]["-c"])().split(), [str(len(data))])
        path.delete()


def asynchronous(hand: Hand) -> None:
    """Tasks of one event loop: two that answer, one that is cancelled, a stream left early."""
    tokens = [hand.token() for _ in range(3)]
    docker = AsyncDocker(hand.docker.binary)

    def exec(*words: str, **options: Any) -> Any:
        return docker.exec(hand.box.id, *words, deadline=PATIENCE, **options)

    async def first(lines: Any) -> str:
        async with lines:
            async for line in lines:
                return str(line.text)
        raise Wrong("a stream without a line")

    async def cancelled() -> None:
        task = asyncio.ensure_future(exec("sleep", "100000"))
        await asyncio.sleep(hand.chance.uniform(0, 1))
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return
        raise Wrong("a task that was cancelled, and gave an answer")

    async def main() -> None:
        counts = exec("sh", "-c", COUNTS, "sh", tokens[2], stream=True)
        one, two, line, _ = await asyncio.gather(
            exec("echo", tokens[0]), exec("cat", stdin=tokens[1]), first(counts), cancelled()
        )
        same((one.text, two.text, line), (f"{tokens[0]}\n", tokens[1], f"{tokens[2]} 0"))

    asyncio.run(main())


def backup(hand: Hand) -> None:
    """A volume into an archive, and out of it into another."""
    source, target, data = hand.token(), hand.token(), hand.data(500_000)
    docker, held = hand.docker, io.BytesIO()
    docker.volume.create(source, label={"soak.token": source}, deadline=PATIENCE)
    try:
        hand.run("sh", "-c", "cat >/d/file", stdin=data, volume=f"{source}:/d", rm=True)
        made = docker.volume.backup(source, held, compression="zst")
        same([entry.name for entry in made.manifest.entries], ["", "file"])
        docker.volume.restore(io.BytesIO(held.getvalue()), target)
        try:
            same(dict(docker.volume.inspect(target).labels), {"soak.token": source})
            same(hand.run("cat", "/d/file", volume=f"{target}:/d", rm=True).stdout, data)
        finally:
            docker.volume.rm(target, deadline=PATIENCE)
    finally:
        docker.volume.rm(source, deadline=PATIENCE)


def waiting(hand: Hand) -> None:
    """A container that says when it is ready."""
    token = hand.token()
    script = 'sleep 0.2; echo "ready $1"; exec sleep 100000'
    with hand.run("sh", "-c", script, "sh", token, detach=True) as one:
        one.wait_for(log=f"ready {token}", deadline=PATIENCE)


def missing(hand: Hand) -> None:
    """Names that nobody has are told as such, each its own."""
    token = hand.token()
    for call in (hand.docker.container.inspect, hand.docker.volume.inspect, hand.docker.logs):
        error = raises(NoSuchObject, lambda call=call: call(token, deadline=PATIENCE))
        same(token in str(error), True)


Kind = Callable[[Hand], None]

KINDS: dict[Kind, int] = {
    run: 4, inspect: 3, ls: 4, exec: 8, cp: 4, files: 4, logs: 3, volume: 6, network: 1, image: 1,
    stream: 4, tar: 4, deadline: 2, machine: 4, asynchronous: 3, backup: 1, waiting: 2, missing: 6,
}  # fmt: skip
"""Each kind, and how often it comes."""


def kinds(chance: random.Random) -> Iterable[Kind]:
    """Without an end: first each once, in an order of this worker's own, then as chance has it."""
    yield from chance.sample(list(KINDS), len(KINDS))
    while True:
        yield chance.choices(list(KINDS), list(KINDS.values()))[0]
