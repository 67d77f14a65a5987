"""An archive that docker writes, to be read or left at any time."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Protocol

    from typing_extensions import Self

    from dockcli.call import Call

    class Readable(Protocol):
        """What an archive is read from; leaving its context ends what writes it."""

        def read(self, size: int = -1, /) -> bytes: ...
        def __enter__(self) -> Self: ...
        def __exit__(
            self,
            kind: type[BaseException] | None,
            error: BaseException | None,
            trace: TracebackType | None,
            /,
        ) -> None: ...


def opened(call: Call[Any]) -> Readable:
    """The answer of *call* as it comes. Reading to its end raises what the call failed with."""
    from dockcli.runner import LocalRunner

    if isinstance(call.client.runner, LocalRunner):
        return call.open()
    return io.BytesIO(call.run().stdout)  # a runner of the caller's own knows no streams
