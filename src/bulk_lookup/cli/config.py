"""`bulk-lookup config`: every setting, its value, and where that came from."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bulk_lookup.cli.exits import said

if TYPE_CHECKING:
    from bulk_lookup.environment import Value


def config(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array, and nothing else.")] = False,
) -> None:
    """Show every setting: its value (secrets masked), where it came from, and what it means."""
    from bulk_lookup.cli.plain_table import print_table
    from bulk_lookup.environment import read_environment

    with said():
        values = read_environment()
        if as_json:
            settings = [
                {
                    "name": name,
                    "value": _shown(value),
                    "from": value.origin,
                    "secret": value.setting.secret,
                    "meaning": value.setting.meaning,
                }
                for name, value in values.items()
            ]
            typer.echo(json.dumps(settings, ensure_ascii=False))
            return
        rows = ((name, _text(value), value.origin, value.setting.meaning) for name, value in values.items())
        print_table(("SETTING", "VALUE", "FROM", "MEANING"), rows)


def _shown(value: "Value") -> Any:
    """As JSON: null where it is not set, a secret masked."""
    if value.value in ("", None):
        return None
    return value.shown() if value.setting.secret else value.value


def _text(value: "Value") -> str:
    """As a person would write it."""
    if isinstance(value.value, bool):
        return "yes" if value.value else "no"
    if isinstance(value.value, tuple):
        return ",".join(f"{one:g}" for one in value.value)
    return value.shown()
