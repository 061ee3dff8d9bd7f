"""Exports of contacts: every row of a filter once, in order, with its own columns; stored, re-read, cancelled, removed."""

import csv
import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import import_world
import pyarrow.parquet
import pytest
import python_calamine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from bulk_lookup.core.contact_filter import ContactFilter, Scope
from bulk_lookup.engine import export_rows
from bulk_lookup.engine.export_choice import ExportChoice, offered_columns
from bulk_lookup.engine.export_contacts import XLSX_ROWS, does_not_fit, export_contacts
from bulk_lookup.engine.import_spool import spool_folder
from bulk_lookup.engine.order_export import AT_ONCE, TooManyExports, order_export
from bulk_lookup.engine.remove_exports import remove_export, remove_exports
from bulk_lookup.models import Contact, Export, Import, Organization, ProviderAccount, Run
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = "name,phone,note\nAnn,(415) 555-2671,=1+1\nBo,(415) 555-2672,-5\nCy,n/a,@you\n"
SECOND = 'phone,name,city\n+1 415 555 2671,Ann,Bonn\n0171 39200154,Dora,=HYPERLINK("//x")\n'


@pytest.fixture(autouse=True)
def storage(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files and spool of this test alone."""
    monkeypatch.setenv("BULK_LOOKUP_DATA_DIR", str(tmp_path / "data"))
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"default": backend}
    return tmp_path / "files"


def bring(organization: Organization, folder: Path, text: str, name: str = "spring.csv") -> Import:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return import_world.bring(organization, path)


def order(
    organization: Organization,
    wanted: ContactFilter = ContactFilter(),  # noqa: B008 (frozen)
    *,
    format: str = "csv",
    ids: tuple[int, ...] = (),
    columns: tuple[str, ...] = (),
    key: str = "form 1",
    sees_money: bool = True,
) -> Export:
    with organization_scope(organization.pk):
        choice = offered_columns(wanted, ids, sees_money=sees_money).choose(columns)
        return order_export(
            organization.pk,
            form_key=key,
            made_by="Alice",
            name="Spring",
            format=format,
            wanted=wanted,
            choice=choice,
            contact_ids=ids,
        )


def make(organization: Organization, *args: Any, **kwargs: Any) -> Export:
    return made(order(organization, *args, **kwargs))


def made(export: Export) -> Export:
    export_contacts(export.organization_id, export.pk)
    return fresh(export)


def fresh(export: Export) -> Export:
    with organization_scope(export.organization_id):
        return Export.objects.get(pk=export.pk)


def table(export: Export) -> list[dict[str, str]]:
    with default_storage.open(export.file) as file:
        delimiter = "\t" if export.format == "tsv" else ","
        return list(csv.DictReader(file.read().decode().splitlines(keepends=True), delimiter=delimiter))


def set_contact(organization: Organization, row_number: int, **values: Any) -> None:
    with organization_scope(organization.pk):
        assert Contact.objects.filter(row_number=row_number).update(**values)


def jobs() -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select args::text::json from procrastinate_jobs where task_name = 'export_contacts' order by id"
        )
        return [args for (args,) in cursor.fetchall()]


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


class TestRows:
    def test_every_row_comes_back_once_in_order_with_its_own_columns_first(
        self, organization: Organization, tmp_path: Path
    ) -> None:
        bring(organization, tmp_path / "in", FIRST)
        export = make(organization)
        rows = table(export)

        assert list(rows[0])[:4] == ["name", "phone", "note", "formatted_phone_number"]
        assert [row["name"] for row in rows] == ["Ann", "Bo", "Cy"]
        assert [row["formatted_phone_number"] for row in rows] == ["+14155552671", "+14155552672", ""]
        assert [row["lookup_status"] for row in rows] == ["pending", "pending", "invalid"]
        assert rows[2]["validation_error"]
        assert (export.state, export.rows, export.rows_total) == ("ready", 3, 3)

    def test_batches_follow_each_other_without_a_gap_or_a_row_twice(
        self, organization: Organization, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(export_rows, "ROWS_AT_ONCE", 7)
        for name in ("a.csv", "b.csv"):
            path = tmp_path / name
            import_world.bring(organization, import_world.write_numbers(path, 35, seed=len(name)))
        rows = table(make(organization, columns=("list", "row_number", "formatted_phone_number")))

        assert [(row["list"], int(row["row_number"])) for row in rows] == [
            (name, number) for name in ("a", "b") for number in range(2, 37)
        ]

    def test_columns_of_several_lists_are_united_by_name(self, organization: Organization, tmp_path: Path) -> None:
        bring(organization, tmp_path / "in", FIRST)
        bring(organization, tmp_path / "in", SECOND, "autumn.csv")
        rows = table(make(organization))

        assert list(rows[0])[:4] == ["name", "phone", "note", "city"]
        assert [(row["name"], row["city"]) for row in rows[2:4]] == [("Cy", ""), ("Ann", "Bonn")]
        assert [row["list"] for row in rows] == ["spring"] * 3 + ["autumn"] * 2

    def test_a_list_filled_by_uploads_with_columns_in_another_order_keeps_its_cells_apart(
        self, organization: Organization, tmp_path: Path
    ) -> None:
        first = bring(organization, tmp_path / "in", FIRST)
        path = tmp_path / "in" / "more.csv"
        path.write_text(SECOND, encoding="utf-8")
        more = import_world.start(organization, path, contact_list_id=first.contact_list_id)
        import_world.run(organization, more)
        rows = table(make(organization, ContactFilter(list=(first.contact_list_id,))))

        assert [row["name"] for row in rows] == ["Ann", "Bo", "Cy", "Ann", "Dora"]
        assert [row["phone"] for row in rows][3:] == ["+1 415 555 2671", "0171 39200154"]

    def test_columns_with_one_name_or_none_are_all_there(self, organization: Organization, tmp_path: Path) -> None:
        bring(organization, tmp_path / "in", "phone,x,x,valid\n(415) 555-2671,one,two,mine\n")
        export = make(organization)
        with default_storage.open(export.file) as file:
            header, row = csv.reader(file.read().decode().splitlines())

        assert header[:4] == ["phone", "x", "x", "valid"]
        assert "lookup_valid" in header
        assert row[:4] == ["(415) 555-2671", "one", "two", "mine"]

    def test_only_what_the_filter_finds(self, organization: Organization, tmp_path: Path) -> None:
        bring(organization, tmp_path / "in", FIRST)
        export = make(organization, ContactFilter(scope=Scope.INVALID))

        assert [row["name"] for row in table(export)] == ["Cy"]

    def test_only_what_was_ticked(self, organization: Organization, tmp_path: Path) -> None:
        bring(organization, tmp_path / "in", FIRST)
        with organization_scope(organization.pk):
            last, first = Contact.objects.order_by("-row_number").values_list("pk", flat=True)[0:3:2]

        assert [row["name"] for row in table(make(organization, ids=(last, first)))] == ["Ann", "Cy"]

    def test_a_filters_days_are_the_organizations(self, organization: Organization, tmp_path: Path) -> None:
        organization.time_zone = "Pacific/Auckland"
        organization.save()
        bring(organization, tmp_path / "in", FIRST)
        noon = timezone.now().replace(hour=20, minute=0)  # the next day already in Auckland
        set_contact(organization, 2, created_at=noon)
        set_contact(organization, 3, created_at=noon - timedelta(days=5))
        set_contact(organization, 4, created_at=noon - timedelta(days=5))
        day = (noon + timedelta(days=1)).date()

        assert [row["name"] for row in table(make(organization, ContactFilter(created_from=day, created_to=day)))] == [
            "Ann"
        ]

    def test_another_organizations_contacts_are_not_found(
        self, organization: Organization, other_organization: Organization, tmp_path: Path
    ) -> None:
        theirs = bring(other_organization, tmp_path / "in", FIRST)
        with organization_scope(other_organization.pk):
            ids = tuple(Contact.objects.values_list("pk", flat=True))

        assert table(make(organization, ids=ids)) == []
        assert table(make(organization, ContactFilter(list=(theirs.contact_list_id,)), key="2")) == []


class TestCells:
    def test_what_a_spreadsheet_would_run_is_text_and_numbers_stay(
        self, organization: Organization, tmp_path: Path
    ) -> None:
        bring(organization, tmp_path / "in", "=cmd(),phone\n=1+1,+1 415 555 2671\n-5,+14155552672\n＝2,x\n")
        set_contact(organization, 2, carrier_name="=SUM(A1)", status="completed", lookup_performed_at=timezone.now())
        rows = table(make(organization))

        assert next(iter(rows[0])) == "'=cmd()"
        assert [row["'=cmd()"] for row in rows] == ["'=1+1", "-5", "'＝2"]
        assert [row["phone"] for row in rows[:2]] == ["+1 415 555 2671", "+14155552672"]
        assert rows[0]["carrier_name"] == "'=SUM(A1)"
        assert rows[0]["formatted_phone_number"] == "+14155552671"

    def test_a_list_may_be_called_like_a_formula(self, organization: Organization, tmp_path: Path) -> None:
        bring(organization, tmp_path / "in", FIRST, "=1+1.csv")

        assert {row["list"] for row in table(make(organization, columns=("list",)))} == {"'=1+1"}

    @pytest.mark.parametrize("format", ["csv", "tsv", "xlsx", "jsonl", "parquet"])
    def test_each_format_is_read_again_with_the_same_rows(
        self, organization: Organization, tmp_path: Path, format: str
    ) -> None:
        bring(organization, tmp_path / "in", 'name,phone\n"A, ""n""\tn\nx",(415) 555-2671\nBo,n/a\n')
        set_contact(
            organization,
            2,
            status="completed",
            lookup_performed_at=timezone.now(),
            api_cost_micros=8000,
            run_id=1,
            api_response_time_ms=312,
        )
        export = make(organization, format=format)
        with default_storage.open(export.file) as file:
            found = read(file, format, Path(default_storage.path(export.file)))

        assert [row["name"] for row in found] == ['A, "n"\tn\nx', "Bo"]
        assert [str(row["valid"]).lower() for row in found] == ["true", "false"]
        assert float(found[0]["api_cost"]) == 0.008
        assert found[1]["api_cost"] in (None, "")
        assert int(found[0]["api_response_time_ms"]) == 312
        assert export.bytes == default_storage.size(export.file)

    def test_the_price_is_for_those_who_may_see_prices(self, organization: Organization, tmp_path: Path) -> None:
        bring(organization, tmp_path / "in", FIRST)
        rows = table(make(organization, sees_money=False, columns=("api_cost", "valid")))

        assert list(rows[0]) == ["valid"]

    def test_nothing_chosen_means_the_usual_columns(self, organization: Organization, tmp_path: Path) -> None:
        bring(organization, tmp_path / "in", FIRST)
        with organization_scope(organization.pk):
            offer = offered_columns(ContactFilter(), sees_money=True)

        assert offer.choose(["invented"]) == offer.choose(())
        assert "row_number" not in offer.choose(()).found
        assert ExportChoice.from_json(json.loads(json.dumps(offer.choose(()).as_json()))) == offer.choose(())


def read(file: Any, format: str, path: Path) -> list[dict[str, Any]]:
    if format == "xlsx":
        header, *rows = python_calamine.load_workbook(file).get_sheet_by_index(0).to_python()
        return [dict(zip(map(str, header), row, strict=True)) for row in rows]
    if format == "parquet":
        return list(pyarrow.parquet.read_table(path).to_pylist())
    text = file.read().decode()
    if format == "jsonl":
        return [json.loads(line) for line in text.splitlines()]
    return list(csv.DictReader(text.splitlines(keepends=True), delimiter="\t" if format == "tsv" else ","))


class TestStory:
    def test_the_file_has_a_random_name_in_the_organizations_folder(
        self, organization: Organization, tmp_path: Path, storage: Path
    ) -> None:
        bring(organization, tmp_path / "in", FIRST)
        first, second = make(organization), make(organization, key="form 2")

        assert first.file != second.file
        assert Path(first.file).parent == Path(f"{organization.pk}/exports")
        assert len(files_in(storage)) == 2
        assert files_in(spool_folder()) == []

    def test_one_form_makes_one_export_and_one_job(self, organization: Organization, tmp_path: Path) -> None:
        bring(organization, tmp_path / "in", FIRST)
        first, second = order(organization), order(organization)

        assert first.pk == second.pk
        assert jobs() == [{"organization_id": organization.pk, "export_id": first.pk}]

    def test_one_form_posted_twice_at_once_makes_one_export(self, organization: Organization, tmp_path: Path) -> None:
        bring(organization, tmp_path / "in", FIRST)
        found: list[int] = []
        gate = threading.Barrier(4)

        def post() -> None:
            gate.wait()
            found.append(order(organization).pk)
            connection.close()

        threads = [threading.Thread(target=post) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(found) == 4 and len(set(found)) == 1
        assert len(jobs()) == 1

    def test_so_many_may_be_on_their_way_and_no_more(self, organization: Organization, tmp_path: Path) -> None:
        bring(organization, tmp_path / "in", FIRST)
        for number in range(AT_ONCE):
            order(organization, key=f"form {number}")

        with pytest.raises(TooManyExports):
            order(organization, key="one more")
        assert order(organization, key="form 0").state == "wanted"

    def test_one_that_was_cut_off_is_made_anew(self, organization: Organization, tmp_path: Path) -> None:
        bring(organization, tmp_path / "in", FIRST)
        export = order(organization)
        with organization_scope(organization.pk):
            export.begin(rows_total=3, now=timezone.now())
            export.advance(2)

        assert [row["name"] for row in table(made(export))] == ["Ann", "Bo", "Cy"]

    def test_a_job_that_comes_again_leaves_the_file_alone(
        self, organization: Organization, tmp_path: Path, storage: Path
    ) -> None:
        bring(organization, tmp_path / "in", FIRST)
        export = make(organization)

        assert made(export).file == export.file
        assert len(files_in(storage)) == 1

    @pytest.mark.parametrize("end", ["cancel", "delete"])
    def test_given_up_on_the_way_it_stops_before_its_next_rows_and_leaves_nothing(
        self, organization: Organization, tmp_path: Path, storage: Path, monkeypatch: pytest.MonkeyPatch, end: str
    ) -> None:
        monkeypatch.setattr(export_rows, "ROWS_AT_ONCE", 1)
        bring(organization, tmp_path / "in", FIRST)
        export = order(organization)
        asked: list[int] = []

        def give_up() -> bool:
            """Asked before each batch is written."""
            asked.append(fresh(export).rows)
            if len(asked) == 2:
                with organization_scope(organization.pk):
                    now = timezone.now()
                    one = Export.objects.get(pk=export.pk)
                    one.cancel(now=now, kept_until=now + timedelta(days=1)) if end == "cancel" else remove_export(one)
            return False

        export_contacts(organization.pk, export.pk, should_stop=give_up)

        assert asked == [0, 1]
        assert files_in(storage) == files_in(spool_folder()) == []
        with organization_scope(organization.pk):
            assert list(Export.objects.values_list("state", flat=True)) == (["cancelled"] if end == "cancel" else [])

    def test_a_worker_that_is_told_to_stop_leaves_it_to_another(
        self, organization: Organization, tmp_path: Path
    ) -> None:
        bring(organization, tmp_path / "in", FIRST)
        export = order(organization)
        export_contacts(organization.pk, export.pk, should_stop=lambda: True)

        assert len(jobs()) == 2
        assert made(export).state == "ready"

    def test_too_many_rows_for_a_sheet_are_said_with_what_to_do(self) -> None:
        assert does_not_fit(XLSX_ROWS) == ""
        assert does_not_fit(1_204_118) == "1,204,118 rows do not fit one sheet, which holds 1,048,575. Use CSV."

    def test_a_sheet_that_cannot_hold_the_rows_fails_before_it_is_written(
        self, organization: Organization, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bulk_lookup.engine.export_contacts.XLSX_ROWS", 2)
        bring(organization, tmp_path / "in", FIRST)
        export = make(organization, format="xlsx")

        assert (export.state, export.problem) == ("failed", "3 rows do not fit one sheet, which holds 2. Use CSV.")

    def test_columns_beyond_a_sheet_are_said_without_a_path(self, organization: Organization, tmp_path: Path) -> None:
        wide = ",".join(["phone", *(f"c{number}" for number in range(16_400))])
        bring(organization, tmp_path / "in", f"{wide}\n(415) 555-2671{',x' * 16_400}\n")
        export = make(organization, format="xlsx")

        assert export.state == "failed"
        assert export.problem.startswith("XLSX holds 16,384 columns")
        assert str(tmp_path) not in export.problem

    def test_a_search_that_says_too_little_fails_with_its_sentence(
        self, organization: Organization, tmp_path: Path
    ) -> None:
        bring(organization, tmp_path / "in", FIRST)

        assert make(organization, ContactFilter(q="12")).problem == "Type at least 3 digits of a number."

    def test_simulated_answers_are_noticed(self, organization: Organization, tmp_path: Path) -> None:
        bring(organization, tmp_path / "in", FIRST)
        assert not make(organization).simulated
        set_contact(organization, 3, simulated=True)

        assert make(organization, key="form 2").simulated


class TestRemoval:
    def test_kept_as_long_as_the_setting_says(self, organization: Organization, tmp_path: Path, settings: Any) -> None:
        settings.EXPORT_DAYS = 3
        bring(organization, tmp_path / "in", FIRST)
        export = make(organization)
        assert export.kept_until is not None and export.finished_at is not None
        assert export.kept_until - export.finished_at == timedelta(days=3)

        assert remove_exports(now=export.kept_until - timedelta(minutes=1)) == 0
        assert fresh(export).state == "ready"
        assert remove_exports(now=export.kept_until) == 1
        assert not default_storage.exists(export.file)
        with organization_scope(organization.pk):
            assert not Export.objects.exists()

    def test_files_of_nobody_go_after_a_day_and_those_of_others_stay(
        self, organization: Organization, other_organization: Organization, tmp_path: Path
    ) -> None:
        bring(other_organization, tmp_path / "in", FIRST)
        theirs = make(other_organization)
        stray = default_storage.save(f"{organization.pk}/exports/stray", ContentFile(b"x"))
        (spool_folder() / "export-left").mkdir(parents=True)

        assert remove_exports() == 0
        assert remove_exports(now=timezone.now() + timedelta(days=2)) == 1
        assert not default_storage.exists(stray)
        assert default_storage.exists(theirs.file)
        assert list(spool_folder().iterdir()) == []

    def test_one_that_was_never_made_says_so_after_a_day(self, organization: Organization, tmp_path: Path) -> None:
        bring(organization, tmp_path / "in", FIRST)
        export = order(organization)
        remove_exports(now=timezone.now() + timedelta(days=1, minutes=1))

        assert (fresh(export).state, fresh(export).problem) == ("failed", "It could not be made. Export again.")

    def test_the_exports_of_runs_are_left_alone(self, organization: Organization, tmp_path: Path) -> None:
        imported = bring(organization, tmp_path / "in", FIRST)
        with organization_scope(organization.pk):
            account = ProviderAccount.objects.create(
                organization=organization, name="A", account_sid="AC1", secret=b"x", account_key="k"
            )
            run = Run.objects.create(
                organization=organization,
                contact_list_id=imported.contact_list_id,
                provider_account_id=account.pk,
                packages=[],
                simulated=True,
            )
            ordered = Export.objects.create(
                organization=organization,
                contact_list_id=imported.contact_list_id,
                run_id=run.pk,
                path="/x.csv",
                format="csv",
            )
            assert not Export.objects.downloads(timezone.now()).exists()
        remove_exports(now=timezone.now() + timedelta(days=400))

        assert fresh(ordered).state == "wanted"
