"""What all writers of tables share."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from decimal import Decimal
from types import TracebackType
from typing import Self

from bulk_lookup.lib.tables.output_file import OutputFile

Cell = str | int | Decimal | None


class TableWriter(ABC):
    """Rows go in by `write`; `close` makes the file appear, `abort` leaves nothing.

    As a context manager it closes at the end, and aborts when an exception passes. Raises TableError where the file
    cannot be written or the format cannot hold the table.
    """

    def __init__(self, output: OutputFile) -> None:
        self._output = output
        self.notes: list[str] = []
        """Sentences about what the format could not hold, to be shown."""

    @abstractmethod
    def write(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write rows, each as long as the header."""

    def close(self) -> None:
        """Finish the file and give it its name."""
        try:
            self._finish()
        except BaseException:
            self.abort()
            raise
        self._output.commit()

    def abort(self) -> None:
        """Give the file up."""
        self._output.abort()

    def _finish(self) -> None:  # noqa: B027 (most formats keep nothing back)
        """Write what is kept back."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()
