"""What every command that touches data begins with: the database, and the organization whose data it is."""

from typing import TYPE_CHECKING

from bulk_lookup.cli.exits import console

if TYPE_CHECKING:
    from bulk_lookup.models import Organization


def open_session() -> "Organization":
    """Join the database and return the organization; a one-person installation gets its own by itself."""
    from bulk_lookup.boot import boot

    boot(say=lambda sentence: console.print(sentence, style="dim", markup=False))
    from bulk_lookup.models.directory import the_organization

    return the_organization()
