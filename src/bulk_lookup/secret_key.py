"""The installation's secret key: configured, or made once and kept in the data folder with mode 0600."""

import os
import secrets
from pathlib import Path

from bulk_lookup.lib.embedded_postgres import default_data_dir

_FILE = "secret.key"


def data_folder(data_dir: str) -> Path:
    """The folder that is configured, else this system's place for it."""
    return Path(data_dir) if data_dir else default_data_dir()


def secret_key(configured: str, data_dir: str) -> str:
    """The configured key, else that of the data folder, else one for this process alone.

    The last is for commands that have no data folder yet (help, type checks); `keep_secret_key` makes the file.
    """
    if configured:
        return configured
    try:
        return (data_folder(data_dir) / _FILE).read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_urlsafe(48)


def keep_secret_key(data_dir: str) -> None:
    """Make the key's file if there is none; two processes that try at once end with the same key."""
    folder = data_folder(data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _FILE
    if path.exists():
        return
    draft = folder / f"{_FILE}.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # unlike a rename, this fails where another process was first
    except FileExistsError:
        pass
    finally:
        draft.unlink()
