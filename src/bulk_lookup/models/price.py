"""An entry of the price book: what one package costs, by country where it differs, from a date."""

from datetime import date

from django.db import models

from bulk_lookup.models.fields import one_of
from bulk_lookup.models.tenant import OrganizationTable


class Price(OrganizationTable):
    """An entry of the organization's own; published list prices stand in `core/pricing.py`."""

    class Source(models.TextChoices):
        LIST = "list"
        YOURS = "yours"

    package = models.TextField()
    country_code = models.TextField(default="", blank=True)  # "" for every country that has no entry of its own
    amount_micros = models.BigIntegerField()  # millionths of the currency
    currency = models.TextField(default="USD")
    source = models.TextField(choices=Source.choices, default=Source.YOURS)
    valid_from = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "price"
        constraints = [
            one_of("price", "source", ["list", "yours"]),
            models.CheckConstraint(condition=models.Q(amount_micros__gte=0), name="price_not_negative"),
            models.UniqueConstraint(
                fields=["organization", "package", "country_code", "valid_from"], name="price_once"
            ),
        ]

    @classmethod
    def say(
        cls, organization_id: int, package: str, micros: int, *, country: str = "", since: date, currency: str = "USD"
    ) -> "Price":
        """What the organization pays from this day on, made or corrected; call it inside the scope."""
        price, _ = cls.objects.update_or_create(
            organization_id=organization_id,
            package=package,
            country_code=country,
            valid_from=since,
            defaults={"amount_micros": micros, "currency": currency, "source": cls.Source.YOURS},
        )
        return price
