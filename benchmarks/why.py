"""What keeps a row from what it is to reach, where a run misses that: written by hand."""

from __future__ import annotations

_CALL = (
    "A docker process takes some 25 ms, of which 1 ms is what dockcli does before and behind it "
    "(the words, a session for the process, the answer read into a model). It is at the limit: one "
    "run is below it, the next above."
)

WHY = {
    "script": (
        "Python reads 28 small files of dockcli's and makes some sixty classes, each about a tenth "
        "of a millisecond, before docker is started; the call itself adds 2 ms."
    ),
    "call version": _CALL,
    "call inspect": _CALL,
    "call exec": _CALL,
    "argv": (
        "The words take 20 µs where nobody else wants the processor; the rest are the checks of "
        "what the command needs of docker, and the frozen value with its nineteen parts. A docker "
        "process takes a thousand times as long."
    ),
    "inspect 50": (
        "The answer is read, and that of the raw process is not: JSON and models of 50 containers "
        "take 5 to 7 ms, as Python's own reader has them, and to let go of them one more. Docker "
        "is still ending for 4 ms of that."
    ),
    "rm 50": (
        "It is the same process with the same words, and nothing is read: the engine takes 0.2 to "
        "0.35 s for it, from one round to the next."
    ),
    "bytes 256": (
        "Two processors have the engine, its shim, the client, the program and the reader on them. "
        "docker writes 10 KiB at a time; of each piece dockcli waits until there is one, so that a "
        "deadline can end that, and then reads it, where the raw pipe only reads. And a process in "
        "a session of its own, as all of dockcli's are, has its own share of a busy processor."
    ),
    "lines 1000000": (
        "Each line is read into its time, its stream and its text, in 2 to 3 µs; the raw process "
        "writes to /dev/null, where nobody reads."
    ),
    "lines 16519104": "As with fewer lines: each is read into its time, its stream and its text.",
}
