"""The quote's page: what can be asked, what it would cost, and what it would save; and the order that begins a run."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from bulk_lookup.core.data_package import BASIC, CATALOGUE, DataPackage
from bulk_lookup.core.latency import percentile
from bulk_lookup.core.role import Right
from bulk_lookup.engine.account_credentials import AccountRefused, check_account
from bulk_lookup.engine.offers import make_offers, price_book
from bulk_lookup.engine.order_run import Order, OrderRefused, accounts_to_ask, order_run
from bulk_lookup.engine.quote_run import CannotQuote, Quote, quote_run
from bulk_lookup.models import ContactList, FacetCount, Import, ProviderAccount, Run
from bulk_lookup.models.quarter_hour_stat import LATENCY_BUCKETS_MS
from bulk_lookup.models.statistics import latency_by_day
from bulk_lookup.web.access import WRITES, PageRequest, found, page
from bulk_lookup.web.overview.figures import month
from bulk_lookup.web.quotes.choices import REUSE_CHOICES, Choices, read_choices

_QUESTIONS = {
    "basic": "Is it a number at all, and written how?",
    "line_type_intelligence": "Mobile or landline, and which carrier?",
    "caller_name": "Who does the number belong to?",
    "line_status": "Is the line in service?",
    "reassigned_number": "Has the number changed hands?",
    "sms_pumping_risk": "Is it used to pump messages?",
    "sim_swap": "Was the SIM swapped lately?",
    "call_forwarding": "Are its calls forwarded?",
    "identity_match": "Does it belong to this person?",
    "pre_fill": "What is known of its owner?",
    "phone_number_quality_score": "How good is the number?",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One package as a plain question; `covers` of the list's `valid` numbers can be asked about. Prices in micro-units."""

    package: DataPackage
    words: str
    chosen: bool
    covers: int
    valid: int
    price_micros: int | None
    needs_dates: bool


@page()
def quote(request: PageRequest, list_id: int) -> HttpResponse:
    """What a run over a list would cost; recalculated with each choice."""
    contact_list = found(ContactList.objects.present().filter(pk=list_id).first())
    accounts = accounts_to_ask(request.organization.pk)
    usual = getattr(request.organization, "reuse_days", None)
    chosen = read_choices(request.GET, accounts, reuse_days=usual)
    return render(request, "quotes/page.html", _context(request, contact_list, accounts, chosen))


@page(Right.SPEND, methods=WRITES)
def order(request: PageRequest, list_id: int) -> HttpResponse:
    """Begin the run that was agreed to; the same form twice, or two people at once, make one."""
    contact_list = found(ContactList.objects.present().filter(pk=list_id).first())
    accounts = accounts_to_ask(request.organization.pk)
    chosen = read_choices(request.POST, accounts, reuse_days=None)
    agreed = request.POST.get("agreed", "")
    if chosen.account is None or not chosen.packages or not agreed.isdigit() or len(agreed) > 18:
        messages.warning(request, "Choose what to ask, and whom.")
        return redirect("quote", list_id=list_id)
    try:
        run = order_run(
            request.organization.pk,
            Order(
                contact_list_id=contact_list.pk,
                provider_account_id=chosen.account.pk,
                packages=chosen.packages,
                reuse_days=chosen.reuse_days,
                cap_micros=chosen.cap_micros,
                agreed_micros=int(agreed),
                token=request.POST.get("token", "")[:64],
            ),
        )
    except (OrderRefused, CannotQuote) as refused:
        context = _context(request, contact_list, accounts, chosen) | {"refused": str(refused)}
        return render(request, "quotes/page.html", context, status=409)
    return redirect("run", run.pk)


@page(Right.SEE_MONEY, scope=False)
def balance(request: PageRequest, list_id: int, account_id: int) -> HttpResponse:
    """What is left on the account: a fragment of its own, so that a slow provider does not hold the page."""
    try:
        _, left = check_account(request.organization.pk, account_id)
    except ProviderAccount.DoesNotExist:
        return found(None)  # type: ignore[no-any-return]
    except AccountRefused as refused:
        return render(request, "quotes/balance.html", {"refused": str(refused)})
    return render(request, "quotes/balance.html", {"left": left})


def _context(
    request: PageRequest, contact_list: ContactList, accounts: list[ProviderAccount], chosen: Choices
) -> dict[str, Any]:
    account = chosen.account
    simulated = account.simulated if account else False
    context: dict[str, Any] = {
        "section": "lists",
        "contact_list": contact_list,
        "import": Import.objects.filter(contact_list_id=contact_list.pk).order_by("-pk").first(),
        "accounts": accounts,
        "chosen": chosen,
        "questions": _questions(contact_list, chosen),
        "reuse_choices": REUSE_CHOICES,
        "simulated": simulated,
        "token": secrets.token_urlsafe(16),
        "problems": list(chosen.problems),
    }
    try:
        quoted = _quote(request, contact_list, chosen, simulated=simulated)
    except CannotQuote as problem:
        return context | {"problems": [*chosen.problems, str(problem)]}
    if quoted is not None:
        context |= {"quote": quoted, "countries": _countries(quoted), "time": _time(request, account, quoted)}
        if request.may(Right.SEE_MONEY):
            context["month"] = month(request.organization, simulated=simulated)
    unfinished = Run.objects.filter(contact_list_id=contact_list.pk, state__in=["planning", "running", "paused"])
    return context | {"unfinished": unfinished.order_by("-pk").first()}


def _quote(request: PageRequest, contact_list: ContactList, chosen: Choices, *, simulated: bool) -> Quote | None:
    if not chosen.packages:
        return None
    return quote_run(
        request.organization.pk, contact_list.pk, chosen.packages, simulated=simulated, reuse_days=chosen.reuse_days
    )


def _questions(contact_list: ContactList, chosen: Choices) -> list[Question]:
    """Every package, with the price that most of the list's numbers have and how many of them it works for."""
    counts: dict[str, int] = {}
    kept = FacetCount.objects.filter(contact_list_id=contact_list.pk, status__in=["pending", "completed", "failed"])
    for country, contacts in kept.values_list("country_code", "contacts"):
        counts[country] = counts.get(country, 0) + contacts
    countries = sorted(counts, key=lambda country: -counts[country]) or [""]
    dated = _has_dates(contact_list)
    names = [name for name, package in CATALOGUE.items() if package.can_be_bought]
    offers = make_offers(names, countries, price_book(), now=timezone.now(), reuse_days=None)
    by_place = {(offer.package, offer.country_code): offer for offer in offers}
    questions = []
    for name, package in CATALOGUE.items():
        here = [by_place[name, country] for country in countries if (name, country) in by_place]
        price = here[0].price if here else None
        questions.append(
            Question(
                package,
                _QUESTIONS.get(name, package.title),
                name in chosen.packages,
                sum(counts.get(offer.country_code, 0) for offer in here) if package.can_be_bought else 0,
                sum(counts.values()),
                0 if name == BASIC else price.micros if price else None,
                bool(package.inputs) and not dated,
            )
        )
    return questions


def _has_dates(contact_list: ContactList) -> bool:
    mappings = Import.objects.filter(contact_list_id=contact_list.pk).values_list("mapping", flat=True)
    return any(mapping.get("last_verified_column") is not None for mapping in mappings)


def _countries(quoted: Quote) -> list[dict[str, Any]]:
    """The countries of a quote, the dearest first: a row for each of the largest, one for the rest."""
    rows: list[dict[str, Any]] = [
        {
            "country": country,
            "numbers": sum(kinds.values()),
            **kinds,
            "each": sum(quoted.prices.get(country, {}).values()),
            "at_most": kinds["to_buy"] * sum(quoted.prices.get(country, {}).values()),
        }
        for country, kinds in quoted.countries.items()
    ]
    return sorted(rows, key=lambda row: (-row["at_most"], -row["numbers"]))[:20]


def _time(request: PageRequest, account: ProviderAccount | None, quoted: Quote) -> dict[str, Any] | None:
    """How long it may take, as a band: numbers over what was in flight at once, by the last week's response times."""
    if account is None or not quoted.to_buy:
        return None
    today = timezone.localdate()
    counts = latency_by_day(
        today - timedelta(days=6), today, zone=timezone.get_current_timezone(), simulated=account.simulated
    )
    milliseconds = percentile([sum(parts) for parts in zip(*counts.values(), strict=True)], LATENCY_BUCKETS_MS, 0.5)
    if not milliseconds:
        return None
    seconds = quoted.to_buy * milliseconds / 1000 / account.ceiling
    return {
        "least": max(1, round(seconds * 0.9 / 60)),
        "most": max(1, round(seconds * 2 / 60 + 0.5)),
        "at_once": account.ceiling,
    }
