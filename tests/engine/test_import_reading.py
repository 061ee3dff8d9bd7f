"""What is said of a file before its import: which columns are read, and whose numbers those without a country are."""

import io
from pathlib import Path
from typing import Any

import pytest

from bulk_lookup.engine.import_reading import Inspection, inspect_file
from bulk_lookup.lib.tables.errors import TableError
from bulk_lookup.lib.tables.spool import spool


def inspect(tmp_path: Path, text: str, **wishes: Any) -> Inspection:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    return inspect_file(path, **wishes)


def test_the_phone_column_is_found_and_the_others_are_named(tmp_path: Path) -> None:
    rows = "".join(f"{n},Ann,415-555-{n:04d},415-556-{n:04d}\n" for n in range(2000, 2020))
    inspection = inspect(tmp_path, "id,name,fax,phone\n" + rows, region="US")

    assert (inspection.mapping.phone_column, inspection.mapping.header) == (3, True)
    assert [column.name for column in inspection.phone.alternatives] == ["fax"]
    assert list(inspection.sentences()) == [
        "Phone numbers are read from 'phone' (by its content and name). There are some in 'fax' (100%) as well.",
        "Numbers without a country are read as numbers of United States, as asked for.",
    ]


def test_columns_are_asked_for_by_name_or_number(tmp_path: Path) -> None:
    text = "a,b,c,d\n4155552671,4155552672,DE,2024-01-02\n"
    mapping = inspect(
        tmp_path, text, phone_column="b", country_column="3", last_verified_column="d", region="US"
    ).mapping

    assert (mapping.phone_column, mapping.country_column, mapping.last_verified_column) == (1, 2, 3)


@pytest.mark.parametrize("wish", ["phone_column", "country_column", "last_verified_column"])
def test_a_column_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path, wish: str) -> None:
    with pytest.raises(TableError, match=r"list\.csv: There is no column 'x'; the columns are: 1 name, 2 phone\."):
        inspect(tmp_path, "name,phone\nAnn,4155552671\n", **{wish: "x"})


def test_a_table_without_phone_numbers_is_refused_with_its_columns(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"list\.csv: No column looks like phone numbers.*1 name, 2 town"):
        inspect(tmp_path, "name,town\nAnn,Berlin\nBob,Rome\n")


def test_a_list_of_bare_numbers_has_no_header(tmp_path: Path) -> None:
    inspection = inspect(tmp_path, "tel:+1-415-555-2671\ntel:+1-415-555-2672\n")

    assert (inspection.header, inspection.mapping.header) == (None, False)
    assert [row.phone.e164 for row in inspection.first_rows] == ["+14155552671", "+14155552672"]


def test_the_given_region_wins_over_the_organizations(tmp_path: Path) -> None:
    text = "phone\n030 901820\n"

    given = inspect(tmp_path, text, region="DE", organization_country="US")
    organizations = inspect(tmp_path, text, organization_country="US")

    assert (given.mapping.region, given.region_source) == ("DE", "given")
    assert (organizations.mapping.region, organizations.region_source) == ("US", "organization")


def test_the_region_is_inferred_where_the_numbers_speak_for_one(tmp_path: Path) -> None:
    numbers = [f"0151 {place * 7919 % 10**8:08d}" for place in range(1000, 1100)]
    inspection = inspect(tmp_path, "\n".join(["phone", *numbers]) + "\n")

    assert (inspection.mapping.region, inspection.region_source) == ("DE", "inferred")
    assert list(inspection.sentences())[1] == (
        "Numbers without a country are read as numbers of Germany, by what they look like."
    )
    assert inspection.first_rows[0].phone.country_code == "DE"


def test_an_unclear_region_is_said_and_nobodys_numbers_are_rejected(tmp_path: Path) -> None:
    inspection = inspect(tmp_path, "phone\n4155552671\n4155552672\n")

    assert (inspection.mapping.region, inspection.region_source) == (None, "unclear")
    assert "rejected, as it is unclear whose they are (valid would be: 100% as numbers of" in "".join(
        inspection.sentences()
    )
    assert "Name their country (--region US, for example)." in "".join(inspection.sentences())
    assert [row.phone.reason for row in inspection.first_rows] == ["no_country", "no_country"]


def test_international_numbers_need_no_region_and_no_word_about_it(tmp_path: Path) -> None:
    inspection = inspect(tmp_path, "phone\n+14155552671\n+4930901820\n")

    assert inspection.region_source == "not_needed"
    assert len(list(inspection.sentences())) == 1


def test_a_country_column_is_suggested_and_not_followed(tmp_path: Path) -> None:
    text = "phone,country\n" + "".join(f"+1415555{n},US\n" for n in range(2000, 2020))

    unasked, asked = inspect(tmp_path, text), inspect(tmp_path, text, country_column="country")

    assert (unasked.mapping.country_column, unasked.suggested_country_column) == (None, 1)
    assert "The column 'country' seems to say each row's country" in " ".join(unasked.sentences())
    assert "Each row's country is read from 'country'." in list(asked.sentences())
    assert "seems" not in " ".join(asked.sentences())


def test_rows_with_a_country_say_nothing_about_the_region_of_the_others(tmp_path: Path) -> None:
    rows = "".join(f"415-555-{n},US\n" for n in range(2000, 2030))
    inspection = inspect(tmp_path, "phone,country\n" + rows, country_column="country")

    assert inspection.region_source == "not_needed"
    assert inspection.first_rows[0].phone.e164 == "+14155552000"


def test_dates_that_could_be_two_are_told(tmp_path: Path) -> None:
    text = "phone,seen\n+14155552671,04/05/2024\n+14155552672,2024-01-02\n"
    inspection = inspect(tmp_path, text, last_verified_column="seen")

    assert inspection.unread_dates == ("04/05/2024",)
    assert list(inspection.sentences())[-1] == (
        "Some dates in 'seen' are not certain, such as '04/05/2024'; they are left out."
    )


def test_the_first_rows_are_shown_with_their_numbers_and_verdicts(tmp_path: Path) -> None:
    inspection = inspect(tmp_path, "name,phone\n" + "Ann,4155552671\n" * 30 + "Bob,n/a\n", region="US")

    assert len(inspection.first_rows) == 20
    row = inspection.first_rows[0]
    assert (row.number, row.cells, row.phone.e164) == (2, ("Ann", "4155552671"), "+14155552671")


def test_a_mapping_comes_back_from_its_json(tmp_path: Path) -> None:
    mapping = inspect(tmp_path, "phone,country\n4155552671,US\n", country_column="2", region="US").mapping

    assert type(mapping).from_json(mapping.as_json()) == mapping


def test_the_old_export_and_our_own_output_are_read_by_their_raw_column(tmp_path: Path) -> None:
    old = inspect(tmp_path, "id,formatted_phone_number,raw_phone_number\n1,+14155552671,4155552671\n", region="US")
    own = inspect(tmp_path, "number,formatted_phone_number,valid\n4155552671,+14155552671,true\n", region="US")

    assert (old.mapping.phone_column, own.mapping.phone_column) == (2, 0)


def test_what_came_through_a_pipe_is_called_standard_input(tmp_path: Path) -> None:
    fine = spool(io.BytesIO(b"phone\n+14155552671\n"), tmp_path)
    poor = spool(io.BytesIO(b"name,town\nAnn,Berlin\nBob,Rome\n"), tmp_path)

    assert inspect_file(fine).file_name == "standard input"
    with pytest.raises(TableError, match=r"^standard input: No column looks like phone numbers"):
        inspect_file(poor)
