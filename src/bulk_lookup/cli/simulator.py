"""`bulk-lookup simulator`: a look-alike of Twilio's Lookup on a port of one's own."""

import inspect
from typing import Annotated

import typer

from bulk_lookup.cli.exits import BAD_INPUT, Stop, console, said
from bulk_lookup.simulator.settings import BadSetting, SimulatorSettings, setting_texts

LAST_PORT = 65535

# Given once for each package, it reads better in the singular.
_ALSO = {"package_limits": ("--package-limit",)}


def simulator(host: str, **given: str | list[str]) -> None:
    """Answer like Twilio Lookup v2 with invented data, at no cost, and keep a ledger of what it would have billed."""
    with said():
        try:
            settings = SimulatorSettings.of(**{name: value for name, value in given.items() if value})
        except BadSetting as error:
            raise Stop(BAD_INPUT, f"--{_dashed(str(error))}.") from error
        if settings.port > LAST_PORT:
            raise Stop(BAD_INPUT, f"--port {settings.port} is no port; they end at {LAST_PORT}.")
        _serve(settings, host)


def _serve(settings: SimulatorSettings, host: str) -> None:
    from bulk_lookup.simulator.server import run

    def say(port: int) -> None:
        from bulk_lookup.simulator.accounts import SIMULATED_ACCOUNT_SID, SIMULATED_AUTH_TOKEN

        url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        typer.echo(f"Simulator: {url}")
        console.print("It speaks to whoever has these in the environment; Ctrl-C ends it:", style="dim")
        typer.echo(f"export TWILIO_ACCOUNT_SID={SIMULATED_ACCOUNT_SID}")
        typer.echo(f"export TWILIO_AUTH_TOKEN={SIMULATED_AUTH_TOKEN}")
        typer.echo(f"export BULK_LOOKUP_TWILIO_URL={url}")

    try:
        run(settings, host=host, ready=say)
    except OSError as error:
        reason = error.strerror or str(error)
        raise Stop(BAD_INPUT, f"The simulator cannot listen on {host}, port {settings.port}: {reason}.") from error


def _dashed(sentence: str) -> str:
    """The setting's name at the sentence's beginning, as the option is written."""
    name, colon, rest = sentence.partition(":")
    return name.replace("_", "-") + colon + rest


def _options() -> list[inspect.Parameter]:
    """One option for each setting, so that a new setting needs no line here."""
    options: list[tuple[str, object, object]] = [
        ("host", Annotated[str, typer.Option("--host", help="Address to listen on.")], "127.0.0.1")
    ]
    for name, text in setting_texts().items():
        flags = [*_ALSO.get(name, ()), f"--{name.replace('_', '-')}"]
        many = name in _ALSO
        option = typer.Option(*flags, help=text, metavar="VALUE", show_default=False)
        options.append((name, Annotated[list[str] if many else str, option], [] if many else ""))
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, annotation, default in options
    ]


simulator.__signature__ = inspect.Signature(_options())  # type: ignore[attr-defined]
