"""One number from asking to answer: read it, say what it costs, buy, show it."""

import sys
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import typer

from bulk_lookup.cli.exits import BAD_INPUT, DONE, INTERRUPTED, STOPPED, UNEXPECTED, Stop, console
from bulk_lookup.cli.one_object import one_object
from bulk_lookup.cli.processes import Processes
from bulk_lookup.cli.session import open_session
from bulk_lookup.cli.terminal import is_attended
from bulk_lookup.cli.words import amount
from bulk_lookup.core.pricing import to_decimal_string

if TYPE_CHECKING:
    from bulk_lookup.engine.quote_run import Quote
    from bulk_lookup.models import Import, Organization, ProviderAccount, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOrder:
    """What the person asked for."""

    phone: str
    packages: tuple[str, ...]
    region: str | None
    last_verified: date | None
    yes: bool
    simulate: bool
    as_json: bool


def place_number_order(order: NumberOrder) -> int:
    """Do it; returns the exit code."""
    from bulk_lookup.cli.accounts import check_credentials

    check_credentials(simulate=order.simulate, spends=True)
    with one_object(order.as_json, lambda reason: _unbegun(order, reason)):
        organization = open_session()
    e164 = _read(order, organization)
    processes = Processes()
    try:
        with one_object(order.as_json, lambda reason: _unbegun(order, reason)):
            run = _buy(order, organization, e164, processes)
        with one_object(order.as_json, lambda reason: _figures(run) | {"reason": reason}):
            return _see_through(order, organization, run, processes)
    finally:
        processes.stop()


def read_region(text: str) -> str | None:
    """The country of `--region`; raises Stop."""
    from bulk_lookup.core.country import region_of

    found = region_of(text) if text else None
    if text and found is None:
        raise Stop(BAD_INPUT, f"--region {text!r} is no country; write it like US, DE or GB.")
    return found


def read_date(text: str, option: str) -> date | None:
    """A date as 2026-01-31; raises Stop."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Stop(BAD_INPUT, f"{option} {text!r} is no date; write it like 2026-01-31.") from None


def _read(order: NumberOrder, organization: "Organization") -> str:
    """The number as E.164; raises Stop with the reason why there is none."""
    from bulk_lookup.core.phone import Reason, parse_phone

    phone = parse_phone(order.phone, order.region or organization.country_code or None)
    if phone.e164 is not None:
        return phone.e164
    reason = phone.reason or Reason.NOT_A_NUMBER
    hint = " Write it with a plus, or name its country with --region." if reason is Reason.NO_COUNTRY else ""
    shown = order.phone if len(order.phone) <= 40 else f"{order.phone[:40]}…"
    raise Stop(BAD_INPUT, f"{shown!r} is not looked up: {reason.replace('_', ' ')}.{hint}")


def _buy(order: NumberOrder, organization: "Organization", e164: str, processes: Processes) -> "Run":
    from bulk_lookup.boot import data_dir
    from bulk_lookup.engine.one_number import list_of_one

    account = _account(order, organization, processes)
    folder = data_dir() / "spool"
    folder.mkdir(parents=True, exist_ok=True)
    imported = list_of_one(organization.pk, e164, region=None, last_verified=order.last_verified, folder=folder)
    quote = _quote(order, organization, imported, simulated=account.simulated)
    _say_unasked(order, quote)
    _ask_to_spend(quote, agreed=order.yes or account.simulated)
    if quote.to_buy:
        processes.start_worker()
    return _begin(order, organization, imported, account, quote)


def _account(order: NumberOrder, organization: "Organization", processes: Processes) -> "ProviderAccount":
    from bulk_lookup.cli.accounts import real_account, simulated_account

    if order.simulate:
        return simulated_account(organization, processes)
    account = real_account(organization)
    assert account is not None
    return account


def _quote(order: NumberOrder, organization: "Organization", imported: "Import", *, simulated: bool) -> "Quote":
    from bulk_lookup.engine.quote_run import CannotQuote, quote_run
    from bulk_lookup.models.scope import organization_scope

    try:
        with organization_scope(organization.pk):
            return quote_run(organization.pk, imported.contact_list_id, order.packages, simulated=simulated)
    except CannotQuote as error:
        raise Stop(BAD_INPUT, str(error)) from error


def _say_unasked(order: NumberOrder, quote: "Quote") -> None:
    """Why a package is not bought."""
    from bulk_lookup.core.data_package import CATALOGUE

    for part in quote.packages:
        if part.reused:
            console.print(f"{CATALOGUE[part.package].title}: known already, so it is not bought again.", markup=False)
        elif part.skipped:
            package = CATALOGUE[part.package]
            needs = "; it needs --last-verified DATE" if package.inputs and not order.last_verified else ""
            console.print(f"{package.title}: not asked ({package.coverage}{needs}).", markup=False)


def _ask_to_spend(quote: "Quote", *, agreed: bool) -> None:
    if agreed or not (quote.cost_micros or quote.unknown_prices):
        return
    cost = ("at most " if quote.cost_micros else "") + amount(quote.cost_micros, quote.currency, quote.unknown_prices)
    if not is_attended():
        raise Stop(BAD_INPUT, f"This would cost {cost}: add --yes to agree, or --simulate to try it for nothing.")
    console.print(f"It costs {cost}. Buy it? [y/N] ", end="", markup=False)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise Stop(DONE, "Nothing was bought.", reason="declined")


def _begin(
    order: NumberOrder, organization: "Organization", imported: "Import", account: "ProviderAccount", quote: "Quote"
) -> "Run":
    from bulk_lookup.engine.plan_run import plan_run
    from bulk_lookup.models import Run
    from bulk_lookup.models.scope import organization_scope

    with organization_scope(organization.pk):
        run = Run.objects.create(
            organization=organization,
            contact_list_id=imported.contact_list_id,
            provider_account_id=account.pk,
            packages=list(order.packages),
            simulated=account.simulated,
            quote=quote.as_json(),
            quoted_micros=quote.cost_micros,
            saved_micros=quote.saved_micros,
            currency=quote.currency,
        )
        run.start()
    plan_run(organization.pk, run.pk)  # at once; its job has nothing left to do
    return run


def _see_through(order: NumberOrder, organization: "Organization", run: "Run", processes: Processes) -> int:
    from bulk_lookup.cli.summary import print_json, why
    from bulk_lookup.cli.watch import watch_run
    from bulk_lookup.engine.one_number import answer_of
    from bulk_lookup.models import Run
    from bulk_lookup.models.scope import organization_scope

    interrupted = watch_run(organization.pk, run.pk, processes)
    with organization_scope(organization.pk):
        run.refresh_from_db()
        answer = answer_of(run)
    if run.state == Run.State.PAUSED:
        console.print(f"The run is paused. {why(run)}", markup=False)
        console.print(f"Go on with `bulk-lookup runs resume {run.pk}`.", markup=False)
    elif run.state == Run.State.FAILED:
        console.print(why(run), markup=False)
    if order.as_json:
        print_json(_values(answer) | _figures(run))
    else:
        _show(answer, run)
    if interrupted:
        return INTERRUPTED
    if run.state == Run.State.FAILED:
        return UNEXPECTED
    return DONE if run.state == Run.State.FINISHED else STOPPED


def _unbegun(order: NumberOrder, reason: str) -> dict[str, Any]:
    """The figures of what ended before there was a run, under the names of a run's."""
    counts = dict.fromkeys(("bought", "reused", "skipped", "failed"), 0)
    money = {"cost": "0.00", "unknown_cost": "0.00", "currency": "USD", "simulated": order.simulate}
    return {"run_id": None, "state": "not_begun", "reason": reason} | counts | money


def _figures(run: "Run") -> dict[str, Any]:
    return {
        "run_id": run.pk,
        "state": run.state,
        "reason": run.reason,
        "bought": run.done,
        "reused": run.reused,
        "skipped": run.skipped,
        "failed": run.failed,
        "cost": to_decimal_string(run.spent_micros),
        "unknown_cost": to_decimal_string(run.unknown_micros),
        "currency": run.currency,
        "simulated": run.simulated,
    }


def _values(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with amounts as decimal strings and without what a single number never has."""
    named = {name: value for name, value in answer.items() if name not in ("duplicate_of", "other_phone_numbers")}
    return named | {"api_cost": str(answer["api_cost"])}


def _show(answer: dict[str, Any], run: "Run") -> None:
    shown = {name: _text(value) for name, value in _values(answer).items() if value not in (None, "")}
    width = max(map(len, shown))
    for name, value in shown.items():
        typer.echo(f"{name.ljust(width)}  {value}")
    if run.simulated:
        console.print("Simulated: the answer is invented, and nothing is charged.", style="dim")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
