"""Looking through what lies in the storage: uploads and exports of an organization."""

from datetime import datetime

from django.core.files.storage import default_storage


def names_in(folder: str) -> list[str]:
    """The names of a folder's files, each with its folder; none where there is no such folder."""
    try:
        _, names = default_storage.listdir(folder)
    except FileNotFoundError:
        return []
    return [f"{folder}/{name}" for name in names]


def is_older(name: str, moment: datetime) -> bool:
    """Whether a file was last written before a moment, so that it is not on its way into the database just now."""
    try:
        return default_storage.get_modified_time(name) < moment
    except FileNotFoundError:
        return False
