"""What holds for the whole organization: its name and place, its monthly budget, how old an answer may be."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from bulk_lookup.core.data_package import CATALOGUE, buyable_packages
from bulk_lookup.core.pricing import to_decimal_string
from bulk_lookup.core.role import Right
from bulk_lookup.web.access import WRITES, PageRequest, page
from bulk_lookup.web.overview.figures import month
from bulk_lookup.web.people.forms import OrganizationForm
from bulk_lookup.web.settings.forms import BudgetForm, ReuseForm
from bulk_lookup.web.settings.sections import LOOK
from bulk_lookup.web.templatetags.bars import Tick


@page(LOOK)
def organization(request: PageRequest) -> HttpResponse:
    """Name, country and time zone."""
    kept = {name: getattr(request.organization, name) for name in ("name", "country_code", "time_zone")}
    return render(request, "settings/organization.html", {"form": OrganizationForm(initial=kept)})


@page(Right.ORGANIZATION, methods=WRITES)
def organization_change(request: PageRequest) -> HttpResponse:
    """Change name, country and time zone; days and months of the past follow the new zone too."""
    form = OrganizationForm(request.POST)
    if not form.is_valid():
        return render(request, "settings/organization.html", {"form": form}, status=422)
    return _save(request, form.organization(), "Organization saved", "settings_organization")


@page(LOOK)
def budget(request: PageRequest) -> HttpResponse:
    """The budget of a month beside what this month has cost."""
    micros = request.organization.monthly_budget_micros
    kept = {"budget": to_decimal_string(micros) if micros is not None else ""}
    return _budget_page(request, BudgetForm(initial=kept))


@page(Right.PRICES, methods=WRITES)
def budget_change(request: PageRequest) -> HttpResponse:
    """Set the monthly budget, or drop it."""
    form = BudgetForm(request.POST)
    if not form.is_valid():
        return _budget_page(request, form, status=422)
    return _save(request, {"monthly_budget_micros": form.cleaned_data["budget"]}, "Budget saved", "settings_budget")


@page(LOOK)
def reuse(request: PageRequest) -> HttpResponse:
    """How old an answer may be where a run does not say otherwise."""
    return _reuse_page(request, ReuseForm(initial={"days": request.organization.reuse_days}))


@page(Right.PRICES, methods=WRITES)
def reuse_change(request: PageRequest) -> HttpResponse:
    """Set the age that new quotes begin with."""
    form = ReuseForm(request.POST)
    if not form.is_valid():
        return _reuse_page(request, form, status=422)
    return _save(request, {"reuse_days": form.cleaned_data["days"]}, "Reuse saved", "settings_reuse")


def _save(request: PageRequest, changes: dict[str, Any], words: str, to: str) -> HttpResponse:
    for name, value in changes.items():
        setattr(request.organization, name, value)
    request.organization.save(update_fields=list(changes))
    messages.success(request, words)
    return redirect(to)


def _budget_page(request: PageRequest, form: BudgetForm, *, status: int = 200) -> HttpResponse:
    shown = month(request.organization, simulated=False)
    budgeted = shown["budget_micros"]
    ticks = [Tick(shown["gone"] * budgeted, "today")] if budgeted else []
    return render(request, "settings/budget.html", {"form": form, "month": shown, "ticks": ticks}, status=status)


def _reuse_page(request: PageRequest, form: ReuseForm, *, status: int = 200) -> HttpResponse:
    packages = [CATALOGUE[name] for name in buyable_packages()]
    return render(request, "settings/reuse.html", {"form": form, "packages": packages}, status=status)
