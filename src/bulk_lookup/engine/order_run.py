"""An order: a run over a list, made from a quote that somebody has seen and agreed to."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from bulk_lookup.core.data_package import buyable_packages
from bulk_lookup.engine.credentials import keep_account
from bulk_lookup.engine.quote_run import Quote, quote_run
from bulk_lookup.models import ContactList, ProviderAccount, Run

UNFINISHED = (Run.State.DRAFT, Run.State.PLANNING, Run.State.RUNNING, Run.State.PAUSED)


class OrderRefused(Exception):
    """Nothing was begun; the message is a sentence for the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody agreed to. `agreed_micros` is the sum that stood on the button, `token` that of the form it stood in."""

    contact_list_id: int
    provider_account_id: int
    packages: tuple[str, ...]
    reuse_days: int | None
    cap_micros: int | None
    agreed_micros: int
    token: str


def order_run(organization_id: int, order: Order) -> Run:
    """The run of an order, begun; call it inside the organization's scope.

    A form that is sent twice, and two people who order the same at once, get one run. Raises OrderRefused where the account
    cannot be asked, a price is not known, or the list would cost more by now than was agreed to.
    """
    # The list's lock: whoever orders at the same moment comes second, and finds the run.
    if not ContactList.objects.present().select_for_update(no_key=True).filter(id=order.contact_list_id).exists():
        raise OrderRefused("This list has been deleted.")
    account = ProviderAccount.objects.get(id=order.provider_account_id)
    known = _known(order, account)
    if known is not None:
        return known
    if account.state != ProviderAccount.State.OK:
        raise OrderRefused(f"{account.name} is halted, so nothing can be asked there. Settings say what to do.")
    quote = quote_run(
        organization_id,
        order.contact_list_id,
        order.packages,
        simulated=account.simulated,
        reuse_days=order.reuse_days,
    )
    _refuse(quote, order)
    run = Run.objects.create(
        organization_id=organization_id,
        contact_list_id=order.contact_list_id,
        provider_account_id=account.pk,
        packages=list(order.packages),
        simulated=account.simulated,
        reuse_days=order.reuse_days,
        quote=quote.as_json() | {"order": order.token},
        quoted_micros=quote.cost_micros,
        saved_micros=quote.saved_micros,
        currency=quote.currency,
        cap_micros=order.cap_micros,
    )
    run.start()
    return run


def accounts_to_ask(organization_id: int) -> list[ProviderAccount]:
    """The accounts that a run may ask, the real ones first; a simulator that `up` has started is among them.

    Call it inside the organization's scope.
    """
    simulator = urlsplit(settings.VALUES["BULK_LOOKUP_SIMULATOR_URL"].value)
    address = f"{simulator.scheme}://{simulator.hostname}:{simulator.port}" if simulator.hostname else ""
    if address:
        signed_in = {"TWILIO_ACCOUNT_SID": simulator.username or "", "TWILIO_AUTH_TOKEN": simulator.password or ""}
        named = signed_in | {"BULK_LOOKUP_TWILIO_URL": address}
        keep_account(organization_id, named, simulated=True, name="Simulator")
    accounts = ProviderAccount.objects.order_by("simulated", "pk")
    # What a command has started and ended answers no more; its account is still here, for its runs.
    return [one for one in accounts if not one.simulated or one.secret_set_at is not None or one.ask_at == address]


def packages_of(names: Sequence[str]) -> tuple[str, ...]:
    """Those of these names that can be bought, in the catalogue's order, each once."""
    return tuple(name for name in buyable_packages() if name in names)


def _known(order: Order, account: ProviderAccount) -> Run | None:
    runs = Run.objects.filter(contact_list_id=order.contact_list_id)
    same_form = runs.filter(quote__order=order.token) if order.token else runs.none()
    at_once = runs.filter(state__in=UNFINISHED, simulated=account.simulated, packages=list(order.packages))
    return same_form.first() or at_once.order_by("-pk").first()


def _refuse(quote: Quote, order: Order) -> None:
    if quote.unknown_prices:
        raise OrderRefused(f"Nobody knows what {quote.unknown_prices[0]} costs. Enter a price to use it with a cap.")
    if quote.cost_micros > order.agreed_micros:
        raise OrderRefused("The list has changed: it would cost more than you agreed to. Look at the sum again.")
    if not quote.numbers:
        raise OrderRefused("This list has no number to ask for.")
