"""`bulk-lookup doctor`: is the installation well, and if not, what to do."""

from typing import Annotated

import typer

from bulk_lookup.cli.exits import DONE, UNEXPECTED


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")] = False,
) -> None:
    """Check the installation and say what to do; ends with 0 where all is well, with 1 where something is wrong."""
    from bulk_lookup.cli.examination import State, examine
    from bulk_lookup.cli.summary import print_json

    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            typer.echo(f"{_WORDS[finding.state]}  {finding.name}: {finding.sentence}")
            if finding.advice:
                typer.echo(f"         → {finding.advice}")
    well = all(finding.state is not State.WRONG for finding in findings)
    if as_json:
        print_json({"ok": well, "checks": [finding.as_json() for finding in findings]})
    else:
        typer.echo("All is well." if well else "Something is wrong; see above.")
    raise typer.Exit(DONE if well else UNEXPECTED)


_WORDS = {"ok": "ok     ", "note": "note   ", "wrong": "WRONG  "}
