"""Provider accounts: add, test, rotate, limit, and take up again what a halt has stopped."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from bulk_lookup.core.role import Right
from bulk_lookup.engine.account_credentials import (
    AccountKnown,
    AccountRefused,
    add_account,
    check_account,
    move_account,
    replace_credentials,
    resume_account,
)
from bulk_lookup.engine.release_account import CannotRelease
from bulk_lookup.models import ProviderAccount
from bulk_lookup.models.scope import organization_scope
from bulk_lookup.web.access import BOTH, WRITES, PageRequest, found, page
from bulk_lookup.web.settings.account_cards import cards
from bulk_lookup.web.settings.account_forms import AccountForm, CredentialsForm, LimitsForm
from bulk_lookup.web.settings.account_words import refusal
from bulk_lookup.web.settings.sections import LOOK
from bulk_lookup.web.templatetags.figures import money_text


@page(LOOK)
def accounts(request: PageRequest) -> HttpResponse:
    """All accounts, the halted ones first."""
    return _page(request)


@page(Right.CREDENTIALS, methods=BOTH, scope=False)
def account_new(request: PageRequest) -> HttpResponse:
    """Add an account; nothing is kept before its provider has accepted the credentials."""
    form = AccountForm(request.POST if request.method == "POST" else None, may_simulate=request.user.is_staff)
    if request.method == "POST" and form.is_valid():
        given = form.credentials(form.cleaned_data["account_sid"])
        try:
            account = add_account(request.organization.pk, given, name=form.cleaned_data["name"].strip())
        except (AccountRefused, AccountKnown) as problem:
            form.add_error(None, _sentence(problem))
        else:
            messages.success(request, f"{account.name} is connected")
            return redirect("settings_accounts")
    return _form(request, "settings/account_new.html", {"form": form})


@page(Right.CREDENTIALS, methods=BOTH, scope=False)
def account_credentials(request: PageRequest, account_id: int) -> HttpResponse:
    """Replace what an account signs in with; the old is kept until the provider has accepted the new."""
    account = _account(request, account_id)
    kept = {"key_sid": account.key_sid, "region": account.region, "edge": account.edge, "url": account.ask_at}
    form = CredentialsForm(
        request.POST if request.method == "POST" else None, initial=kept, may_simulate=request.user.is_staff
    )
    if request.method == "POST" and form.is_valid():
        given = form.credentials(account.account_sid, url=account.ask_at)
        try:
            replace_credentials(request.organization.pk, account.pk, given)
        except (AccountRefused, AccountKnown) as problem:
            form.add_error(None, _sentence(problem))
        else:
            halted = account.state == ProviderAccount.State.HALTED
            messages.success(
                request, "The test passed. Resume when you are ready" if halted else "Credentials replaced"
            )
            return redirect("settings_accounts")
    return _form(request, "settings/account_credentials.html", {"form": form, "account": account})


@page(Right.CREDENTIALS, methods=WRITES, scope=False)
def account_test(request: PageRequest, account_id: int) -> HttpResponse:
    """Try the kept credentials, at no cost."""
    account = _account(request, account_id)
    try:
        _, balance = check_account(request.organization.pk, account.pk)
    except AccountRefused as problem:
        return _refused(request, account, _sentence(problem))
    left = f", {money_text(balance.micros)} {balance.currency} left" if balance is not None else ""
    messages.success(request, f"{account.name} accepts the credentials{left}")
    return redirect("settings_accounts")


@page(Right.CREDENTIALS, methods=WRITES, scope=False)
def account_resumption(request: PageRequest, account_id: int) -> HttpResponse:
    """Take the halt away and let its runs go on: the account is tested once more, whatever the page showed."""
    account = _account(request, account_id)
    try:
        resumed = resume_account(request.organization.pk, account.pk)
    except CannotRelease as problem:
        return _refused(request, account, refusal(problem.reason, str(problem)))
    runs = ", ".join(f"run {run.pk}" for run in resumed)
    messages.success(request, f"{account.name} is ready" + (f", {runs} going on" if runs else ""))
    return redirect("settings_accounts")


@page(Right.CREDENTIALS, methods=WRITES, scope=False)
def account_limits(request: PageRequest, account_id: int) -> HttpResponse:
    """Change name, place and limits; another place is tried before it is kept."""
    account = _account(request, account_id)
    form = LimitsForm(request.POST, account=account)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    given = form.cleaned_data
    place = {name: given.get(name, getattr(account, name)) for name in ("region", "edge")}
    if place != {"region": account.region, "edge": account.edge}:
        try:
            move_account(request.organization.pk, account.pk, **place)
        except AccountRefused as problem:
            return _refused(request, account, _sentence(problem), form=form)
    limits = {name: given[name] for name in ("name", "ceiling", "requests_per_second")}
    with organization_scope(request.organization.pk):
        ProviderAccount.objects.filter(pk=account.pk).update(**limits)
    messages.success(request, f"{given['name']} saved")
    return redirect("settings_accounts")


def _account(request: PageRequest, account_id: int) -> ProviderAccount:
    with organization_scope(request.organization.pk):
        account: ProviderAccount = found(ProviderAccount.objects.filter(pk=account_id).first())
    return account


def _page(
    request: PageRequest, *, problem: tuple[int, str] = (0, ""), form: LimitsForm | None = None, status: int = 200
) -> HttpResponse:
    with organization_scope(request.organization.pk):
        shown = cards(request.organization, problem=problem, form=form)
        context = {"cards": shown, "halted": any(card.halt for card in shown), "lately": _first(shown)}
        return render(request, "settings/accounts.html", context, status=status)


def _first(shown: list[Any]) -> Any:
    """The account whose history is shown: the halted one, else the first real one."""
    told = [card for card in shown if card.lately]
    return next((card for card in told if card.halt or not card.account.simulated), next(iter(told), None))


def _form(request: PageRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    with organization_scope(request.organization.pk):
        return render(request, template, context, status=422 if context["form"].errors else 200)


def _refused(
    request: PageRequest, account: ProviderAccount, sentence: str, *, form: LimitsForm | None = None
) -> HttpResponse:
    return _page(request, problem=(account.pk, sentence), form=form, status=422)


def _sentence(problem: AccountRefused | AccountKnown) -> str:
    if isinstance(problem, AccountKnown):
        return f"{problem} Replace its credentials there."
    return refusal(problem.reason, str(problem), problem.failure)
