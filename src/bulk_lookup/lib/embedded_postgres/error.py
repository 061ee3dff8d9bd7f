"""What goes wrong with the embedded server, as one sentence."""


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be used; the text is one sentence for the person at the keyboard."""
