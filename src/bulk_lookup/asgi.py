"""The ASGI application: `bulk-lookup web` serves it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bulk_lookup.settings")

application = get_asgi_application()
