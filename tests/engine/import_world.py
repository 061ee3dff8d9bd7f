"""Importing a file in a test: write it, look at it, import it, and check what must hold of every import."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bulk_lookup.engine.import_file import import_file, start_import
from bulk_lookup.engine.import_reading import inspect_file
from bulk_lookup.models import Contact, FacetCount, Import, Organization
from bulk_lookup.models.scope import organization_scope

US_NUMBERS = range(2_000_000, 10_000_000)  # behind the area code 415


def start(organization: Organization, path: Path, *, contact_list_id: int | None = None, **asked: Any) -> Import:
    """Enqueue the import of a file, as a person with these wishes would."""
    inspection = inspect_file(path, **({"organization_country": organization.country_code or None} | asked))
    return start_import(
        organization.id,
        list_name=path.stem,
        file_name=path.name,
        path=path,
        mapping=inspection.mapping,
        contact_list_id=contact_list_id,
    )


def run(organization: Organization, one: Import) -> Import:
    """Do what the job does, and return the import as it is afterwards."""
    import_file(organization.id, one.id)
    return fresh(one)


def bring(organization: Organization, path: Path, **wishes: Any) -> Import:
    """Import a file from beginning to end."""
    return run(organization, start(organization, path, **wishes))


def fresh(one: Import) -> Import:
    """The import as it is in the database now."""
    with organization_scope(one.organization_id):
        return Import.objects.get(id=one.id)


def contacts_of(one: Import) -> list[Contact]:
    """The contacts of the import's list in row order."""
    with organization_scope(one.organization_id):
        return list(Contact.objects.of_list(one.contact_list_id).order_by("row_number"))


def write_numbers(path: Path, rows: int, *, seed: int = 1) -> Path:
    """A CSV with a header and this many rows: a tenth is a number that stands above, a twentieth is none."""
    chance = random.Random(seed)
    numbers: list[str] = []
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "company", "phone", "note"])
        for row in range(rows):
            kind = chance.random()
            if kind < 0.05:
                phone = chance.choice(["", "n/a", "12345", "call the office"])
            elif kind < 0.15 and numbers:
                phone = chance.choice(numbers)
            else:
                phone = f"415{chance.choice(US_NUMBERS):07d}"
                numbers.append(phone)
            writer.writerow(
                [row, f"Example Trading {row % 97} LLC", phone, chance.choice(["", "vip", 'he said "no"', "a\\b"])]
            )
    return path


def check_against_file(one: Import, path: Path) -> None:
    """Every row of the file is a contact with its number, cells and verdict; the first row of a number is the one."""
    firsts: dict[str, int] = {}
    statuses = {"pending": 0, "invalid": 0, "duplicate": 0}
    with path.open(newline="", encoding="utf-8") as file:
        records = csv.reader(file)
        next(records)
        stored = _stored(one)
        for number, cells in enumerate(records, 2):
            contact = next(stored)
            assert (contact["row_number"], contact["cells"]) == (number + one.row_offset, cells)
            phone = contact["formatted_phone_number"]
            if phone is None:
                verdict: tuple[str, int | None] = ("invalid", None)
                assert contact["validation_error"]
            else:
                first = firsts.setdefault(phone, number + one.row_offset)
                verdict = ("pending", None) if first == number + one.row_offset else ("duplicate", first)
            assert (contact["status"], contact["duplicate_of"]) == verdict
            statuses[contact["status"]] += 1
        assert next(stored, None) is None
    assert (one.valid, one.invalid, one.duplicates) == tuple(statuses.values())
    check_sums(one)


def check_sums(one: Import) -> None:
    """The counters, the reasons and the rollup say of the import's list what its contacts say."""
    assert one.rows == one.valid + one.invalid + one.duplicates
    assert sum(one.reasons.values()) == one.invalid
    counted: dict[tuple[str, str, str], int] = {}
    for contact in _stored(one):
        key = (contact["status"], contact["country_code"], contact["validation_error"])
        counted[key] = counted.get(key, 0) + 1
    with organization_scope(one.organization_id):
        facets = FacetCount.objects.filter(contact_list_id=one.contact_list_id, simulated=False)
        kept = {(facet.status, facet.country_code, facet.reason): facet.contacts for facet in facets}
    assert kept == counted


def _stored(one: Import) -> Iterator[dict[str, Any]]:
    with organization_scope(one.organization_id):
        contacts = Contact.objects.of_list(one.contact_list_id).order_by("row_number")
        yield from contacts.values(
            *("row_number", "cells", "formatted_phone_number", "status", "duplicate_of"),
            *("validation_error", "country_code"),
        )
