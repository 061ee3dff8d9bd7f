"""Invented people of invented companies, with mail addresses in domains that are kept for examples."""

from functools import cache
from random import Random
from typing import NamedTuple

from bulk_lookup.core.country import name_of


class Person(NamedTuple):
    """One row's person."""

    first_name: str
    last_name: str
    company: str
    email: str


def invent_person(random: Random) -> Person:
    """Somebody else each time, more or less."""
    first, last = random.choice(_FIRST_NAMES), random.choice(_LAST_NAMES)
    company = f"{random.choice(_COMPANY_WORDS)} {random.choice(_TRADES)}{random.choice(_LEGAL_FORMS)}"
    user = f"{_plain(first)}.{_plain(last)}{random.randrange(1, 1000)}"
    return Person(first, last, company, f"{user}@{random.choice(_DOMAINS)}" if random.random() < 0.9 else "")


def spell_country(region: str, random: Random) -> str:
    """A country as several people have typed it: the code, the name, other spellings, nothing."""
    other = _OTHER_SPELLINGS.get(region, ())
    draw = random.random()
    if draw < 0.45:
        return name_of(region)
    if draw < 0.75:
        return region
    if draw < 0.93 and other:
        return random.choice(other)
    return name_of(region).upper() if draw < 0.96 else ""


def invent_note(random: Random) -> str:
    """Mostly nothing; else what salespeople write, quotes, commas and line breaks included."""
    return random.choice(_NOTES) if random.random() < 0.35 else ""


@cache
def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isascii() and character.isalpha()) or "x"


_FIRST_NAMES = (
    *("Alice", "Bob", "Charlie", "Dana", "Erin", "Frank", "Grace", "Heidi", "Ivan", "Judy", "Kim", "Lee", "Mallory"),
    *("Niaj", "Olivia", "Peggy", "Quinn", "Rupert", "Sybil", "Trent", "Uma", "Victor", "Wendy", "Xavier", "Yara"),
    *("Zoë", "Łukasz", "Jürgen", "Renée", "Søren", "Ñina", "Çelik", "Aarav", "Yuki", "Wei", "Amina", "Chidi", "Otávio"),
)
_LAST_NAMES = (
    *("Example", "Sample", "Placeholder", "Testcase", "Mustermann", "Fictional", "Nobody", "Invented", "Specimen"),
    *("Dummy", "Imaginary", "Pseudonym", "Notreal", "Beispiel", "Exemple", "Ejemplo", "Esempio", "Voorbeeld"),
    *("Przykład", "Exempel", "O'Example", "von Beispiel", "Doe-Sample", "Madeup", "Standin"),
)
_COMPANY_WORDS = (
    "Example",
    "Sample",
    "Placeholder",
    "Fictional",
    "Imaginary",
    "Invented",
    "Mock",
    "Pretend",
    "Specimen",
)
_TRADES = (
    *("Plumbing", "Dental", "Logistics", "Bakery", "Robotics", "Insurance", "Roofing", "Travel", "Fitness", "Law"),
    *("Foods", "Motors", "Realty", "Clinic", "Software", "Gardening", "Optics", "Café", "Möbel", "Textiles"),
)
_LEGAL_FORMS = (
    " Inc.",
    ", Inc.",
    " LLC",
    " Ltd",
    " GmbH",
    " & Sons",
    " SARL",
    " Pty Ltd",
    " B.V.",
    "",
    "",
    ', "the original"',
)
_DOMAINS = ("example.com", "example.org", "example.net", "crm.example", "mail.example")
_OTHER_SPELLINGS = {
    "US": ("USA", "U.S.A.", "United States of America", "us", "U.S."),
    "GB": ("UK", "Great Britain", "GBR", "England"),
    "DE": ("Deutschland", "DEU", "germany"),
    "FR": ("FRA", "france "),
    "ES": ("España",),
    "IT": ("Italia",),
    "BR": ("Brasil",),
    "NL": ("Holland", "The Netherlands"),
    "CH": ("Schweiz", "Suisse"),
    "AE": ("UAE",),
    "CA": ("CAN", "canada"),
    "JP": ("JPN", "日本"),
}
_NOTES = (
    "left a voicemail",
    "Met at the trade fair, wants a quote",
    'said "call me after the holidays"',
    "moved; old number?",
    "VIP!!",
    "do not call before 10:00",
    "Follow-up:\n1) send brochure\n2) call again",
    "prefers e-mail",
    "2 offices; 14 seats; renewal 2027",
    "see ticket #20114",
    "wrong person, ask for the owner",
    "imported from old_crm.xls",
    "Größe 12 bestellt – naïve façade",
    "price: $1,250.00 / year",
)
