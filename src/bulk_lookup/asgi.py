"""The ASGI application: `bulk-lookup web` serves it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bulk_lookup.settings")

django_application = get_asgi_application()

# Django must be set up before these.
from bulk_lookup.web.events import EventStreams  # noqa: E402
from bulk_lookup.web.imports.body_limit import BodyLimit  # noqa: E402

application = BodyLimit(EventStreams(django_application))
