"""The one exception of this package."""


class TableError(Exception):
    """A file cannot be read or written as a table; the message is one sentence for the person who gave the file.

    The sentence names the file, the row where there is one, and what to do about it.
    """
