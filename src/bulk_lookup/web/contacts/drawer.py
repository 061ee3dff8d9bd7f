"""All that is known of one contact: answers with their ages, receipts of every attempt, and the original row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bulk_lookup.core.data_package import CATALOGUE, LINE_TYPE_INTELLIGENCE
from bulk_lookup.core.line_type import can_receive_sms
from bulk_lookup.models import Contact, ContactList, Import, Lookup

MOST_RECEIPTS = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """What one package said of the number, in words, and when."""

    title: str
    words: list[tuple[str, str]]
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One package in one attempt of one run; `cost_micros` was billed, or may have been."""

    run_id: int
    attempt: int
    package: str
    outcome: str
    billing: str
    cost_micros: int
    reason: str
    code: int | None
    at: datetime | None
    request_id: str
    simulated: bool


def drawer_of(contact: Contact, *, sees_money: bool) -> dict[str, Any]:
    """The context of the drawer's template."""
    receipts = _receipts(contact)
    return {
        "contact": contact,
        "contact_list": ContactList.objects.filter(pk=contact.contact_list_id).first(),
        "answers": _answers(contact),
        "receipts": receipts,
        "receipts_micros": sum(one.cost_micros for one in receipts) if sees_money else None,
        "can_receive_sms": can_receive_sms(
            contact.line_type,
            valid=False if contact.status == "invalid" else contact.valid,
            line_status=contact.line_status,
        ).value,
        "original": _original(contact),
        "neighbours": _neighbours(contact),
        "processing": _is_asked(contact),
    }


def _answers(contact: Contact) -> list[Answer]:
    answers = []
    for name, package in CATALOGUE.items():
        words = [
            (column.name.replace("_", " "), str(value))
            for column in package.columns
            if (value := getattr(contact, column.name, None) or contact.answers.get(column.name)) not in (None, "")
        ]
        if words and (name in contact.answered_at or name == LINE_TYPE_INTELLIGENCE):
            answers.append(Answer(package.title, words, _moment(contact.answered_at.get(name))))
    return answers


def _receipts(contact: Contact) -> list[Receipt]:
    """Every attempt over every run, the newest first."""
    if contact.formatted_phone_number is None:
        return []
    found = []
    lookups = Lookup.objects.filter(formatted_phone_number=contact.formatted_phone_number).order_by("-run_id")
    for lookup in lookups[:MOST_RECEIPTS]:
        attempts = [*lookup.earlier_attempts, {"packages": lookup.packages, "request_id": lookup.request_id}]
        for number, attempt in reversed(list(enumerate(attempts, start=1))):
            found += [_receipt(lookup, number, attempt, package) for package in attempt.get("packages") or {}]
    return found


def _receipt(lookup: Lookup, number: int, attempt: dict[str, Any], package: str) -> Receipt:
    receipt = attempt["packages"][package]
    return Receipt(
        lookup.run_id,
        number,
        package,
        receipt.get("outcome", ""),
        receipt.get("billing", ""),
        int(receipt.get("cost", 0)),
        receipt.get("reason", ""),
        receipt.get("code"),
        _moment(receipt.get("at")),
        attempt.get("request_id") or "",
        lookup.simulated,
    )


def _original(contact: Contact) -> list[tuple[str, str]]:
    """The row's own cells beside the names of their columns."""
    header = Import.objects.filter(pk=contact.import_id).values_list("header", flat=True).first() or []
    names = [*header, *(f"column {place}" for place in range(len(header) + 1, len(contact.cells) + 1))]
    return [(name, "" if cell is None else str(cell)) for name, cell in zip(names, contact.cells, strict=False)]


def _neighbours(contact: Contact) -> dict[str, int | None]:
    """The rows of the list before and behind this one."""
    rows = Contact.objects.of_list(contact.contact_list_id)
    before = rows.filter(row_number__lt=contact.row_number).order_by("-row_number")
    after = rows.filter(row_number__gt=contact.row_number).order_by("row_number")
    return {"before": before.values_list("pk", flat=True).first(), "after": after.values_list("pk", flat=True).first()}


def _is_asked(contact: Contact) -> bool:
    return contact.status == Contact.Status.PENDING and Contact.objects.processing().filter(pk=contact.pk).exists()


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
