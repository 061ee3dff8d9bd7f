"""Secrets at rest: opaque, readable with the key and with no other, and rotatable."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulk_lookup.lib.encryption import CannotDecrypt, decrypt, encrypt, rotate

# No commas: they separate keys. The space around a key is not part of it.
keys = st.text(st.characters(exclude_characters=",", exclude_categories=["Cs"]), min_size=1).filter(str.strip)
secrets = st.text(st.characters(exclude_categories=["Cs"]))


@given(secret=secrets, key=keys)
@settings(max_examples=50, deadline=None)
def test_what_was_encrypted_comes_back(secret: str, key: str) -> None:
    assert decrypt(encrypt(secret, key), key) == secret


def test_a_token_tells_nothing() -> None:
    token = encrypt("auth-token", "a key")

    assert b"auth-token" not in token
    assert encrypt("auth-token", "a key") != token, "the same secret twice looks like two"


@pytest.mark.parametrize("key", ["another key", "a keY", ""])
def test_no_other_key_opens_it(key: str) -> None:
    with pytest.raises(CannotDecrypt, match="is not the one that encrypted"):
        decrypt(encrypt("secret", "a key"), key)


@pytest.mark.parametrize("token", [b"", b"rubbish", encrypt("secret", "a key")[:-8] + b"AAAAAAA=", b"\xff"])
def test_what_is_no_token_or_was_touched_is_refused(token: bytes) -> None:
    with pytest.raises(CannotDecrypt):
        decrypt(token, "a key")


def test_the_refusal_repeats_neither_secret_nor_key() -> None:
    with pytest.raises(CannotDecrypt) as refusal:
        decrypt(encrypt("my secret", "first key"), "second key")

    assert not any(text in str(refusal.value) for text in ("my secret", "first key", "second key"))


def test_a_database_s_bytes_are_taken_as_they_come() -> None:
    assert decrypt(memoryview(encrypt("secret", "a key")).tobytes(), "a key") == "secret"


def test_with_several_keys_the_first_encrypts_and_all_decrypt() -> None:
    old = encrypt("secret", "old")

    assert decrypt(old, "new, old") == "secret"
    assert decrypt(encrypt("secret", "new, old"), "new") == "secret"
    with pytest.raises(CannotDecrypt):
        decrypt(encrypt("secret", "new, old"), "old")


def test_a_rotated_token_needs_the_new_key_only() -> None:
    rotated = rotate(encrypt("secret", "old"), "new,old")

    assert decrypt(rotated, "new") == "secret"
    with pytest.raises(CannotDecrypt):
        decrypt(rotated, "old")


def test_a_token_whose_key_is_gone_is_not_rotated() -> None:
    with pytest.raises(CannotDecrypt):
        rotate(encrypt("secret", "lost"), "new,old")
