"""The set-up code: who can read the web process's log may take the installation, and no stranger."""

import hmac
from base64 import b32encode
from functools import cache

import structlog
from django.conf import settings
from django.utils.crypto import salted_hmac

from bulk_lookup.models.directory import somebody_is_here

_log = structlog.get_logger()
_BYTES = 10  # 16 letters: 80 bits


def setup_code() -> str:
    """Derived from the secret key, so that it is the same in every web process and stands nowhere: XXXX-XXXX-XXXX-XXXX."""
    digest = salted_hmac("bulk_lookup.setup_code", "first person", algorithm="sha256").digest()
    letters = b32encode(digest[:_BYTES]).decode("ascii")
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def fits(typed: str) -> bool:
    """Whether this is the code, however its groups were typed."""
    letters = "".join(typed.upper().split()).replace("-", "")
    return hmac.compare_digest(letters.encode(), setup_code().replace("-", "").encode())


def announce() -> None:
    """Write the code into the log, where nobody is here yet; called when a web process starts."""
    if not somebody_is_here():
        _say_once()


@cache
def _say_once() -> None:
    address = settings.ADDRESS.geturl() or "the address of this installation"
    _log.warning(f"Set-up code: {setup_code()}. Open {address} and make the first account.", action="setup_code")
