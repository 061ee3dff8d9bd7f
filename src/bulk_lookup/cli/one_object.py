"""What `--json` promises: a script that has made no mistake of its own (exit code 2) always gets one object."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from bulk_lookup.cli.exits import BAD_INPUT, Stop, mistakes
from bulk_lookup.cli.summary import print_json


@contextmanager
def one_object(wanted: bool, make: Callable[[str], dict[str, Any]]) -> Iterator[None]:
    """Where the block ends by an exception, print what `make` says of what there is; it is given the end's reason word.

    A block that ends by itself has printed its object.
    """
    try:
        yield
    except Stop as stop:
        if wanted and stop.code != BAD_INPUT:
            _print(make, stop.reason)
        raise
    except KeyboardInterrupt:
        if wanted:
            _print(make, "interrupted")
        raise
    except Exception as error:
        if wanted and not isinstance(error, (*mistakes(), BrokenPipeError)):
            _print(make, "unexpected")
        raise


def _print(make: Callable[[str], dict[str, Any]], reason: str) -> None:
    # The exception is what must be told; where the database has gone as well there is nothing to make an object of.
    with suppress(Exception):
        print_json(make(reason))
