"""The beginning and the end of every command.

It loads nothing by itself but what Python has loaded already: what comes before `main` has no answer to Ctrl-C but a traceback.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # typing's own would load it
if TYPE_CHECKING:
    from typing import Any, NoReturn

    import typer

_UNEXPECTED, _INTERRUPTED = 1, 130  # as in cli/exits.py, which would load what is heavy


def main() -> None:
    """Run the command line; what nobody foresaw is one sentence and exit code 1."""
    code = _UNEXPECTED
    try:
        from bulk_lookup.cli.terminal import open_closed_streams

        open_closed_streams()
        _lose_no_interrupt()
        _load_commands()()
    except SystemExit as end:  # the usual way out of a command
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else _UNEXPECTED
        if isinstance(getattr(end.__context__, "__cause__", None), KeyboardInterrupt):
            _say(
                "Interrupted."
            )  # outside of what a command says by itself, and turned into an exit code on the way here
    except KeyboardInterrupt:
        _say("Interrupted.")
        code = _INTERRUPTED
    except Exception as error:
        if os.environ.get("BULK_LOOKUP_DEBUG"):
            raise
        _say(f"Something unexpected happened: {type(error).__name__}: {error}")
        _say("Set BULK_LOOKUP_DEBUG=1 to see where.")
    _leave(code)


def __getattr__(name: str) -> Any:
    """`app`, for tools that look for it beside `main`."""
    if name == "app":
        return _load_commands()
    raise AttributeError(name)


def _lose_no_interrupt() -> None:
    """Press Ctrl-C once more where it was lost: in a finalizer Python shows it as a traceback, and goes on to spend."""
    import signal

    before = sys.unraisablehook

    def hook(lost: sys.UnraisableHookArgs, /) -> None:
        if lost.exc_type is not KeyboardInterrupt:
            before(lost)
            return
        import threading

        again = threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT))  # not here: this is still the finalizer
        again.daemon = True
        again.start()

    sys.unraisablehook = hook


def _load_commands() -> typer.Typer:
    """The commands; what is loaded for them takes a moment, in which Ctrl-C ends all at once, as nothing has begun.

    As an exception it would not do: some modules take one at their loading for another.
    """
    import signal

    before = signal.getsignal(signal.SIGINT)
    try:
        if before is signal.default_int_handler:  # not where it is ignored: in the background of a shell's script
            signal.signal(signal.SIGINT, _end_at_once)
        from bulk_lookup.cli.commands import app
    finally:
        signal.signal(signal.SIGINT, before)
    return app


def _end_at_once(number: int, frame: object) -> None:
    _say("Interrupted.")
    os._exit(_INTERRUPTED)


def _say(sentence: str) -> None:
    from contextlib import suppress

    with suppress(OSError):  # nobody reads it
        os.write(2, f"{sentence}\n".encode())


def _leave(code: int) -> NoReturn:
    """End the process at once, after all that an end owes.

    The HTTP library's own thread may still let go of Python objects for some milliseconds after an answer. Where the
    interpreter was taken down meanwhile, Python aborted the process ("PyGILState_Release", exit code -6): 2 of 6 calls of
    `doctor` with wrong credentials.
    """
    import atexit
    import signal
    import threading

    # What Python itself does first: end the pools' threads, wait for those that are no daemons, call what is registered.
    try:
        threading._shutdown()  # type: ignore[attr-defined]
    except KeyboardInterrupt:
        code = _INTERRUPTED
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the rest is short
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            code = code or _UNEXPECTED
    os._exit(code)
