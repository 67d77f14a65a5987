"""What docker's progress says, read from recordings of real ones and from anything else.

`recorded_progress` has the bytes that each CLI (28.2.2, 20.10.24, podman 4.3.1) wrote to a terminal
(``-tty``, 140 columns; ``narrow`` 100) or a pipe, with a registry on loopback at 12 MB/s; what
`rawjson` prints is written by the format of BuildKit's client, which no CLI here has.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockcli.errors import InvalidArgument
from dockcli.models.progress import Progress
from dockcli.progress import Reader, reader
from dockcli.progress.buildkit import BuildKit
from dockcli.progress.builds import Builds
from dockcli.progress.layers import Layers
from dockcli.progress.legacy import Legacy
from dockcli.progress.rawjson import RawJSON
from dockcli.progress.text import LIMIT, Lines, Pieces

RECORDED = Path(__file__).parent / "recorded_progress"
_LAYER = re.compile("[0-9a-f]{12}: ")
LAYERS = {"35b980b09225": 31_470_000, "b286e9019524": 20_980_000, "c3f8fdd89de1": 10_490_000}


def recorded(name: str) -> bytes:
    return (RECORDED / f"{name}.bytes").read_bytes()


def read(reads: Reader, chunks: Iterable[bytes]) -> list[Progress]:
    found = [one for chunk in chunks for one in reads.feed(chunk)]
    return [*found, *reads.close()]


def verb_of(name: str) -> str:
    words = name.split("-")
    verb = words[1] if words[0] == "podman" else words[0]
    return verb if verb in ("pull", "push", "load") else "build"


def progress(name: str) -> list[Progress]:
    return read(reader(verb_of(name)), [recorded(name)])


ALL = sorted(path.stem for path in RECORDED.glob("*.bytes"))


def of(found: list[Progress], **wanted: Any) -> list[Progress]:
    return [one for one in found if all(getattr(one, k) == v for k, v in wanted.items())]


def texts(found: list[Progress], id: str = "") -> list[str]:
    return [one.text for one in found if one.id == id and one.text]


# --- layers


@pytest.mark.parametrize("name", ["pull-28-tty", "pull-20-tty", "pull-28-narrow-tty"])
def test_a_pull_on_a_terminal_tells_the_bytes_of_each_layer(name: str) -> None:
    found = progress(name)
    for id, total in LAYERS.items():
        down = of(found, id=id, status="Downloading")
        assert len(down) > 5
        assert {one.total for one in down} == {total}
        counts = [one.current or 0 for one in down]
        assert counts == sorted(counts)
        assert total * 0.8 < counts[-1] <= total
        assert all(one.approximate and not one.done for one in down)
        last = of(found, id=id)[-1]
        assert (last.status, last.done, last.current, last.approximate) == (
            ("Pull complete", True, None, False)
        )
    assert of(found, id="115d2d9c4904") == [
        Progress("pull", "115d2d9c4904", "Already exists", done=True)
    ]
    assert texts(found)[0] == "1: Pulling from shop"
    assert texts(found)[-1] == "127.0.0.1:5902/shop:1"


@pytest.mark.parametrize("name", ["push-28-tty", "push-20-tty"])
def test_a_push_on_a_terminal(name: str) -> None:
    found = progress(name)
    first, *_ = of(found, id="ec9438333b72", status="Pushing")
    assert (first.current, first.total, first.approximate) == (328_200, 31_460_000, True)
    assert len(of(found, status="Pushed", done=True)) == 4
    beyond = of(found, total=None, status="Pushing", approximate=True)
    assert beyond, "docker leaves out the total of a layer that is larger than it had thought"
    assert all(one.current is not None and one.fraction is None for one in beyond)


def test_a_push_of_what_is_there() -> None:
    again, mounted = progress("push-28-again-tty"), progress("push-20-mounted-tty")
    assert len(of(again, status="Layer already exists", done=True)) == 4
    assert len(of(mounted, status="Mounted from shop", done=True)) == 4


@pytest.mark.parametrize("name", ["pull-28-pipe", "push-20-pipe"])
def test_in_a_pipe_there_are_words_without_bytes(name: str) -> None:
    found = progress(name)
    assert all(one.current is None and one.total is None for one in found)
    assert len(of(found, done=True)) == 4
    assert not any(one.approximate for one in found)


def test_a_load_on_a_terminal_tells_the_bytes_and_the_end_of_each_layer() -> None:
    found = progress("load-28-tty")
    assert [one.id for one in of(found, done=True)] == [
        "ec9438333b72",
        "67a09d8c4c99",
        "55d8d20d37cd",
    ]
    assert found[0].fraction == pytest.approx(0.0104, abs=0.0001)
    assert texts(found) == ["Loaded image: 127.0.0.1:5902/shop:1"]


def test_podman_on_a_terminal_draws_all_again_and_is_read_once() -> None:
    found = progress("podman-pull-tty")
    blob = of(found, id="35b980b09225")
    assert (blob[0].current, blob[0].total) == (437 * 1024, 30 * 1024**2)
    assert all(a != b for a, b in itertools.pairwise(blob))
    assert [one.status for one in blob if one.done] == ["done"]
    pushed = progress("podman-push-tty")
    assert len(of(pushed, status="done", done=True)) == 5  # four blobs and the configuration
    assert of(pushed, id="55d8d20d37cd")[0].current == 0


def test_podman_in_a_pipe_names_the_same_layers() -> None:
    found = progress("podman-pull-pipe")
    assert {one.id for one in of(found, status="Copying blob")} == {*LAYERS, "115d2d9c4904"}


@pytest.mark.parametrize("bar", ["", " [==>   ]"])
def test_what_a_line_about_a_layer_may_end_with(bar: str) -> None:
    line = f"35b980b09225: Downloading{bar}  1.5MB/3MB 1m2s\r"
    (one,) = Layers("pull").feed(line.encode())
    assert one == Progress(
        "pull", "35b980b09225", "Downloading", 1_500_000, 3_000_000, approximate=True
    )


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Extracting [>      ] 3 s", "Extracting"),
        ("Extracting 3 s", "Extracting"),
        ("Extracting 3/12 s", "Extracting"),
        ("Retrying in 5 seconds", "Retrying in 5 seconds"),
        ("Pulling fs layer", "Pulling fs layer"),
        ("Downloading [==>   ]", "Downloading"),
    ],
)
def test_what_a_layer_does_without_bytes(said: str, status: str) -> None:
    (one,) = Layers("pull").feed(f"35b980b09225: {said} \n".encode())
    assert one == Progress("pull", "35b980b09225", status)


def test_what_docker_says_aside_is_text() -> None:
    (said,) = progress("pull-28-missing-tty")
    assert said.text.startswith("Error response from daemon: manifest for ")
    assert (said.id, said.status, said.done) == ("", "", False)


@pytest.mark.parametrize("name", ["pull-28-tty", "pull-20-tty", "push-28-tty", "load-28-tty"])
def test_each_layer_reads_as_a_terminal_shows_it(name: str) -> None:
    """pyte keeps the screen that docker draws, and at each moment it has our last words."""
    screen = pyte.Screen(140, 30)
    terminal, reads = pyte.ByteStream(screen), reader(verb_of(name))
    last: dict[str, str] = {}
    rows: list[str] = []
    data = recorded(name)
    for at in range(0, len(data), 100):
        terminal.feed(data[at : at + 100])
        for one in reads.feed(data[at : at + 100]):
            if one.id:
                last[one.id] = str(one.raw)
        rows = [row.rstrip() for row in screen.display]
        half_written = rows.pop(screen.cursor.y)
        assert set(filter(_LAYER.match, rows)) <= {*last.values(), half_written}
    assert len(last) >= 3
    assert set(last.values()) == set(filter(_LAYER.match, rows))


def test_a_colour_does_not_end_a_line_and_a_movement_does() -> None:
    pieces = Pieces()
    assert pieces.feed(b"a\x1b[31mb\x1b[0mc\x1b[2Kd\r\r\n\n") == ["abc", "d"]


# --- the legacy builder


def test_the_steps_of_the_legacy_builder() -> None:
    found = progress("legacy-20-pipe")
    started = of(found, status="STARTED")
    assert [(one.step, one.steps) for one in started] == [(n, 6) for n in range(1, 7)]
    assert started[1].command == "WORKDIR /w"
    done = of(found, status="DONE")
    assert [one.image for one in done[:3]] == ["24a63192670e", "5050eed22246", "9250d53d0ae4"]
    assert done[-1] == Progress("build", status="DONE", done=True, image="1ef0f7076988")
    assert texts(found)[-1] == "Successfully tagged small:latest"


@pytest.mark.parametrize("name", ["legacy-20-pipe", "legacy-28-tty", "legacy-20-tty"])
def test_what_a_step_writes_is_never_taken_for_the_builders(name: str) -> None:
    found = progress(name)
    # The engine has two streams: their order between each other is not told.
    assert sorted(texts(found, "4")) == sorted(["one", "two", "1", "2", "3", "no end"])
    assert texts(found, "5") == ["#9 [2/3] RUN not a step", "Step 9/9 : RUN not one"]
    assert len(of(found, status="STARTED")) == 6


def test_the_context_of_the_legacy_builder() -> None:
    sent = of(progress("legacy-28-tty"), id="context")
    assert [(one.current, one.approximate, one.done) for one in sent] == [
        (525_800, True, False),
        (2_003_000, True, False),
        (2_003_000, True, True),
    ]


def test_a_cached_step_of_the_legacy_builder() -> None:
    cached = of(progress("legacy-20-cached"), status="CACHED", cached=True, done=True)
    assert [one.step for one in cached] == [2, 3, 4, 5, 6]
    assert all(one.image for one in cached)


@pytest.mark.parametrize("name", ["legacy-20-fail", "legacy-28-fail-tty"])
def test_a_step_of_the_legacy_builder_that_fails(name: str) -> None:
    *before, last = progress(name)
    assert (last.status, last.id, last.done) == ("ERROR", "2", True)
    assert last.error == (
        "The command '/bin/sh -c echo before && exit 7' returned a non-zero code: 7"
    )
    assert before[-1].text == "before"


def test_the_layers_that_a_build_pulls() -> None:
    found = progress("legacy-28-pulls-pipe")
    assert len(of(found, status="Pull complete", done=True, verb="build")) == 4
    assert texts(found)[0].startswith("DEPRECATED: ")


def test_without_rm_a_container_ends_with_its_image() -> None:
    text = (
        b"Step 1/2 : FROM a\n ---> aaaaaaaaaaaa\nStep 2/2 : RUN b\n"
        b" ---> Running in bbbbbbbbbbbb\nsaid\n ---> cccccccccccc\n"
        b"Successfully built cccccccccccc\n"
    )
    found = read(Legacy(), [text])
    assert [one.image for one in of(found, done=True)] == ["a" * 12, "c" * 12, "c" * 12]


def test_a_step_that_writes_what_the_builder_would_write_next() -> None:
    text = (
        b"Step 1/3 : FROM a\n ---> aaaaaaaaaaaa\nStep 2/3 : RUN b\n"
        b" ---> Running in bbbbbbbbbbbb\nStep 3/3 : RUN c\n ---> Using cache\n"
        b" ---> Running in cccccccccccc\nSuccessfully built dddddddddddd\n"
        b"Removing intermediate container cccccccccccc\n"
        b"Removing intermediate container bbbbbbbbbbbb\n ---> eeeeeeeeeeee\nStep 3/3 : CMD d\n"
    )
    found = read(Legacy(), [text])
    assert len(texts(found, "2")) == 5
    assert [one.command for one in of(found, status="STARTED")] == ["FROM a", "RUN b", "CMD d"]
    assert [one.image for one in of(found, done=True)] == ["a" * 12, "e" * 12]


def test_a_step_out_of_turn_is_none() -> None:
    _, other, skipped = read(Legacy(), [b"Step 1/3 : FROM a\nStep 2/9 : RUN b\nStep 3/3 : RUN c\n"])
    assert (other.text, skipped.text) == ("Step 2/9 : RUN b", "Step 3/3 : RUN c")


def test_podmans_builder() -> None:
    found = progress("podman-build-pipe")
    assert [one.step for one in of(found, status="STARTED")] == [1, 2, 3]
    assert [one.id for one in of(found, status="DONE")] == ["1", "2", "3", ""]
    assert texts(found, "2") == ["hello", "no end"]
    assert found[-1].image.startswith("1ffa50f4997")
    cached = progress("podman-build-cached")
    assert [one.step for one in of(cached, cached=True)] == [2, 3]


# --- BuildKit


def test_the_steps_of_buildkit() -> None:
    found = progress("buildkit-20-plain")
    assert [(one.step, one.command) for one in of(found, status="STARTED", steps=5)][:2] == [
        (1, "FROM docker.io/library/dockcli-stand-in:busybox"),
        (2, "WORKDIR /w"),
    ]
    assert len(of(found, status="DONE", done=True, part="")) == 10
    image = "sha256:3e3c6310b42a265da75476606d6907077cb389c9f2c8ebd4c127176a6007471d"
    assert (found[-1].status, found[-1].image) == ("DONE", image)
    assert texts(found, "8") == ["one", "1", "two", "2", "3", "no end"]
    assert texts(found, "9") == ["#9 [2/3] RUN not a step", "Step 9/9 : RUN not one"]
    assert texts(found) == []
    (sent,) = of(found, id="6", status="transferring context")
    assert (sent.current, sent.total, sent.approximate, sent.done) == (2_000_000, None, True, True)
    assert sent.part


def test_the_digest_that_an_old_client_prints_after_a_name_is_no_blob() -> None:
    name, digest = b"#4 [1/2] FROM a\n", b"#4 sha256:" + b"%064d" % 4 + b"\n"
    assert len(read(BuildKit(), [name, digest])) == 1
    _, done, blob = read(BuildKit(), [name, digest, b"#4 resolve a done\n", digest])
    assert (done.part, blob.part) == ("resolve a", f"sha256:{4:064d}")


def test_the_blobs_that_buildkit_fetches() -> None:
    found = progress("buildkit-20-pulls")
    part = "sha256:35b980b09225a740623a15a3d87fa34a206d4be160b1d556dac7793117890813"
    fetched = of(found, id="4", part=part, status="")
    assert (fetched[0].current, fetched[-1].current) == (0, 31_470_000)
    assert {one.total for one in fetched} == {31_470_000}
    assert [one.done for one in fetched].count(True) == fetched[-1].done == 1
    assert [one.done for one in of(found, part=part, status="extracting")] == [False, True]


def test_two_vertices_of_buildkit_that_speak_in_turns() -> None:
    found = progress("buildkit-20-parallel")
    assert texts(found, "7") == ["b 1", "b 2", "b 3", "b 4"]
    assert texts(found, "5") == ["a 1", "a 2", "a 3"]
    two = [one for one in found if one.id == "7" and not one.text]
    assert [one.status for one in two] == ["STARTED", "DONE"]  # named again, and told once
    assert [(one.stage, one.step, one.steps) for one in two] == [("two", 2, 2)] * 2
    assert texts(found) == []


def test_cached_steps_of_buildkit() -> None:
    cached = of(progress("buildkit-20-cached"), status="CACHED", cached=True, done=True)
    assert [one.step for one in cached] == [2, 3, 4, 5]


def test_a_step_of_buildkit_that_fails() -> None:
    found = progress("buildkit-20-fail")
    (failed,) = of(found, status="ERROR")
    said = "executor failed running [/bin/sh -c echo before && exit 7]: exit code: 7"
    assert (failed.step, failed.done, failed.error) == (2, True, said)
    assert texts(found) == ["------", " > [2/2] RUN echo before && exit 7:", "------", said]


def test_what_newer_buildkits_print() -> None:
    lines = (
        b'#0 building with "default" instance using docker driver\n\n'
        b"#5 [linux/amd64 build  2/12] RUN make\n#5 1234. late\n#5 1.234e+04 later\n"
        b"#5 WARN: careful\n#5 CANCELED\n"
    )
    said, started, late, later, warned, canceled = read(BuildKit(), [lines])
    assert said.text == 'building with "default" instance using docker driver'
    assert (started.stage, started.step, started.steps) == ("linux/amd64 build", 2, 12)
    assert (late.text, later.text, warned.text) == ("late", "later", "careful")
    assert (warned.status, canceled.status, canceled.done) == ("WARN", "CANCELED", True)


def test_rawjson_has_exact_bytes() -> None:
    found = progress("rawjson-written")
    digest = "sha256:" + "2" * 64
    down = of(found, id=digest, status="downloading")
    assert [(one.current, one.total) for one in down] == [(0, 31_471_327), (2_097_152, 31_471_327)]
    assert not any(one.approximate for one in found)
    assert [one.done for one in of(found, id=digest, status="extracting")] == [False, True]
    ends = [one for one in found if one.done and not one.part]
    assert [one.status for one in ends] == ["DONE", "DONE", "DONE", "CACHED", "DONE"]
    assert found[-1].image.startswith("sha256:2ae2")
    assert texts(found, "sha256:" + "3" * 64) == ["one", "two", "10%", "100%", "no end"]
    assert of(found, status="WARN")[0].text.startswith("FromAsCasing: ")


def test_rawjson_of_a_build_that_fails() -> None:
    found = progress("rawjson-written-fail")
    (failed,) = of(found, status="ERROR")
    assert failed.error.endswith("did not complete successfully: exit code: 7")
    assert len(of(found, status="CANCELED", done=True)) == 1
    assert texts(found) == ["ERROR: failed to build: failed to solve: exit code: 7"]


# --- whichever


@pytest.mark.parametrize(
    ("name", "speaks"),
    [("legacy-28-tty", Legacy), ("buildkit-20-plain", BuildKit), ("rawjson-written", RawJSON)],
)
def test_the_first_lines_tell_which_builder_speaks(name: str, speaks: type) -> None:
    builds = Builds()
    warning = b"WARNING: something that docker says first\r\n"
    found = read(builds, [warning, recorded(name)])
    assert isinstance(builds._reader, speaks)
    assert (found[0].text, found[0].id) == ("WARNING: something that docker says first", "")


@pytest.mark.parametrize("before", [LIMIT - 20, LIMIT - 2, LIMIT - 1, LIMIT])
def test_who_speaks_does_not_depend_on_how_much_comes_at_once(before: int) -> None:
    data = b"w" * before + b"\n#1 [1/1] RUN a\n" + b"#1 DONE 0.1s\n" * 10
    at_once = read(Builds(), [data])
    assert read(Builds(), [data[: before + 2], data[before + 2 :]]) == at_once
    assert read(Builds(), [data[:before], data[before:]]) == at_once


@pytest.mark.parametrize("number", ["9" * 400, "-1", "9223372036854775808", "1.5", "true", "null"])
def test_a_count_that_rawjson_cannot_have_is_none(number: str) -> None:
    line = f'{{"statuses":[{{"id":"x","vertex":"a","current":{number},"total":{number}}}]}}\n'
    (one,) = read(RawJSON(), [line.encode()])
    assert (one.current, one.total, one.part) == (None, None, "x")


def test_what_is_no_base64_is_told_as_it_is() -> None:
    (one,) = read(RawJSON(), [b'{"logs":[{"vertex":"a","data":"\\ud800 no"}]}\n'])
    assert one.text == "\\ud800 no"


def test_what_no_builder_says_is_text() -> None:
    error = b"ERROR: failed to read dockerfile: open Dockerfile: no such file or directory"
    (said,) = read(Builds(), [error])
    assert said.text == error.decode()


def test_there_is_no_reader_for_what_prints_no_progress() -> None:
    with pytest.raises(InvalidArgument, match="'cp' prints no progress"):
        reader("cp")


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[a:b] for a, b in itertools.pairwise(ends)]


def whole(one: Progress) -> tuple[Progress, object]:
    return one, one.raw  # two are equal whatever is raw


@pytest.mark.parametrize("name", ALL)
def test_a_recording_reads_the_same_byte_by_byte(name: str) -> None:
    data, verb = recorded(name), verb_of(name)
    bytewise = read(reader(verb), (data[at : at + 1] for at in range(len(data))))
    assert list(map(whole, bytewise)) == list(map(whole, read(reader(verb), [data])))


WORDS = [
    *(b"\n", b"\r", b"\x1b[2A", b"\x1b[2K", b"\x1b[91m", b"\x1b", b"\x1b[", b" ", b"#1 ", b"#2 "),
    *(b"Step 1/2 : ", b"Step 2/2 : ", b"STEP 1/2: ", b" ---> ", b"Running in ", b"aaaaaaaaaaaa"),
    *(b"Removing intermediate container ", b"Using cache", b"Successfully built ", b"--> "),
    *(b"35b980b09225: ", b"Downloading ", b"[=> ] ", b"1.2MB", b"/", b" / ", b"3.4MB", b"done"),
    *(b"Copying blob ", b"DONE 0.1s", b"CACHED", b"ERROR: ", b"0.123 ", b"...", b"[1/2] RUN "),
    *(b"sha256:" + b"a" * 64, b"Sending build context to Docker daemon ", b"{", b"}", b"[]"),
    *(b'{"vertexes":[{"digest":"a","name":"[1/2] b","started":"c","completed":"d"}]}\n',),
    *(b'{"statuses":[{"id":"x","vertex":"a","current":', b"9" * 400, b"-1", b"}]}\n", b"\\ud800"),
    *(b'{"logs":[{"vertex":"a","data":"', b"aGVsbG8K", b'"}]}\n', b"\xff", "ü".encode()),
]
ANYTHING = st.one_of(
    st.binary(max_size=300),
    st.lists(st.sampled_from(WORDS), max_size=40).map(b"".join),
    st.sampled_from(ALL).map(recorded).map(lambda data: data[:3000]),
)
MAKERS: dict[str, Callable[[], Reader]] = {
    "layers": lambda: Layers("pull"),
    "load": lambda: Layers("load"),
    "legacy": Legacy,
    "buildkit": BuildKit,
    "rawjson": RawJSON,
    "builds": Builds,
}


@pytest.mark.parametrize("kind", MAKERS)
@settings(max_examples=150, deadline=None)
@given(data=ANYTHING, places=st.lists(st.integers(min_value=0), max_size=12))
def test_any_bytes_give_progress_and_the_same_however_they_are_cut(
    kind: str, data: bytes, places: list[int]
) -> None:
    make = MAKERS[kind]
    at_once = read(make(), [data])
    assert all(isinstance(one, Progress) for one in at_once)
    assert [*map(whole, read(make(), cut(data, places)))] == [*map(whole, at_once)]
    for one in at_once:
        assert one.fraction is None or 0 <= one.fraction <= 1
        assert one.status or one.text or one.part or one.raw
        assert not {"\n", "\r", "\x1b"} & set(one.text)
        hash(one)


@pytest.mark.parametrize("kind", MAKERS)
def test_after_its_end_a_reader_has_no_more_to_tell(kind: str) -> None:
    reads = MAKERS[kind]()
    read(reads, [b"a line\nno end"])
    assert reads.close() == []


@pytest.mark.parametrize("kind", MAKERS)
def test_a_line_without_an_end_is_cut_and_memory_is_flat(kind: str) -> None:
    import tracemalloc

    reads, chunk = MAKERS[kind](), b"x" * 1_000_000
    longest = 1 << 24 if kind == "rawjson" else LIMIT
    tracemalloc.start()
    try:
        found = [one for _ in range(40) for one in reads.feed(chunk)]
        assert tracemalloc.get_traced_memory()[1] < 8_000_000 + 3 * longest
    finally:
        tracemalloc.stop()
    found += [*reads.feed(b"\nshort\n"), *reads.close()]
    long, short = found
    assert (len(long.text), short.text) == (longest, "short")


@pytest.mark.parametrize("splits", [Lines, Pieces])
def test_a_long_line_costs_no_more_byte_by_byte(splits: type[Lines] | type[Pieces]) -> None:
    one = splits()
    for _ in range(200_000):
        one.feed(b"x")
    assert len(one.close()[0]) == LIMIT


@pytest.mark.parametrize("kind", MAKERS)
def test_hostile_lines_take_no_longer(kind: str) -> None:
    """Patterns that try each beginning with each end would take hours."""
    import time

    lines = [
        b"35b980b09225: a" + b" " * 60_000,
        b"#2 [a" + b" " * 60_000 + b"x] b",
        b"#1 " + b"sha256: " * 8_000,
        b"Copying blob aaaaaaaaaaaa " + b"skipped: " * 7_000,
        b"The command '" + b"' returned " * 5_000,
        b"--> " * 15_000,
    ]
    begun = time.monotonic()
    read(MAKERS[kind](), [b"#1 name\n\n", *(line + b"\n\n" for line in lines)])
    assert time.monotonic() - begun < 5
