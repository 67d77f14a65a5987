"""Whatever docker prints: the answer is as promised, or UnreadableOutput with the text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockcli import Completed, Docker
from dockcli.errors import UnreadableOutput
from dockcli.runner import Job
from tests.unit.verbs import POSITIONALS, build

RECORDED = Path(__file__).parent / "recorded"

# Words that docker's own JSON has: so that what is generated gets past the first look.
WORDS = (
    "Id ID Name Names State Status Config Labels Mounts Ports Created CreatedAt Driver Options "
    "NetworkSettings Networks IPAM Containers Spec Mode Replicated Replicas Size RepoTags Client "
    "Server ServerErrors Actor Attributes Time timeNano Type Action Versions Endpoints Tasks "
    "Mode CPUPerc MemUsage NetIO PIDs TotalCount Reclaimable Image Error Node Version"
)
NAMES = st.sampled_from(WORDS.split())
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["2026-11-24T10:00:00Z", "1.2MiB", "12.5%", "a=b,c", "8080/tcp", "{}", "[]"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES | st.text(max_size=5), VALUES, max_size=6)
ANSWERS = st.one_of(
    OBJECTS.map(json.dumps),
    st.lists(OBJECTS, max_size=3).map(json.dumps),
    st.lists(OBJECTS, min_size=1, max_size=3).map(lambda rows: "\n".join(map(json.dumps, rows))),
    VALUES.map(json.dumps),
    st.text(max_size=60),
).map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=60)


class Saying:
    """A docker that answers everything with the same bytes."""

    def __init__(self, stdout: bytes) -> None:
        self.stdout = stdout

    def run(self, job: Job) -> Completed:
        return Completed(job.argv, 0, self.stdout, b"", 0.0)


def read(command: str, stdout: bytes) -> Any:
    """What *command* makes of an answer; None where it cannot be read, and says so."""
    try:
        return build(command, client=Docker(runner=Saying(stdout))).run()
    except UnreadableOutput as error:
        if not str(error) or error.stdout != stdout:
            raise AssertionError(f"{command}: the text is not in the error") from error
        return None


@pytest.mark.parametrize(
    "command",
    ["container ls", "image ls", "volume ls", "network ls", "volume create", "service ls"],
)
def test_a_name_that_no_command_line_holds_is_not_the_callers_fault(command: str) -> None:
    """It would be InvalidArgument, from the system, of the call that inspects what is listed."""
    name = "a" * 10_000
    said = json.dumps({"ID": name, "Name": name}) if command == "service ls" else name
    with pytest.raises(UnreadableOutput, match="a name of 10000 characters") as raised:
        build(command, client=Docker(runner=Saying(said.encode()))).run()
    assert len(str(raised.value)) < 500


@given(stdout=ANSWERS)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_answer_is_read_or_refused(stdout: bytes) -> None:
    for command in POSITIONALS:
        read(command, stdout)


def recorded() -> list[tuple[str, str]]:
    """Each recorded answer that is JSON, by its command."""
    found = []
    for path in sorted(RECORDED.glob("*.json")):
        for answers in json.loads(path.read_text(encoding="utf-8")).values():
            found += [(name, text) for name, text in answers.items() if name in POSITIONALS]
    return found


@pytest.mark.skipif(not recorded(), reason="nothing is recorded yet")
@given(data=st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_recorded_answer_with_a_field_less_more_or_other_is_read_or_refused(
    data: st.DataObject,
) -> None:
    command, text = data.draw(st.sampled_from(recorded()))
    lines = [line for line in text.splitlines() if line.strip()]
    documents: list[Any] = []
    try:
        documents = [json.loads(text)]
    except ValueError:
        try:
            documents = [json.loads(line) for line in lines]
        except ValueError:
            return
    changed = "\n".join(json.dumps(changed_somewhere(one, data)) for one in documents)
    read(command, changed.encode())


def changed_somewhere(value: Any, data: st.DataObject) -> Any:
    """*value* with some of its fields missing, null, of another type, or added."""
    if isinstance(value, dict):
        kept = {}
        for key, member in value.items():
            how = data.draw(st.sampled_from(["same", "same", "deeper", "missing", "other"]))
            if how == "other":
                kept[key] = data.draw(VALUES)
            elif how != "missing":
                kept[key] = member if how == "same" else changed_somewhere(member, data)
        return {**kept, **data.draw(st.dictionaries(st.text(max_size=3), LEAVES, max_size=1))}
    if isinstance(value, list):
        return [changed_somewhere(one, data) for one in value[:3]]
    return data.draw(st.just(value) | LEAVES)
