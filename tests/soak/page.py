"""What came of a soak, as a page of the documentation."""

from __future__ import annotations

import platform
from datetime import datetime, timezone

import dockcli
from dockcli import Docker
from tests.soak.crowd import GROWTH, Crowd
from tests.soak.work import KINDS

PAGE = """\
# Many at once, for {minutes}

The last result of `tests/engine/test_concurrency.py` in `make soak`, which wrote this page; a
minute of it is in `make test`. By hand, for as long as you like:

```
DOCKCLI_SOAK_SECONDS=1200 DOCKCLI_SOAK_REPORT=docs/soak.md \\
    python -m pytest tests/engine/test_concurrency.py
```

{processes} processes on one engine, with {threads} threads; those of a process share one client
and one container. Each does one thing after the other, with names and data that nobody else has,
and compares each answer with what it has to be. In the end there is no process, thread, descriptor,
container, volume, network, image or temporary file that was not there before, and no program in the
shared containers; folder, environment, signals and umask of the processes are as they were; and no
process is more than {growth} MiB bigger than when it was warm.

Where a deadline is over and the engine, which has all this to do, does not say at once what became
of a container or a program, the error or a warning says that it is not known. Here that was so
{unknown} times, and the worker has seen to it itself.

{date}, dockcli {dockcli}, Python {python}, docker {clients} (in turn), engine {engine}.

| | times | what is done and looked at |
|---|---|---|
{rows}
| all | {all} | **{errors}** |

| threads | MiB when warm | at the end | at most |
|---|---|---|---|
{memory}
"""


def page(crowd: Crowd, docker: Docker, clis: list[str]) -> str:
    """The page for *crowd*, which has used *clis*, and *docker* to look at the engine."""
    clients = [str(Docker(cli).version(deadline=20).client) for cli in clis]
    minutes, seconds = divmod(round(crowd.seconds), 60)
    rows = [
        f"| `{kind}` | {crowd.calls[kind]} | {what} |"
        for kind, what in sorted((one.__name__, str(one.__doc__)) for one in KINDS)
    ]
    memory = [
        f"| {many} | {told['warm']} | {told['end']} | {told['most']} |"
        for many, told in zip(crowd.threads, crowd.memory, strict=False)
    ]
    wrong = crowd.wrong
    return PAGE.format(
        minutes=f"{minutes} minutes" if not seconds else f"{round(crowd.seconds)} seconds",
        processes=len(crowd.threads),
        threads=", ".join(map(str, crowd.threads)),
        growth=GROWTH,
        date=datetime.now(timezone.utc).date(),
        dockcli=dockcli.__version__,
        python=platform.python_version(),
        clients=" and ".join(clients),
        engine=docker.version(deadline=20).server,
        rows="\n".join(rows),
        all=sum(crowd.calls.values()),
        unknown=crowd.unknown,
        errors=f"{len(wrong)} errors" if wrong else "no error, nothing left",
        memory="\n".join(memory),
    )
