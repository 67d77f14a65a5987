"""A call that runs in a thread of its own, so that what it writes can be read, or what it reads be
written, meanwhile."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dockcli import child

if TYPE_CHECKING:
    from dockcli.call import Call
    from dockcli.completed import Completed


class Work:
    """*call*, begun; *ended* is called in its thread once it has."""

    def __init__(self, call: Call[Any], ended: Callable[[], None]) -> None:
        self._lost = threading.Event()
        self._outer = child.given_up.get()
        self._answer: Completed | None = None
        self._error: BaseException | None = None
        context = contextvars.copy_context()
        context.run(child.given_up.set, self._lost)
        self._thread = threading.Thread(
            target=context.run, args=(self._do, call, ended), name="dockcli-helper", daemon=True
        )
        self._thread.start()

    def _do(self, call: Call[Any], ended: Callable[[], None]) -> None:
        try:
            self._answer = call.run()
        except BaseException as error:
            self._error = error
        finally:
            ended()

    @property
    def failed(self) -> bool:
        return self._error is not None

    def check(self) -> None:
        """Raise GivenUp when nobody waits any more for the call that this is part of."""
        if self._outer is not None and self._outer.is_set():
            raise child.GivenUp

    def result(self) -> Completed:
        """Wait for its end. Raises what the call failed with."""
        while self._thread.is_alive():
            self._thread.join(0.1)
            self.check()
        if self._error is not None:
            raise self._error
        assert self._answer is not None
        return self._answer

    def give_up(self) -> None:
        """End it, with the container that it has started, and wait until that is done."""
        self._lost.set()
        self._thread.join()
