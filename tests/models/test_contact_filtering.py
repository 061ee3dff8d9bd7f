"""Filters over contacts: what they find, what the kept counts say, and that both agree."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import cast
import pytest
import storing
from cast import NOON
from django.db import connection
from django.db.models import F

from bulk_lookup.core.contact_filter import ContactFilter, Scope
from bulk_lookup.engine.change_contacts import change_contacts
from bulk_lookup.models import Contact, ContactList, FacetCount, Lookup, Organization
from bulk_lookup.models.contact_filtering import COUNTED_TO, Count, count, counts_by_scope, facets, is_covered, matching
from bulk_lookup.models.contact_search import TooShort
from bulk_lookup.models.queries import query
from bulk_lookup.models.scope import organization_scope

pytestmark = pytest.mark.django_db

ROWS = 240
TYPES = ("mobile", "landline", "fixedVoip", "nonFixedVoip", "")
COUNTRIES = ("US", "DE", "GB")
CARRIERS = ("Acme", "Elbe Mobil", "")
REASONS = {"invalid": ("too_short", "no_country"), "failed": ("not_found", "no_answer")}


@pytest.fixture
def lists(organization: Organization) -> Iterator[list[ContactList]]:
    """Two lists of mixed contacts with their kept counts, inside the organization's scope."""
    with organization_scope(organization.pk):
        made = [cast.make_list(organization, name) for name in ("first", "second")]
        for number, one in enumerate(made):
            fill(one, random.Random(number))
        yield made


def fill(contact_list: ContactList, chance: random.Random) -> None:
    imported = cast.make_import(contact_list)
    kept: Counter[tuple[str, ...]] = Counter()
    for row in range(2, ROWS + 2):
        status = chance.choice(["pending", "completed", "completed", "failed", "invalid", "duplicate"])
        answered = status == "completed"
        reason = chance.choice(REASONS[status]) if status in REASONS else ""
        line_type, carrier = (chance.choice(TYPES), chance.choice(CARRIERS)) if answered else ("", "")
        country = "" if status == "invalid" else chance.choice(COUNTRIES)
        cast.make_contact(
            imported,
            row,
            status=status,
            country_code=country,
            line_type=line_type,
            carrier_name=carrier,
            reason="" if status == "invalid" else reason,
            validation_error=reason if status == "invalid" else "",
            valid=True if answered else None,
            duplicate_of=2 if status == "duplicate" else None,
            api_cost_micros=8_000 if answered else 0,
            lookup_performed_at=NOON + timedelta(days=row % 5) if answered else None,
            search_1=chance.choice(["smith", "smythe", "müller"]),
        )
        kept[(status, country, line_type, carrier, reason)] += 1
    for (status, country, line_type, carrier, reason), contacts in kept.items():
        FacetCount.objects.create(
            organization_id=contact_list.organization_id,
            contact_list_id=contact_list.pk,
            simulated=False,
            status=status,
            country_code=country,
            line_type=line_type,
            carrier_name=carrier,
            reason=reason,
            contacts=contacts,
        )


def every_filter(lists: list[ContactList]) -> Iterator[ContactFilter]:
    """Filters that the kept counts cover, at random."""
    chance = random.Random(7)
    for _ in range(60):
        yield ContactFilter(
            scope=chance.choice([scope for scope in Scope if scope is not Scope.PROCESSING]),
            list=tuple(one.pk for one in lists if chance.random() < 0.4),
            country=tuple(one for one in COUNTRIES if chance.random() < 0.3),
            line_type=tuple(one for one in ("mobile", "voip") if chance.random() < 0.2),
            carrier=tuple(one for one in CARRIERS if one and chance.random() < 0.2),
            reason=tuple(one for one in ("too_short", "not_found") if chance.random() < 0.2),
        )


def test_the_kept_counts_say_what_a_count_says(lists: list[ContactList]) -> None:
    for wanted in every_filter(lists):
        assert is_covered(wanted)
        assert count(wanted) == Count(matching(wanted).count()), wanted


def test_each_tab_says_how_many_it_would_show(lists: list[ContactList]) -> None:
    for wanted in every_filter(lists):
        for scope, contacts in counts_by_scope(wanted).items():
            assert contacts == matching(replace(wanted, scope=scope)).count(), (scope, wanted)


def test_values_to_choose_from_come_with_their_counts(lists: list[ContactList]) -> None:
    wanted = ContactFilter(list=(lists[0].pk,), carrier=("Acme",), country=("US",))

    for carrier, contacts in facets(wanted, "carrier_name"):
        assert contacts == matching(replace(wanted, carrier=(carrier,))).count()
    assert {carrier for carrier, _ in facets(wanted, "carrier_name")} <= {"Acme", "Elbe Mobil"}
    assert [carrier for carrier, _ in facets(ContactFilter(), "carrier_name", like="elbe")] == ["Elbe Mobil"]


@pytest.mark.parametrize(
    ("wanted", "condition"),
    [
        (ContactFilter(valid="yes"), {"valid": True}),
        (ContactFilter(valid="unknown"), {"valid": None}),
        (ContactFilter(duplicate="yes"), {"status": "duplicate"}),
        (ContactFilter(cost_from=8_000), {"api_cost_micros": 8_000}),
        (ContactFilter(cost_to=0), {"api_cost_micros": 0}),
        (ContactFilter(looked_up_from=date(2026, 11, 26)), {"lookup_performed_at__gte": NOON + timedelta(days=3)}),
        (ContactFilter(looked_up_to=date(2026, 11, 24)), {"lookup_performed_at__lte": NOON + timedelta(days=1)}),
        (ContactFilter(q="SM"), {"search_1__in": ["smith", "smythe"]}),
        (ContactFilter(q="Müll"), {"search_1": "müller"}),
        (ContactFilter(q="+1 415-200 001"), {"formatted_phone_number__startswith": "+1415200001"}),
        (ContactFilter(q="(415) 200-0017"), {"formatted_phone_number": "+14152000017"}),
        (ContactFilter(q="00141520001"), {"formatted_phone_number__startswith": "+141520001"}),
        (ContactFilter(q="0017"), {"formatted_phone_number__endswith": "0017"}),
    ],
)
def test_a_filter_finds_what_it_says(
    lists: list[ContactList], wanted: ContactFilter, condition: dict[str, object]
) -> None:
    expected = set(Contact.objects.filter(**condition).values_list("pk", flat=True))

    assert expected
    assert set(matching(wanted, region="US").values_list("pk", flat=True)) == expected
    assert count(wanted, region="US") == Count(len(expected))


def test_two_digits_are_too_few_to_search_for(lists: list[ContactList]) -> None:
    with pytest.raises(TooShort, match="at least 3 digits"):
        matching(ContactFilter(q="12"))


def test_what_nobody_keeps_is_counted_only_so_far(lists: list[ContactList], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bulk_lookup.models.contact_filtering.COUNTED_TO", 100)

    assert count(ContactFilter(valid="unknown")) == Count(100, more=True)
    assert (
        count(ContactFilter(valid="unknown"), exact=True).contacts == matching(ContactFilter(valid="unknown")).count()
    )
    assert COUNTED_TO == 10_000


def test_what_is_marked_pending_keeps_its_answers_and_the_counts(lists: list[ContactList]) -> None:
    organization_id = lists[0].organization_id
    before = Contact.objects.filter(status__in=["completed", "failed"], country_code="DE").count()
    mobiles = Contact.objects.filter(line_type="mobile").count()

    assert change_contacts(organization_id, "mark_pending", parameters={"country": ["DE"]}) == before
    assert change_contacts(organization_id, "mark_pending", parameters={"country": ["DE"]}) == 0
    assert not Contact.objects.filter(status__in=["completed", "failed"], country_code="DE").exists()
    assert Contact.objects.filter(line_type="mobile").count() == mobiles
    check_counts(lists)


def test_what_is_deleted_leaves_the_counts(lists: list[ContactList]) -> None:
    organization_id = lists[0].organization_id
    some = list(Contact.objects.order_by("?").values_list("pk", flat=True)[:50])

    assert change_contacts(organization_id, "delete_contacts", ids=some) == 50
    assert change_contacts(organization_id, "delete_contacts", parameters={"scope": ["invalid"]}) > 0
    assert not Contact.objects.filter(pk__in=some).exists()
    assert not Contact.objects.invalid().exists()
    check_counts(lists)


def test_a_receipt_outlives_its_contacts_without_their_number(lists: list[ContactList]) -> None:
    run = cast.make_run(lists[0], cast.make_account(lists[0].organization), numbers=4)
    answer = {
        "line_type_intelligence": {"outcome": "done", "billing": "billed", "cost": 8_000, "answer": {"type": "x"}}
    }
    for position, state in ((2, "done"), (3, "failed"), (4, "pending"), (5, "done")):
        cast.make_lookup(run, position, state=state, packages=answer, billed_micros=8_000)
    ids = Contact.objects.filter(row_number__in=[2, 3, 4]).values_list("pk", flat=True)
    Contact.objects.filter(row_number=2, contact_list_id=lists[1].pk).update(formatted_phone_number="+14155559999")

    change_contacts(lists[0].organization_id, "delete_contacts", ids=list(ids.filter(contact_list_id=lists[0].pk)))
    found = {one.position: one for one in Lookup.objects.all()}
    assert [found[place].formatted_phone_number for place in (2, 3, 4, 5)] == [
        "#2",
        "+14152000003",
        "+14152000004",
        "+14152000005",
    ], "the other list has rows 3 to 5 as well"
    assert "answer" not in found[2].packages["line_type_intelligence"]
    assert "answer" in found[5].packages["line_type_intelligence"]

    change_contacts(lists[0].organization_id, "delete_contacts", parameters={"list": [str(lists[1].pk)]})
    change_contacts(lists[0].organization_id, "delete_contacts", parameters={"list": [str(lists[0].pk)]})
    found = {one.position: one for one in Lookup.objects.all()}
    assert [found[place].formatted_phone_number for place in (2, 3, 4, 5)] == ["#2", "#3", "+14152000004", "#5"]
    assert sum(one.billed_micros for one in found.values()) == 32_000
    with connection.cursor() as cursor:
        cursor.execute(query("reopen_failed"), {"organization_id": run.organization_id, "run_id": run.pk})
        assert cursor.rowcount == 0


def test_nothing_of_another_organization_is_changed(lists: list[ContactList], other_organization: Organization) -> None:
    ids = list(Contact.objects.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.organization_id', %s, true)", [str(other_organization.pk)])
        cursor.execute(query("delete_contacts"), {"organization_id": other_organization.pk, "ids": ids})
        assert cursor.fetchone() == (0,)
        cursor.execute("select set_config('app.organization_id', %s, true)", [str(lists[0].organization_id)])
    assert Contact.objects.filter(pk=F("pk")).count() == len(ids)


def check_counts(lists: list[ContactList]) -> None:
    for one in lists:
        assert storing.kept_facets(one.pk) == storing.counted_facets(one.pk)
