r"""A conversation with a program on a pseudo-terminal: keys go in, a screen comes out.

::

    with docker.call.container.exec("web", "sh", interactive=True, tty=True).terminal() as shell:
        shell.expect("[#$] ")
        shell.send("vi notes.txt\n")
        shell.see("notes.txt")
        shell.key("escape", ":", "q", "enter")

sh makes the terminal and moves the bytes, pyte keeps the screen and answers what programs ask of a
terminal, such as where its cursor is. sh forks: one terminal at a time is started, and in a program
with many threads it is better done by the main one.
"""

from dockcli.terminal.conversation import DEADLINE, Found, Terminal
from dockcli.terminal.keys import CTRL_C, CTRL_D, ENTER, ESCAPE
from dockcli.terminal.screen import Cursor

__all__ = [
    "CTRL_C",
    "CTRL_D",
    "DEADLINE",
    "ENTER",
    "ESCAPE",
    "Cursor",
    "Found",
    "Terminal",
]
