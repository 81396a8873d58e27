"""Standard streams that no night depends on: closed, full, of another code page, or a terminal that is gone."""

from __future__ import annotations

import codecs
import contextlib
import errno
import io
import os
import sys

from people_transforms.errors import SyncError

_ESCAPE = "people_sync.escape"


def ready_streams() -> None:
    """Make what this process says independent of who listens; called once, before anything is said."""
    codecs.register_error(_ESCAPE, _escaped)
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The first file that is opened would become the stream, and be written to.
            os.open(os.devnull, os.O_RDWR)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
    sys.stdout = _Stdout.over(1)
    sys.stderr = _Stderr.over(2)


class _Stream(io.TextIOWrapper):
    """A stream that falls silent once it cannot be written."""

    @classmethod
    def over(cls, number: int) -> _Stream:
        kept = sys.stdout if number == 1 else sys.stderr
        return cls(
            open(number, "wb", closefd=False),  # noqa: SIM115
            encoding=kept.encoding if kept else None,
            errors=_ESCAPE,
            line_buffering=number == 2 or os.isatty(number),
        )

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._fall_silent(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._fall_silent(error)

    def _fall_silent(self, error: OSError) -> None:
        with contextlib.suppress(OSError):
            handle = os.open(os.devnull, os.O_WRONLY)
            os.dup2(handle, self.fileno())
            os.close(handle)


class _Stderr(_Stream):
    """Progress and complaints: nobody has to hear them."""


class _Stdout(_Stream):
    """What was asked for: who stops reading has enough, but a full disk has not got it."""

    def _fall_silent(self, error: OSError) -> None:
        super()._fall_silent(error)
        if error.errno != errno.EPIPE:
            raise SyncError(
                "What there is to say could not be written to standard output.",
                cause=error.strerror,
            ) from None


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Write a character that a code page does not have as JSON does, so that JSON stays JSON."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    units = (text[i : i + 2].hex() for i in range(0, len(text), 2))
    return "".join(f"\\u{unit}" for unit in units), error.end
