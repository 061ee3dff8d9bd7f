"""One order from beginning to end: read the list, say what it costs, buy, write it out."""

import asyncio
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bulk_lookup.cli.conclude import unfinished_summary
from bulk_lookup.cli.exits import BAD_INPUT, DONE, INTERRUPTED, Stop, console
from bulk_lookup.cli.one_object import one_object
from bulk_lookup.cli.processes import Processes
from bulk_lookup.cli.session import open_session
from bulk_lookup.cli.summary import unbegun_summary
from bulk_lookup.cli.terminal import is_attended, is_closed
from bulk_lookup.cli.words import counted

if TYPE_CHECKING:
    from bulk_lookup.engine.import_reading import Inspection
    from bulk_lookup.engine.quote_run import Quote
    from bulk_lookup.models import Import, Organization, ProviderAccount, Run

# The end of each of these input formats, as an output format; a list read from .gz is written plain.
_OUTPUT_FORMATS = {"csv": "csv", "tsv": "tsv", "xlsx": "xlsx", "jsonl": "jsonl"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the person asked for."""

    source: str
    output: str
    packages: tuple[str, ...]
    region: str | None
    country_column: str | None
    phone_column: str | None
    sheet: str | None
    cap_micros: int | None
    last_verified_column: str | None
    reuse_days: int | None
    format: str
    rejects: str
    quote_only: bool
    yes: bool
    simulate: bool
    as_json: bool


def place_order(order: Order) -> int:
    """Do it; returns the exit code."""
    from bulk_lookup.cli.accounts import check_credentials

    check_credentials(simulate=order.simulate, spends=not order.quote_only)
    with one_object(order.as_json, lambda reason: unbegun_summary(order, None, None, reason)):
        organization = open_session()
        path = _file(order)
    processes = Processes()
    ordering = _Ordering(order, organization, path, processes)
    try:
        with one_object(order.as_json, ordering.summary):
            return ordering.carry_out()
    finally:
        try:
            processes.stop()
        finally:
            if order.source == "-":
                path.unlink(missing_ok=True)  # every row is in the database now, or never will be


class _Ordering:
    def __init__(self, order: Order, organization: "Organization", path: Path, processes: Processes) -> None:
        self._order = order
        self._organization = organization
        self._path = path
        self._processes = processes
        self._imported: Import | None = None
        self._quoted: Quote | None = None
        self._run: Run | None = None

    def carry_out(self) -> int:
        inspection = self._inspect()
        account = self._account()
        if account is not None and account.simulated:  # a simulator of one's own, found out by its check
            self._order = replace(self._order, simulate=True)
        self._processes.start_worker()
        self._imported = imported = self._import(inspection)
        self._say_rejects(imported)
        self._quoted = quote = self._quote(imported)
        self._say_quote(quote, account)
        if self._order.quote_only:
            return self._end_with_quote(quote)
        self._refuse_unknown_price(quote)
        self._ask_to_spend(quote, account)
        self._run = run = self._begin(imported, inspection, account, quote)
        return self._see_through(run)

    def summary(self, reason: str) -> dict[str, Any]:
        """The figures of what there is by now, for an order that ends before its end for this reason."""
        if self._run is None:
            return unbegun_summary(self._order, self._imported, self._quoted, reason)
        return unfinished_summary(self._run, reason)

    def _inspect(self) -> "Inspection":
        from bulk_lookup.engine.import_reading import inspect_file

        inspection = inspect_file(
            self._path,
            sheet=self._order.sheet,
            phone_column=self._order.phone_column,
            country_column=self._order.country_column,
            last_verified_column=self._order.last_verified_column,
            region=self._order.region,
            organization_country=self._organization.country_code or None,
        )
        for sentence in inspection.sentences():
            console.print(sentence, markup=False)
        return inspection

    def _account(self) -> "ProviderAccount | None":
        from bulk_lookup.cli.accounts import real_account, simulated_account

        if self._order.simulate:
            return simulated_account(self._organization, self._processes)
        return real_account(self._organization, optional=self._order.quote_only)

    def _import(self, inspection: "Inspection") -> "Import":
        from bulk_lookup.cli.watch import watch_import
        from bulk_lookup.engine.import_file import start_import

        name = "standard input" if self._order.source == "-" else Path(self._order.source).name
        imported = start_import(
            self._organization.pk, list_name=name, file_name=name, path=self._path, mapping=inspection.mapping
        )
        return watch_import(self._organization.pk, imported.pk, self._processes)

    def _say_rejects(self, imported: "Import") -> None:
        from bulk_lookup.cli.summary import import_sentences
        from bulk_lookup.engine.import_file import write_rejects

        for sentence in import_sentences(imported):
            console.print(sentence, markup=False)
        if self._order.rejects:
            try:
                write_rejects(self._organization.pk, imported.contact_list_id, Path(self._order.rejects))
            except OSError as error:
                raise Stop(
                    BAD_INPUT,
                    f"{self._order.rejects} cannot be written: {error.strerror or error}. Nothing was bought.",
                ) from error

    def _quote(self, imported: "Import") -> "Quote":
        from bulk_lookup.engine.quote_run import CannotQuote, quote_run
        from bulk_lookup.models.scope import organization_scope

        try:
            with organization_scope(self._organization.pk):
                return quote_run(
                    self._organization.pk,
                    imported.contact_list_id,
                    self._order.packages,
                    simulated=self._order.simulate,
                    reuse_days=self._order.reuse_days,
                )
        except CannotQuote as error:
            raise Stop(BAD_INPUT, str(error)) from error

    def _say_quote(self, quote: "Quote", account: "ProviderAccount | None") -> None:
        from bulk_lookup.cli.accounts import money_left, others_in_flight
        from bulk_lookup.cli.summary import quote_sentences

        balance = asyncio.run(money_left(account)) if account is not None else None
        for sentence in quote_sentences(quote, self._order, balance):
            console.print(sentence, markup=False)
        others = others_in_flight(account) if account is not None else 0
        if others:
            are = "is" if others == 1 else "are"
            console.print(f"{counted(others, 'request')} in flight on the account {are} not ours; our limit is shared.")

    def _end_with_quote(self, quote: "Quote") -> int:
        from bulk_lookup.cli.summary import print_json, quote_summary

        if self._order.as_json:
            print_json(quote_summary(quote, self._order))
        return DONE

    def _refuse_unknown_price(self, quote: "Quote") -> None:
        if quote.unknown_prices and self._order.cap_micros is not None:
            package = quote.unknown_prices[0]
            raise Stop(
                BAD_INPUT,
                f"Nobody knows what {package} costs, so a cap cannot hold. Say it with "
                f"`bulk-lookup prices set {package} AMOUNT`, or leave --max-cost out.",
            )

    def _ask_to_spend(self, quote: "Quote", account: "ProviderAccount | None") -> None:
        if self._order.simulate or self._order.yes or not (quote.cost_micros or quote.unknown_prices):
            return
        if not is_attended():
            raise Stop(BAD_INPUT, "This would spend money: add --yes to agree, or --simulate to try it for nothing.")
        console.print("Buy this? [y/N] ", end="", markup=False)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise Stop(DONE, "Nothing was bought.", reason="declined")

    def _begin(
        self, imported: "Import", inspection: "Inspection", account: "ProviderAccount | None", quote: "Quote"
    ) -> "Run":
        from bulk_lookup.models import Export, Run
        from bulk_lookup.models.scope import organization_scope

        assert account is not None
        read = inspection.format
        with organization_scope(self._organization.pk):
            run = Run.objects.create(
                organization=self._organization,
                contact_list_id=imported.contact_list_id,
                provider_account_id=account.pk,
                packages=list(self._order.packages),
                simulated=self._order.simulate,
                reuse_days=self._order.reuse_days,
                quote=quote.as_json(),
                quoted_micros=quote.cost_micros,
                saved_micros=quote.saved_micros,
                currency=quote.currency,
                cap_micros=self._order.cap_micros,
            )
            Export.objects.create(
                organization=self._organization,
                contact_list_id=imported.contact_list_id,
                run_id=run.pk,
                path=self._order.output if self._order.output == "-" else str(Path(self._order.output).absolute()),
                format=self._order.format or _OUTPUT_FORMATS.get(read.kind, "csv"),
                options={
                    "delimiter": read.delimiter,
                    "line_ending": read.line_ending,
                    "byte_order_mark": read.bom,
                    "rejects": self._order.rejects,
                },
            )
            run.start()
        return run

    def _see_through(self, run: "Run") -> int:
        from bulk_lookup.cli.conclude import conclude
        from bulk_lookup.cli.watch import watch_run

        interrupted = watch_run(self._organization.pk, run.pk, self._processes)
        code = conclude(self._organization.pk, run.pk, as_json=self._order.as_json, rejects=self._order.rejects)
        return INTERRUPTED if interrupted else code


def _file(order: Order) -> Path:
    """The list as a file: standard input is kept in the data folder first."""
    if order.source != "-":
        return Path(order.source).absolute()
    from bulk_lookup.boot import data_dir
    from bulk_lookup.lib.tables.spool import spool

    if is_closed(0):
        raise Stop(BAD_INPUT, "Standard input is closed; pipe a list to it, or give the name of a file.")
    folder = data_dir() / "spool"
    folder.mkdir(parents=True, exist_ok=True)
    return spool(sys.stdin.buffer, folder)
