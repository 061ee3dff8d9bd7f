"""`bulk-lookup sample`: a list that looks like life, and in which nobody lives."""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from cli_stage import Command

from bulk_lookup.cli.sample_list import HEADER, invent_rows
from bulk_lookup.cli.sample_numbers import COUNTRIES, Block, Numbers
from bulk_lookup.core.phone import Phone, Reason, Repair, parse_phone

ROWS = 20_000
PHONE = HEADER.index("Phone")


@pytest.fixture(scope="module")
def rows() -> list[tuple[str, ...]]:
    return list(invent_rows(ROWS, seed=1))


@pytest.fixture(scope="module")
def phones(rows: list[tuple[str, ...]]) -> list[Phone]:
    return [parse_phone(row[PHONE], "US") for row in rows]


def test_nine_of_ten_rows_have_a_number_of_their_own(phones: Sequence[Phone]) -> None:
    numbers = Counter(phone.e164 for phone in phones if phone.e164)

    assert 0.87 < len(numbers) / ROWS < 0.93
    assert 0.02 < (sum(numbers.values()) - len(numbers)) / ROWS < 0.06  # written differently, the same


def test_every_reason_for_a_reject_occurs(phones: Sequence[Phone]) -> None:
    # "No country" is a matter of the list, not of the cell.
    assert {phone.reason for phone in phones if phone.reason} == set(Reason) - {Reason.NO_COUNTRY}


def test_every_repair_occurs_that_needs_no_other_country(phones: Sequence[Phone]) -> None:
    found = {repair for phone in phones for repair in phone.repairs}

    assert found == set(Repair) - {Repair.LOST_PLUS}
    assert any(phone.others for phone in phones)


def test_a_duplicate_is_written_in_several_ways(rows: Sequence[tuple[str, ...]], phones: Sequence[Phone]) -> None:
    writings: dict[str, set[str]] = {}
    for row, phone in zip(rows, phones, strict=True):
        if phone.e164:
            writings.setdefault(phone.e164, set()).add(row[PHONE])

    assert sum(len(ways) > 1 for ways in writings.values()) > 100


def test_many_countries_occur(phones: Sequence[Phone]) -> None:
    assert len({phone.country_code for phone in phones}) >= len(COUNTRIES)


def test_nobodys_mail_address_could_be_anybodys(rows: Sequence[tuple[str, ...]]) -> None:
    domains = {row[HEADER.index("E-Mail")].rpartition("@")[2] for row in rows} - {""}

    assert all(domain.endswith((".example", "example.com", "example.org", "example.net")) for domain in domains)


@pytest.mark.parametrize("block", [(country.region, block) for country in COUNTRIES for block in country.blocks[:40]])
def test_every_number_of_a_block_is_valid_in_its_country(block: tuple[str, Block]) -> None:
    region, one = block
    for place in range(0, one.count, max(1, one.count // 20)):
        phone = parse_phone(f"{one.prefix}{one.first + place:0{one.digits}}", None)

        assert (phone.country_code, phone.reason) == (region, None)


def test_numbers_of_north_america_are_555(phones: Sequence[Phone]) -> None:
    numbers = [phone.e164 for phone in phones if phone.e164 and phone.country_code in ("US", "CA")]

    assert {number[5:8] for number in numbers} == {"555"}


def test_numbers_are_drawn_once_each() -> None:
    numbers = Numbers(Random(3))
    drawn = [numbers.draw() for _ in range(200_000)]

    assert len(set(drawn)) == len(drawn)


def test_the_same_seed_is_the_same_list_and_another_is_another() -> None:
    one, again, other = (list(invent_rows(500, seed=seed)) for seed in (5, 5, 6))

    assert one == again
    assert one != other


def test_a_longer_list_begins_like_a_shorter_one() -> None:
    assert list(invent_rows(1000, seed=2))[:300] == list(invent_rows(300, seed=2))


def test_it_goes_to_standard_output_or_to_a_file(bare: Command) -> None:
    printed = bare("sample", "--rows", "50", "--seed", "9")
    written = bare("sample", "--rows", "50", "--seed", "9", "-o", "list.csv.gz")

    assert printed.code == written.code == 0
    assert gzip.decompress((bare.folder / "list.csv.gz").read_bytes()).decode() == printed.out
    assert written.said == "50 rows written to list.csv.gz."
    lines = list(csv.reader(io.StringIO(printed.out)))
    assert tuple(lines[0]) == HEADER
    assert len(lines) == 51


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--rows=-1",), "--rows"),
        (("-o", "list.doc"), "list.doc does not say in which format; end its name in .csv"),
        (("-o", "there.csv"), "there.csv exists already; add --force"),
        (("-o", "nowhere/list.csv"), "its folder does not exist"),
    ],
)
def test_a_place_that_cannot_be_is_refused_with_a_sentence(
    bare: Command, words: tuple[str, ...], sentence: str
) -> None:
    (bare.folder / "there.csv").write_text("mine")

    done = bare("sample", *words)

    assert done.code == 2
    assert sentence in done.said
    assert (bare.folder / "there.csv").read_text() == "mine"


def test_an_existing_file_is_written_over_only_when_told_to(bare: Command) -> None:
    (bare.folder / "there.csv").write_text("mine")

    assert bare("sample", "--rows", "3", "-o", "there.csv", "--force").code == 0
    assert (bare.folder / "there.csv").read_text().startswith("Record ID,")
