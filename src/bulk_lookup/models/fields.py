"""Small makers of constraints that several nouns share."""

from collections.abc import Sequence

from django.db import models


def one_of(table: str, column: str, words: Sequence[str]) -> models.CheckConstraint:
    """A check that `column` holds one of `words`: the database refuses a misspelt status."""
    return models.CheckConstraint(condition=models.Q(**{f"{column}__in": list(words)}), name=f"{table}_{column}_word")
