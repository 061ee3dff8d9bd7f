"""Static files under names that hold the hash of their content, so that a browser may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Django's, but a page whose front end was not built comes without it instead of not at all."""

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        """The hashed name, or the plain one where nothing was collected yet (tests, a wheel without front end)."""
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name
