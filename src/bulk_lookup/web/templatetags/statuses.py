"""What a status looks like: its word, its icon, and the tint of one of the six."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """`tint` is the last part of the class `tag--…`."""

    word: str
    icon: str
    tint: str


PENDING, PROCESSING, COMPLETED, FAILED = "pending", "processing", "completed", "failed"
INVALID, DUPLICATE = "invalid", "duplicate"

LOOKS: dict[str, Look] = {
    # contacts and lookups
    "pending": Look("Pending", "circle-dashed", PENDING),
    "processing": Look("Processing", "loader-circle", PROCESSING),
    "completed": Look("Completed", "circle-check", COMPLETED),
    "failed": Look("Failed", "circle-x", FAILED),
    "invalid": Look("Invalid", "ban", INVALID),
    "duplicate": Look("Duplicate", "copy", DUPLICATE),
    "asking": Look("Asking", "loader-circle", PROCESSING),
    "done": Look("Completed", "circle-check", COMPLETED),
    "skipped": Look("Skipped", "circle-slash", PENDING),
    "reused": Look("Reused", "history", COMPLETED),
    # rows of a file
    "valid": Look("Valid", "circle-check", COMPLETED),
    "repaired": Look("Repaired", "wrench", PROCESSING),
    "rejected": Look("Rejected", "ban", INVALID),
    # runs and imports
    "draft": Look("Draft", "circle-dashed", PENDING),
    "waiting": Look("Waiting", "circle-dashed", PENDING),
    "planning": Look("Planning", "loader-circle", PROCESSING),
    "running": Look("Running", "loader-circle", PROCESSING),
    "paused": Look("Paused", "circle-pause", INVALID),
    "finished": Look("Finished", "circle-check", COMPLETED),
    "cancelled": Look("Cancelled", "circle-slash", PENDING),
    # exports
    "wanted": Look("Being made", "loader-circle", PROCESSING),
    "building": Look("Being made", "loader-circle", PROCESSING),
    "ready": Look("Ready", "circle-check", COMPLETED),
    "expired": Look("Expired", "circle-slash", PENDING),
    # provider accounts, workers
    "ok": Look("Ready", "circle-check", COMPLETED),
    "halted": Look("Halted", "octagon-alert", FAILED),
    "alive": Look("Alive", "circle-check", COMPLETED),
    "stale": Look("No sign of life", "octagon-alert", FAILED),
}


def look_of(status: str) -> Look:
    """The look of a status; one that is not known is shown as its own word, without a claim."""
    return LOOKS.get(status) or Look(status.replace("_", " ").capitalize(), "circle-dashed", PENDING)
