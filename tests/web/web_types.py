"""Types of the fixtures for pages."""

from collections.abc import Callable

from django.test import Client

ClientOf = Callable[..., Client]
