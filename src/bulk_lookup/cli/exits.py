"""How a command ends: its exit code, and the sentence that says why."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

DONE = 0  # also when some numbers failed
UNEXPECTED = 1
BAD_INPUT = 2
STOPPED = 3  # by the cap or by the account; what there is, is written
INTERRUPTED = 130  # paused by Ctrl-C

# Everything that is said goes to standard error: standard output belongs to the result.
console = Console(stderr=True, highlight=False, soft_wrap=True)


class Stop(Exception):
    """End the command with this code and this sentence, "" where it was said before.

    `reason` is the word for programs, where there is one.
    """

    def __init__(self, code: int, sentence: str, *, reason: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.reason = reason


@contextmanager
def said() -> Iterator[None]:
    """Turn the errors that have a sentence for the user into that sentence and an exit code, never a traceback."""
    try:
        yield
    except Stop as stop:
        if str(stop):
            console.print(str(stop), markup=False)
        raise typer.Exit(stop.code) from None
    except mistakes() as error:
        console.print(str(error), markup=False)
        raise typer.Exit(BAD_INPUT) from None
    except KeyboardInterrupt:
        console.print("Interrupted.")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        raise typer.Exit(UNEXPECTED) from None


def mistakes() -> tuple[type[Exception], ...]:
    """The exceptions that mean bad input, usage or settings; the text of each is a sentence for the user."""
    from bulk_lookup.core.columns import ColumnError
    from bulk_lookup.core.data_package import UnknownPackage
    from bulk_lookup.core.pricing import BadAmount
    from bulk_lookup.environment import EnvironmentProblem
    from bulk_lookup.lib.embedded_postgres import EmbeddedPostgresError
    from bulk_lookup.lib.tables.errors import TableError
    from bulk_lookup.providers.base import CredentialsMissing

    return (
        ColumnError,
        UnknownPackage,
        BadAmount,
        EnvironmentProblem,
        EmbeddedPostgresError,
        TableError,
        CredentialsMissing,
    )
