"""A list as it comes out of a customer database after some years: believable, and the same for the same seed."""

from collections.abc import Iterator
from random import Random

from bulk_lookup.cli.sample_numbers import HOME, Line, Numbers
from bulk_lookup.cli.sample_people import Person, invent_note, invent_person, spell_country
from bulk_lookup.cli.sample_writing import write_number, write_reject

HEADER = (
    "Record ID",
    "First Name",
    "Last Name",
    "Company",
    "E-Mail",
    "Phone",
    "Fax",
    "Country",
    "Last Contact",
    "Notes",
)

REJECTS = 0.055  # share of rows without a usable number
DUPLICATES = 0.04  # share of rows with the number of an earlier one, written anew
REMEMBERED = 500  # rows that a duplicate may repeat
FAXES = 0.06


def invent_rows(rows: int, *, seed: int) -> Iterator[tuple[str, ...]]:
    """So many rows under `HEADER`; about 90 of 100 have a valid number that no row before had."""
    random = Random(seed)
    numbers = Numbers(random)
    seen: list[tuple[Person, Line]] = []
    for record in range(1, rows + 1):
        draw = random.random()
        person, line = random.choice(seen) if seen and draw < DUPLICATES else (invent_person(random), numbers.draw())
        if draw >= 1 - REJECTS:
            cell = write_reject(random)
        else:
            other = random.choice(seen)[1] if seen else line
            cell = write_number(line, other, random)
            if len(seen) < REMEMBERED:
                seen.append((person, line))
            else:
                seen[random.randrange(REMEMBERED)] = person, line
        yield _row(record, person, line, cell, random)


def _row(record: int, person: Person, line: Line, cell: str, random: Random) -> tuple[str, ...]:
    fax = f"(415) 555-01{random.randrange(100):02}" if line.country == HOME and random.random() < FAXES else ""
    contacted = f"{random.randrange(2019, 2027)}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"
    return (
        f"{record + 10_000:06}",
        person.first_name if random.random() < 0.97 else person.first_name.upper(),
        person.last_name,
        person.company,
        person.email,
        cell,
        fax,
        spell_country(line.country, random),
        contacted if random.random() < 0.7 else "",
        invent_note(random),
    )
