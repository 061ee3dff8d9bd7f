"""Every row of a file becomes a contact, with its verdict; the counters and the rollup add up."""

import gzip
import json
import random
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from django.db import connection
from import_world import bring, check_against_file, check_sums, contacts_of, fresh, run, start, write_numbers

from bulk_lookup.models import Contact, Import, Organization
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db


def test_every_row_becomes_a_contact_with_its_cells(organization: Organization, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('name,phone,note\nAnn,(415) 555-2671,"a ""b""\\\n\tc\r\x01"\nBob,n/a,\nCid,+1 415-555-2671,ü😀\n')

    one = bring(organization, path)

    assert (one.state, one.rows, one.valid, one.invalid, one.duplicates) == ("finished", 3, 1, 1, 1)
    assert one.header == ["name", "phone", "note"]
    assert one.reasons == {"empty": 1}
    assert one.bytes_read == one.bytes_total == path.stat().st_size
    first, second, third = contacts_of(one)
    assert first.cells == ["Ann", "(415) 555-2671", 'a "b"\\\n\tc\r\x01']
    assert (first.row_number, first.raw_phone_number) == (2, "(415) 555-2671")
    assert (first.formatted_phone_number, first.country_code) == ("+14155552671", "US")
    assert (first.status, first.kind, first.validation_error) == ("pending", "fixed_line_or_mobile", "")
    assert (second.row_number, second.status, second.validation_error) == (3, "invalid", "empty")
    assert (second.formatted_phone_number, second.country_code) == (None, "")
    assert (third.row_number, third.status, third.duplicate_of) == (4, "duplicate", 2)
    assert third.cells == ["Cid", "+1 415-555-2671", "ü😀"]
    check_sums(one)


def test_repairs_other_numbers_and_phone_cells_with_backslashes_are_kept(
    organization: Organization, tmp_path: Path
) -> None:
    path = tmp_path / "list.jsonl"
    cells = ["4155552671.0", "4155552672 / 4155552673", "\\\t415-555-2674\n"]
    path.write_text("".join(json.dumps({"phone": cell}) + "\n" for cell in cells))

    damaged, two, dirty = contacts_of(bring(organization, path))

    assert (damaged.formatted_phone_number, damaged.repairs) == ("+14155552671", ["trailing_zero"])
    assert (two.formatted_phone_number, two.other_phone_numbers) == ("+14155552672", ["+14155552673"])
    assert dirty.raw_phone_number == cells[2]


def test_the_country_column_wins_and_an_unknown_country_is_no_licence_to_guess(
    organization: Organization, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "phone,country\n030 901820,Germany\n4155552671,\n030 901820,Atlantis\n+49 30 901821,Atlantis\n030 901822,de\n"
    )

    one = bring(organization, path, country_column="country")

    verdicts = [(c.formatted_phone_number, c.country_code, c.validation_error) for c in contacts_of(one)]
    assert verdicts == [
        ("+4930901820", "DE", ""),
        ("+14155552671", "US", ""),
        (None, "", "no_country"),
        ("+4930901821", "DE", ""),
        ("+4930901822", "DE", ""),
    ]


def test_nobodys_national_numbers_are_rejected_and_not_taken_for_american(tmp_path: Path) -> None:
    homeless = Organization.objects.create(name="Nowhere")
    path = tmp_path / "list.csv"
    path.write_text("phone\n4155552671\n+14155552672\n")

    national, international = contacts_of(bring(homeless, path))

    assert (national.status, national.validation_error) == ("invalid", "no_country")
    assert international.formatted_phone_number == "+14155552672"


def test_dates_of_verification_are_read_where_they_are_certain(organization: Organization, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("phone,seen\n4155552671,12/31/2024\n4155552672,04/05/2024\n4155552673,soon\n4155552674,20240229\n")

    dates = [contact.last_verified_date for contact in contacts_of(bring(organization, path, last_verified_column="2"))]

    assert dates == [date(2024, 12, 31), date(2024, 4, 5), None, date(2024, 2, 29)]


def test_keys_that_json_lines_bring_late_get_columns_of_their_own(organization: Organization, tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    lines = [{"phone": f"415{number}"} for number in range(5550000, 5551500)]
    path.write_text("".join(json.dumps(line) + "\n" for line in [*lines, {"phone": "4155559999", "late": "x"}]))

    one = bring(organization, path)

    assert one.header == ["phone", "late"]
    contacts = contacts_of(one)
    assert (contacts[0].cells, contacts[-1].cells) == (["4155550000"], ["4155559999", "x"])


def test_a_sheet_of_a_workbook_is_read_with_its_title_skipped(organization: Organization, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("empty")
        sheet = book.add_worksheet("people")
        for place, row in enumerate(
            [["Our people"], [], ["name", "phone"], ["Ann", 4155552671], ["Bob", "415-555-2672"]]
        ):
            sheet.write_row(place, 0, row)

    one = bring(organization, path, sheet="people")

    assert [(c.row_number, c.cells) for c in contacts_of(one)] == [
        (4, ["Ann", "4155552671"]),
        (5, ["Bob", "415-555-2672"]),
    ]
    assert one.header == ["name", "phone"]


def test_a_file_without_header_gets_numbered_columns(organization: Organization, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("4155552671,Ann\n4155552672,Bob\n")

    one = bring(organization, path)

    assert (one.rows, one.header) == (2, ["column_1", "column_2"])


def test_a_header_without_rows_is_an_empty_list(organization: Organization, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("name,phone\n")

    one = bring(organization, path)

    assert (one.state, one.rows, one.header) == ("finished", 0, ["name", "phone"])


def test_what_was_wrong_with_rows_is_counted_and_the_rows_are_kept(organization: Organization, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"name,phone\nAnn,4155552671\nBob\nCid,4155552673,x,y\nD\x00ee,4155552674\nEve\nFay,4155552676\n")

    one = bring(organization, path)

    assert one.row_problems == {
        "too_few_cells": {"rows": 2, "first": 3},
        "too_many_cells": {"rows": 1, "first": 4},
        "nul": {"rows": 1, "first": 5},
    }
    assert [contact.cells for contact in contacts_of(one)][1:4] == [
        ["Bob", ""],
        ["Cid", "4155552673,x,y"],
        ["D\ufffdee", "4155552674"],
    ]


def test_a_number_whose_row_had_nuls_says_so_and_one_with_a_nul_within_is_not_looked_up(
    organization: Organization, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    rows = [b"Ann,415\x005552671", b"Bob,4155552672\x00\x00\x00", b"Cid\x00,(415) 555-2673 x9", b"Dee,4155552674"]
    path.write_bytes(b"\n".join([b"name,phone", *rows, b""]))

    one = bring(organization, path)

    assert [(c.formatted_phone_number, c.validation_error, c.repairs) for c in contacts_of(one)] == [
        (None, "damaged", ["invisible_marks"]),
        ("+14155552672", "", ["invisible_marks"]),
        ("+14155552673", "", ["extension_cut", "invisible_marks"]),
        ("+14155552674", "", []),
    ]
    assert one.row_problems == {"nul": {"rows": 3, "first": 2}}


def test_duplicates_point_to_the_first_row_across_batches(organization: Organization, tmp_path: Path) -> None:
    path = write_numbers(tmp_path / "list.csv", 25_000)

    one = bring(organization, path)

    assert one.rows == 25_000
    assert one.duplicates > 2_000
    check_against_file(one, path)


def test_a_second_upload_goes_behind_the_first_and_finds_its_numbers(
    organization: Organization, tmp_path: Path
) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("phone\n4155552671\n4155552672\n")
    two.write_text("phone\n4155552673\n4155552671\n4155552673\n")

    first = bring(organization, one)
    second = bring(organization, two, contact_list_id=first.contact_list_id)

    assert (first.row_offset, second.row_offset) == (0, 3)
    assert [(c.row_number, c.import_id, c.duplicate_of) for c in contacts_of(second)] == [
        (2, first.id, None),
        (3, first.id, None),
        (5, second.id, None),
        (6, second.id, 2),
        (7, second.id, 5),
    ]
    assert (second.valid, second.duplicates) == (1, 2)


def test_the_same_number_in_another_list_or_organization_is_no_duplicate(
    organization: Organization, other_organization: Organization, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("phone\n+14155552671\n")

    statuses = [contacts_of(bring(whose, path))[0].status for whose in (organization, organization, other_organization)]

    assert statuses == ["pending", "pending", "pending"]


def test_an_import_that_is_repeated_stores_nothing_twice(organization: Organization, tmp_path: Path) -> None:
    path = write_numbers(tmp_path / "list.csv", 100)
    one = bring(organization, path)

    again = run(organization, one)

    assert (again.state, again.rows, again.finished_at) == ("finished", 100, one.finished_at)
    check_against_file(again, path)


def test_where_most_rejects_would_be_valid_elsewhere_the_import_says_so(
    organization: Organization, tmp_path: Path
) -> None:
    chance = random.Random(5)
    path = tmp_path / "list.csv"
    numbers = [f"0151 {chance.randrange(10**8):08d}" for _ in range(48)]
    path.write_text("\n".join(["phone", *numbers, "n/a", "unknown"]) + "\n")

    one = bring(organization, path)

    assert (one.other_region, one.other_region_share) == ("DE", 0.96)


def test_rejects_that_are_valid_nowhere_say_nothing_of_a_region(organization: Organization, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("phone\n4155552671\nn/a\n123\nnone\n")

    one = bring(organization, path)

    assert (one.invalid, one.other_region, one.other_region_share) == (3, "", 0.0)


def test_a_large_import_renews_the_planners_figures(organization: Organization, tmp_path: Path) -> None:
    bring(organization, write_numbers(tmp_path / "list.csv", 6_000))

    with connection.cursor() as cursor:
        cursor.execute("select reltuples from pg_class where oid = 'contact'::regclass")
        assert cursor.fetchone() == (6_000,)


def test_an_import_that_was_cancelled_before_it_began_stores_nothing(
    organization: Organization, tmp_path: Path
) -> None:
    one = start(organization, write_numbers(tmp_path / "list.csv", 10))
    with organization_scope(organization.id):
        one.cancel()

    run(organization, one)

    assert (fresh(one).state, contacts_of(one)) == ("cancelled", [])


def test_a_file_that_is_gone_fails_with_a_sentence(organization: Organization, tmp_path: Path) -> None:
    path = write_numbers(tmp_path / "list.csv", 10)
    one = start(organization, path)
    path.unlink()

    one = run(organization, one)

    assert one.state == Import.State.FAILED
    assert one.problem == f"{path} does not exist. Check the name and the folder."
    assert one.finished_at is not None


def test_a_packed_file_that_ends_in_the_middle_fails_and_keeps_the_rows_so_far(
    organization: Organization, tmp_path: Path
) -> None:
    plain = write_numbers(tmp_path / "list.csv", 80_000)
    path = tmp_path / "list.csv.gz"
    path.write_bytes(gzip.compress(plain.read_bytes())[:-100_000])

    one = bring(organization, path)

    assert one.state == Import.State.FAILED
    assert one.problem.startswith("list.csv.gz is a gzip file that ends too early")
    assert one.problem.endswith(f"The last row that could be read is {one.last_row}.")
    assert 10_000 <= one.rows < 80_000
    check_sums(one)


def test_another_file_in_its_place_fails_with_a_sentence(organization: Organization, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("id,name,phone\n1,Ann,4155552671\n")
    one = start(organization, path)
    path.write_text("phone\n4155552671\n")

    one = run(organization, one)

    assert one.problem == "list.csv has no column 3 any more: it is not the file that was looked at. Import it anew."
    with organization_scope(organization.id):
        assert not Contact.objects.exists()
