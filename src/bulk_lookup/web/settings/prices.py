"""Packages and what one answer of each costs: by whose word, since when, and in which countries differently."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from bulk_lookup.core.data_package import CATALOGUE, DataPackage, buyable_packages
from bulk_lookup.core.pricing import Price as KnownPrice
from bulk_lookup.core.pricing import PriceKind
from bulk_lookup.core.role import Right
from bulk_lookup.engine.offers import price_book
from bulk_lookup.models import Price
from bulk_lookup.web.access import BOTH, PageRequest, found, page
from bulk_lookup.web.settings.forms import PriceForm
from bulk_lookup.web.settings.sections import LOOK
from bulk_lookup.web.templatetags.contacts import country_name
from bulk_lookup.web.templatetags.figures import day_text


@dataclass(frozen=True, slots=True)
class Row:
    """One price of a package: for a country, or all others; `entry` where it is the organization's own."""

    country: str
    price: KnownPrice | None
    entry: Price | None
    future: bool = False

    @property
    def origin(self) -> str:
        """By whose word, in words that promise no more than is known."""
        if self.price is None:
            return "price unknown"
        day = day_text(self.price.valid_from)
        if self.price.kind is PriceKind.LIST:
            return f"list, as of {day}, not confirmed"
        return f"yours, from {day} on" if self.future else f"yours, since {day}"


@page(LOOK)
def prices(request: PageRequest) -> HttpResponse:
    """All packages with what is in force and what will be."""
    form = PriceForm(today=timezone.localdate(), initial=_wanted(request))
    return _page(request, form)


@page(Right.PRICES, methods=("POST",))
def price(request: PageRequest) -> HttpResponse:
    """Say what is paid for a package; quotes and caps go by it from that day on."""
    form = PriceForm(request.POST, today=timezone.localdate())
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    Price.say(
        request.organization.pk,
        given["package"],
        given["amount"],
        country=given["country"],
        since=given["since"],
        currency=given["currency"],
    )
    messages.success(request, f"The price of {CATALOGUE[given['package']].title.lower()} is kept")
    return redirect("settings_prices")


@page(Right.PRICES, methods=BOTH)
def price_removal(request: PageRequest, price_id: int) -> HttpResponse:
    """Take back a price of one's own: asked by a GET, done by a POST."""
    entry: Price = found(Price.objects.filter(pk=price_id).first())
    if request.method != "POST":
        shown = CATALOGUE[entry.package].title if entry.package in CATALOGUE else entry.package
        return render(request, "settings/price_removal.html", {"entry": entry, "package": shown})
    entry.delete()
    messages.info(request, "Price removed")
    return redirect("settings_prices")


def _page(request: PageRequest, form: PriceForm, *, status: int = 200) -> HttpResponse:
    context = {"packages": _packages(timezone.localdate()), "form": form}
    return render(request, "settings/prices.html", context, status=status)


def _packages(today: date) -> list[tuple[DataPackage, list[Row]]]:
    book = price_book()
    own = list(Price.objects.order_by("country_code", "valid_from"))
    found_ones = []
    for name in buyable_packages():
        entries = [entry for entry in own if entry.package == name]
        newest = {entry.country_code: entry for entry in entries if entry.valid_from <= today}
        rows = [
            Row(country_name(country) if country else "", book.price(name, country or None, today), newest.get(country))
            for country in sorted({"", *newest})
        ]
        rows += [
            Row(
                country_name(entry.country_code) if entry.country_code else "",
                KnownPrice(entry.amount_micros, entry.currency, PriceKind.YOURS, entry.valid_from),
                entry,
                future=True,
            )
            for entry in entries
            if entry.valid_from > today
        ]
        found_ones.append((CATALOGUE[name], rows))
    return found_ones


def _wanted(request: PageRequest) -> dict[str, str]:
    """The package that a link asks to price."""
    package = request.GET.get("package", "")
    return {"package": package} if package in CATALOGUE else {}
