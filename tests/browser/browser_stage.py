"""A page that is watched, and axe-core's word on it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

PASSWORD = "a long enough password"
ROOT = Path(__file__).parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
APP = ROOT / "src" / "bulk_lookup" / "web" / "static" / "app.js"


class Watched:
    """A page whose complaints are kept: errors of scripts, and what the content policy has stopped."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on(
            "console", lambda message: message.type in ("error", "warning") and self.complaints.append(message.text)
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))


def serious_violations(page: "Page") -> list[tuple[str, list[str]]]:
    """What axe-core calls serious or critical: the rule, and where."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run()")
    return [
        (one["id"], [f"{node['html'][:120]} {node['failureSummary'][:300]}" for node in one["nodes"][:3]])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
