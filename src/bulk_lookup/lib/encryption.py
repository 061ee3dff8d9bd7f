"""Secrets at rest: encrypted with keys that can be rotated."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class CannotDecrypt(Exception):
    """The key is not the one with which the secret was encrypted."""


def encrypt(secret: str, key: str) -> bytes:
    """`secret` as an opaque token; `key` is any text, the newest first where there are several with commas."""
    return _cipher(key).encrypt(secret.encode())


def decrypt(token: bytes, key: str) -> str:
    """The secret of `token`; raises CannotDecrypt where none of the keys fits."""
    with _told():
        return _cipher(key).decrypt(bytes(token)).decode()


def rotate(token: bytes, key: str) -> bytes:
    """The same secret under the newest of the keys; raises CannotDecrypt where none of them fits."""
    with _told():
        return _cipher(key).rotate(bytes(token))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except InvalidToken as error:
        raise CannotDecrypt("the secret key of this installation is not the one that encrypted this secret") from error


def _cipher(key: str) -> MultiFernet:
    # Fernet wants 32 bytes; a hash is enough, as the key is random and long, not a person's password.
    return MultiFernet([Fernet(urlsafe_b64encode(sha256(part.strip().encode()).digest())) for part in key.split(",")])
