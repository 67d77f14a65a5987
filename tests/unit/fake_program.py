"""What stands in for docker and for sudo: notes how it was called, then does what it was told.

Installed under either name by `tests.unit.fake`. It loads as little as it can: it is started
hundreds of times.
"""

import os
import sys
import time
from _json import encode_basestring_ascii as quoted

HERE = os.path.dirname(os.path.abspath(sys.argv[0]))


def as_json(value):
    if isinstance(value, dict):
        pairs = (f"{quoted(key)}: {as_json(member)}" for key, member in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_json, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):  # a text in which each character is one byte
        return quoted(value.decode("latin-1"))
    return quoted(value) if isinstance(value, str) else str(value)


def note():
    """Write down how this process was called; the name that its notes have."""
    name = f"{time.time_ns()}-{os.getpid()}"
    open_files = []
    for number in map(int, os.listdir("/dev/fd")):
        try:
            os.fstat(number)
        except OSError:  # the one that listed them
            continue
        open_files.append(number)
    noted = {
        "program": os.path.basename(sys.argv[0]),
        "argv": [os.fsencode(word) for word in sys.argv[1:]],
        "env": {key.decode("latin-1"): value for key, value in os.environb.items()},
        "cwd": os.fsencode(os.getcwd()),
        "files": sorted(open_files),
        "terminals": [os.isatty(number) for number in (0, 1, 2)],
        "pid": os.getpid(),
        "group": os.getpgrp(),
        "session": os.getsid(0),
    }
    path = os.path.join(HERE, "calls", name)
    with open(path + ".part", "w") as file:
        file.write(as_json(noted))
    os.rename(path + ".part", path + ".json")
    return path


def command():
    """The first two words that are no options: ``container run``."""
    return " ".join([word for word in sys.argv[1:] if not word.startswith("-")][:2])


def write(descriptor, data):
    while data:
        data = data[os.write(descriptor, data) :]


def mark(name):
    """Let the test know of this process."""
    path = os.path.join(HERE, "pids", f"{name}-{os.getpid()}")
    os.close(os.open(path, os.O_CREAT))


def do(steps, path):
    for verb, *given in steps:
        if verb == "write":
            write(*given)
        elif verb == "copy":  # the bytes of a file
            with open(given[1], "rb") as file:
                while chunk := file.read(65536):
                    write(given[0], chunk)
        elif verb == "spew":  # for ever
            while True:
                write(*given)
        elif verb == "show":  # a variable of the environment
            write(given[0], os.environb[os.fsencode(given[1])])
        elif verb == "read":  # stdin to its end
            with open(path + ".stdin", "wb") as file:
                while chunk := os.read(0, 65536):
                    file.write(chunk)
        elif verb == "taste":  # some of stdin
            os.read(0, given[0])
        elif verb == "hunger":  # read stdin slowly, for ever
            while True:
                os.read(0, 1)
                time.sleep(1)
        elif verb == "ignore":
            import _signal

            _signal.signal(given[0], _signal.SIG_IGN)
        elif verb == "kill":
            os.kill(os.getpid(), given[0])
        elif verb == "mark":
            mark(given[0])
        elif verb == "sleep":
            time.sleep(given[0])
        elif verb == "cidfile":  # or iidfile: what docker writes down as soon as it knows it
            for word in sys.argv:
                name, _, target = word.partition("=")
                if name in ("--cidfile", "--iidfile"):
                    with open(target, "w") as file:
                        file.write(given[0])
        elif verb == "close":
            os.close(given[0])
        elif verb == "child":  # in the same process group
            if os.fork() == 0:
                mark("child")
                do(given[0], path)
                os._exit(0)
        elif verb == "daemon":  # in a session of its own, orphaned
            if (middle := os.fork()) == 0:
                os.setsid()
                if os.fork() == 0:
                    mark("daemon")
                    do(given[0], path)
                os._exit(0)
            os.waitpid(middle, 0)
        elif verb == "exit":
            os._exit(given[0])
        else:
            raise ValueError(verb)


def docker():
    with open(os.path.join(HERE, "script")) as file:
        script = eval(file.read())
    path = note()
    key = command()
    do(script.get(key, script[""]), path)


def sudo():
    """Run the words behind the options, with the environment that the real one would leave."""
    words = sys.argv[1:]
    kept = ["PATH", "HOME"]
    while words[0].startswith("-"):
        option = words.pop(0)
        if option == "--":
            break
        if option.startswith("--preserve-env="):
            kept += option.partition("=")[2].split(",")
        elif option != "-n":
            sys.exit(f"sudo: {option}?")
    with open(os.path.join(HERE, "script")) as file:
        script = eval(file.read())
    do(script.get("sudo " + os.path.basename(words[0]), ()), note())
    os.execve(words[0], words, {name: os.environ[name] for name in kept if name in os.environ})


def main():
    sudo() if os.path.basename(sys.argv[0]) == "sudo" else docker()
