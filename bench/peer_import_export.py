"""A peer: django-import-export, parsing and de-duplicating as an application of it would.

`python -m bench.peer_import_export plain|bulk DATABASE FILE` prints {"rows", "seconds", "peak_mb"}.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from bench.memory import peak_mb
from bulk_lookup.database import django_database

BATCH = 1000


def main(mode: str, database: str, path: Path) -> None:
    """Import a file, as the library comes (plain) or as fast as it can be made (bulk), and print how long it took."""
    import django
    from django.conf import settings

    settings.configure(
        DATABASES={"default": django_database(database)},
        INSTALLED_APPS=["django.contrib.contenttypes", "import_export"],
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()
    import tablib  # type: ignore[import-untyped]
    from django.db import connection

    contact, resource = _application(bulk=mode == "bulk")
    with connection.schema_editor() as editor:
        editor.create_model(contact)
    began = time.monotonic()
    dataset = tablib.Dataset().load(path.read_text(encoding="utf-8"), format="csv")
    result = resource().import_data(dataset, raise_errors=True)
    seconds = time.monotonic() - began
    assert contact.objects.count() == result.total_rows
    print(json.dumps({"rows": result.total_rows, "seconds": seconds, "peak_mb": peak_mb()}))


def _application(*, bulk: bool) -> tuple[Any, Any]:
    """The model, with the columns of the list and four of ours, two of them indexed; and how it is imported."""
    import phonenumbers
    from django.db import models
    from import_export import fields, resources  # type: ignore[import-untyped]

    class Contact(models.Model):
        record_id = models.TextField(unique=True)
        first_name = models.TextField()
        last_name = models.TextField()
        company = models.TextField()
        email = models.TextField()
        raw_phone_number = models.TextField()
        fax = models.TextField()
        country = models.TextField()
        last_contact = models.TextField()
        notes = models.TextField()
        formatted_phone_number = models.TextField(null=True, db_index=True)
        country_code = models.TextField(default="")
        status = models.TextField(default="pending", db_index=True)
        duplicate_of = models.TextField(null=True)

        class Meta:
            app_label = "import_export"  # an application that is installed

    columns = {
        "record_id": "Record ID",
        "first_name": "First Name",
        "last_name": "Last Name",
        "company": "Company",
        "email": "E-Mail",
        "raw_phone_number": "Phone",
        "fax": "Fax",
        "country": "Country",
        "last_contact": "Last Contact",
        "notes": "Notes",
        "formatted_phone_number": "formatted_phone_number",
        "country_code": "country_code",
        "status": "status",
        "duplicate_of": "duplicate_of",
    }

    class ContactResource(resources.ModelResource):  # type: ignore[misc]
        seen: dict[str, str] = {}

        class Meta:
            model = Contact
            # In bulk: rows are taken for new, made a thousand at a time, and not compared. Else each is looked for first, so
            # that a second import of the file doubles nothing.
            import_id_fields = () if bulk else ("record_id",)
            force_init_instance = bulk
            use_bulk = bulk
            batch_size = BATCH
            skip_diff = bulk
            skip_html_diff = bulk
            fields = tuple(columns)

        def before_import_row(self, row: dict[str, Any], **_: Any) -> None:
            row.update(formatted_phone_number=None, country_code="", status="invalid", duplicate_of=None)
            try:
                number = phonenumbers.parse(row["Phone"], "US")
            except phonenumbers.NumberParseException:
                return
            if not phonenumbers.is_valid_number(number):
                return
            text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            first = self.seen.setdefault(text, row["Record ID"])
            row.update(
                formatted_phone_number=text,
                country_code=phonenumbers.region_code_for_number(number) or "",
                status="pending" if first == row["Record ID"] else "duplicate",
                duplicate_of=None if first == row["Record ID"] else first,
            )

    for name, column in columns.items():
        ContactResource.fields[name] = fields.Field(attribute=name, column_name=column)
    return Contact, ContactResource


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
