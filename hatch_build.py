"""Builds the front end before it goes into a wheel. Where npm cannot be reached the wheel comes without it, and says so."""

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEnd(BuildHookInterface):  # type: ignore[type-arg]
    """Leaves an editable install alone: `make frontend` builds for that."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run scripts/frontend, which does nothing when nothing has changed; a build that fails ends the wheel's."""
        script = Path(self.root, "scripts", "frontend")
        if version != "editable" and script.exists():
            subprocess.run(["sh", str(script)], cwd=self.root, check=True)
