"""The nouns, one a file."""

from bulk_lookup.models.allowance import AccountAllowance, AllowanceShare
from bulk_lookup.models.claim import Claim
from bulk_lookup.models.contact import Contact
from bulk_lookup.models.contact_list import ContactList
from bulk_lookup.models.export import Export
from bulk_lookup.models.facet_count import FacetCount
from bulk_lookup.models.imports import Import
from bulk_lookup.models.invitation import Invitation
from bulk_lookup.models.job_failure import JobFailure
from bulk_lookup.models.lookup import Lookup
from bulk_lookup.models.membership import Membership
from bulk_lookup.models.organization import Organization
from bulk_lookup.models.price import Price
from bulk_lookup.models.provider_account import ProviderAccount
from bulk_lookup.models.quarter_hour_stat import QuarterHourStat
from bulk_lookup.models.request_tally import RequestTally
from bulk_lookup.models.run import Run, RunMoved
from bulk_lookup.models.upload import Upload
from bulk_lookup.models.user import User
from bulk_lookup.models.worker import Worker

__all__ = [
    "AccountAllowance",
    "AllowanceShare",
    "Claim",
    "Contact",
    "ContactList",
    "Export",
    "FacetCount",
    "Import",
    "Invitation",
    "JobFailure",
    "Lookup",
    "Membership",
    "Organization",
    "Price",
    "ProviderAccount",
    "QuarterHourStat",
    "RequestTally",
    "Run",
    "RunMoved",
    "Upload",
    "User",
    "Worker",
]
