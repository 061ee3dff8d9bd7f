"""`python -m bulk_lookup.simulator`: the simulator as a process of its own, with every setting as an option."""

import argparse
import sys

from bulk_lookup.simulator.server import run
from bulk_lookup.simulator.settings import BadSetting, SimulatorSettings, setting_texts


def main(arguments: list[str] | None = None) -> int:
    """Read the options, serve, and return the exit code: 0, or 2 for an option that does not fit."""
    parser = argparse.ArgumentParser(
        prog="python -m bulk_lookup.simulator",
        description="Answer like Twilio Lookup v2, with invented data, and keep a ledger of what it would have billed.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--parent-pipe",
        nargs="?",
        type=int,
        const=0,
        metavar="FD",
        help="end when this pipe (standard input if no descriptor is given) is closed at its other end",
    )
    for name, text in setting_texts().items():
        # `--package-limit NAME=N` reads better where it is given once for each package.
        flags = ["--package-limit"] if name == "package_limits" else []
        action = "append" if flags else "store"
        flags.append(f"--{name.replace('_', '-')}")
        parser.add_argument(*flags, dest=name, action=action, metavar="VALUE", help=text.replace("%", "%%"))
    read = vars(parser.parse_args(arguments))
    host, parent_pipe = read.pop("host"), read.pop("parent_pipe")
    try:
        settings = SimulatorSettings.of(**{name: value for name, value in read.items() if value is not None})
    except BadSetting as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        run(settings, host=host, parent_pipe=parent_pipe)
    except ValueError as error:
        sys.stderr.write(f"--parent-pipe: {error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"The simulator cannot listen on {host}, port {settings.port}: {error.strerror}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
