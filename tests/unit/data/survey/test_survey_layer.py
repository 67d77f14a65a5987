"""A writable layer in the few paths worth showing."""

from __future__ import annotations

import os
import stat

from hypothesis import given
from hypothesis import strategies as st

from dockcli.data.survey.layer import Held, Name, gathered, in_diff, on_disk


def files(*paths: str, size: int | None = 1) -> list[Name]:
    return [Name(path, size) for path in paths]


def about(mode: int = stat.S_IFREG, size: int = 1, rdev: int = 0) -> os.stat_result:
    return os.stat_result((mode, 0, 0, 1, 0, 0, size, 0, 0, 0), {"st_rdev": rdev})


def test_a_folder_with_files_of_its_own_stands_for_all_below_it() -> None:
    many = [f"/data/sub{n % 7}/f{n}" for n in range(1000)]
    assert gathered(files("/data/a", *many)) == [Held("/data", 1001, 1001)]


def test_a_folder_with_but_one_folder_is_shown_as_that() -> None:
    found = gathered(files("/var/lib/app/a", "/var/lib/app/x/b"))
    assert found == [Held("/var/lib/app", 2, 2)]


def test_one_file_is_shown_by_its_own_path() -> None:
    assert gathered(files("/etc/app/app.conf", size=7)) == [Held("/etc/app/app.conf", 1, 7)]


def test_what_lies_apart_is_told_apart() -> None:
    found = gathered(files("/f", "/var/log/a", "/var/log/b", "/var/lib/c", "/var/lib/d", "/z"))
    assert [one.path for one in found] == ["/f", "/var/lib", "/var/log", "/z"]


def test_many_files_at_the_root_are_one_path_beside_its_folders() -> None:
    found = gathered(files("/data/a", *(f"/f{n:02}" for n in range(40))))
    assert found == [Held("/", 40, 40), Held("/data/a", 1, 1)]


def test_many_folders_stay_in_the_one_above() -> None:
    found = gathered(files(*(f"/srv/{n}/f{m}" for n in range(100) for m in range(2))))
    assert found == [Held("/srv", 200, 200)]


def test_a_size_that_is_not_known_makes_its_folder_unknown() -> None:
    found = gathered([*files("/a/x", "/b/x", "/b/y"), Name("/a/y", None)])
    assert found == [Held("/a", 2, None), Held("/b", 2, 2)]


def test_nothing_gives_nothing() -> None:
    assert gathered([]) == []


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=5).map(tuple), max_size=60))
def test_every_file_is_counted_once(paths: list[tuple[str, ...]]) -> None:
    names = {f"/{'/'.join(parts)}/file" for parts in paths}
    found = gathered(files(*names), most=6)
    assert sum(one.files for one in found) == len(names) == sum(one.size or 0 for one in found)
    for name in names:
        assert [one.path for one in found if name == one.path or name.startswith(f"{one.path}/")]


def test_a_diff_has_no_folders_and_no_mount_points() -> None:
    present = ["/bin", "/conf", "/conf/h", "/data", "/data/a", "/nv", "/nv/x", "/etc", "/f"]
    found = in_diff(present, ["/bin/vi"], {"/conf/h", "/nv"})
    assert found == [Name("/data/a", None), Name("/f", None)]


def test_a_folder_that_begins_like_a_mount_point_is_none() -> None:
    assert in_diff(["/nvx", "/nv"], [], {"/nv"}) == [Name("/nvx", None)]


def test_the_layers_folder_without_what_overlay_and_engines_put_there() -> None:
    told = [
        ("/gone", about(stat.S_IFCHR)),
        ("/a/.wh.gone", about()),
        ("/etc/hosts", about(size=0)),
        ("/etc/mtab", about(stat.S_IFLNK, 12)),
        ("/conf/h", about(size=0)),
        ("/dev/own", about(stat.S_IFCHR, 0, 259)),
        ("/etc/hostname", about(size=9)),  # the user's own
        ("/data/pipe", about(stat.S_IFIFO, 0)),
    ]
    found = on_disk(told, {"/conf/h"})
    assert found == [Name("/dev/own", 0), Name("/etc/hostname", 9), Name("/data/pipe", 0)]
