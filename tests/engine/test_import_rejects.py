"""The rejected rows of a list, with their places and reasons."""

import csv
from pathlib import Path

import pytest
from import_world import bring

from bulk_lookup.engine.import_rejects import rejects, write_rejects
from bulk_lookup.models import Organization

pytestmark = pytest.mark.django_db


def test_each_reject_has_its_row_its_cell_and_its_reason(organization: Organization, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('phone,name\n4155552671,Ann\n"call\nme",Bob\n4155552671,Cid\n123,Dee\n')
    one = bring(organization, path)

    assert list(rejects(organization.id, one.contact_list_id)) == [
        (3, "call\nme", "not_a_number"),
        (5, "123", "too_short"),
    ]


def test_the_file_of_rejects_has_a_header_and_reads_back(organization: Organization, tmp_path: Path) -> None:
    path, target = tmp_path / "list.csv", tmp_path / "rejects.csv"
    path.write_text('phone\n4155552671\n"call ""me"", \nü"\n')
    one = bring(organization, path)

    assert write_rejects(organization.id, one.contact_list_id, target) == 1

    with target.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [
            ["row_number", "raw_phone_number", "reason"],
            ["3", 'call "me", \nü', "not_a_number"],
        ]


def test_many_rejects_come_page_by_page_and_each_once(organization: Organization, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("phone,name\n4155552671,x\n" + "n/a,x\n" * 10_000)
    one = bring(organization, path)

    assert [number for number, _, _ in rejects(organization.id, one.contact_list_id)] == list(range(3, 10_003))


def test_another_organization_sees_none(
    organization: Organization, other_organization: Organization, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("phone\n4155552671\nn/a\n")
    one = bring(organization, path)

    assert list(rejects(other_organization.id, one.contact_list_id)) == []
