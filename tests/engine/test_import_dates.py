"""Dates are read where it is certain which day is meant, and left out elsewhere."""

from datetime import date

import pytest

from bulk_lookup.engine.import_dates import DateOrder, date_reader, find_date_order


@pytest.mark.parametrize(
    ("cell", "order", "expected"),
    [
        ("2024-05-31", "", date(2024, 5, 31)),  # ISO 8601
        (" 2024-5-3 ", "", date(2024, 5, 3)),
        ("20240531", "", date(2024, 5, 31)),  # as Twilio wants it
        ("2024/05/31", "", date(2024, 5, 31)),
        ("2024.05.31", "", date(2024, 5, 31)),
        ("2024-05-31T10:20:30Z", "", date(2024, 5, 31)),  # with a time, which is left out
        ("2024-05-31 10:20", "", date(2024, 5, 31)),
        ("31.05.2024", "", date(2024, 5, 31)),  # dots: the day comes first wherever they are written
        ("3.4.2024", "", date(2024, 4, 3)),
        ("31/05/2024", "", date(2024, 5, 31)),  # no month has the number 31
        ("05/31/2024", "", date(2024, 5, 31)),
        ("05/31/2024 11:59 PM", "", date(2024, 5, 31)),
        ("04/05/2024", "dmy", date(2024, 5, 4)),  # the column says it
        ("04/05/2024", "mdy", date(2024, 4, 5)),
        ("04/05/2024", "", None),  # nobody says it
        ("05/05/2024", "", date(2024, 5, 5)),  # the same either way
        ("31/05/2024", "mdy", date(2024, 5, 31)),  # certain by itself
        ("31 May 2024", "", date(2024, 5, 31)),
        ("May 31, 2024", "", date(2024, 5, 31)),
        ("31-Sep-2024", "", None),  # no such day
        ("1st September 2024", "", date(2024, 9, 1)),
        ("2023-02-29", "", None),
        ("2024053", "", None),
        ("2024-0531", "", None),
        ("202405311", "", None),
        ("05/04/24", "dmy", None),  # of which century
        ("May 2024", "", None),
        ("31 Mai 2024", "", None),
        ("soon", "", None),
        ("", "", None),
        ("4155552671", "", None),
        ("٢٠٢٤-٠٥-٣١", "", None),
    ],
)
def test_a_cell_is_the_date_that_it_certainly_means(cell: str, order: DateOrder, expected: date | None) -> None:
    assert date_reader(order)(cell) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["04/05/2024", "13/05/2024"], "dmy"),
        (["04/05/2024", "05/13/2024"], "mdy"),
        (["04/05/2024", "01/02/2023"], ""),  # both are possible all the way
        (["13/05/2024", "05/13/2024"], ""),  # the column contradicts itself
        (["1.2.2024"], "dmy"),
        (["2024-05-31", "", "n/a"], ""),
        (["99/99/2024"], ""),
        ([], ""),
    ],
)
def test_a_column_tells_by_its_days_above_12_which_comes_first(cells: list[str], expected: DateOrder) -> None:
    assert find_date_order(cells) == expected
