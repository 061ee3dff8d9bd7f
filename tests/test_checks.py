"""The system checks: each wrong configuration is named by its id, with what to do."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core import checks as django_checks
from django.core.checks import CheckMessage

from bulk_lookup import checks
from bulk_lookup.checks import DatabaseFacts
from bulk_lookup.environment import EnvironmentProblem, read_environment

WELL = DatabaseFacts(
    version=180001, connections=97, role="bulk_lookup", superuser=False, bypasses_policies=False, seconds_ahead=0.0
)


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Set settings as an environment would."""

    def configure(**values: str) -> None:
        monkeypatch.setattr(settings, "VALUES", read_environment(values, dotenv=None))

    configure()
    yield configure


def ids(messages: list[CheckMessage]) -> list[str | None]:
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


def test_the_defaults_are_well(configured: object) -> None:
    assert checks.check_pools(None) == []
    assert checks.check_credentials(None) == []
    assert checks.judge_database(WELL) == []


def test_the_connections_of_one_worker_and_the_web_are_counted(configured: object) -> None:
    # docs: web DB_POOL; each child of a worker Procrastinate's 3 and a listener; lookups the engine's 4.
    assert checks.connections_wanted() == {"web": 25, "lookups": 9, "quick": 15, "files": 6, "others": 2}


@pytest.mark.parametrize(("connections", "found"), [(57, []), (56, ["bulk_lookup.E001"])])
def test_more_connections_than_there_are_is_refused(configured: object, connections: int, found: list[str]) -> None:
    facts = DatabaseFacts(180001, connections, "bulk_lookup", False, False, 0.0)

    assert ids(checks.judge_database(facts)) == found


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"DB_POOL": "10"}, []),
        ({"DB_POOL": "9"}, ["bulk_lookup.E002"]),
        ({"DB_POOL": "25", "BULK_LOOKUP_QUICK_CONCURRENCY": "26"}, ["bulk_lookup.E002"]),
        ({"DB_POOL": "25", "BULK_LOOKUP_FILES_CONCURRENCY": "26"}, ["bulk_lookup.E002"]),
    ],
)
def test_a_pool_smaller_than_what_it_serves_is_refused(
    configured: object, values: dict[str, str], found: list[str]
) -> None:
    configured(**values)  # type: ignore[operator]

    assert ids(checks.check_pools(None)) == found


@pytest.mark.parametrize(("superuser", "bypasses"), [(True, False), (False, True), (True, True)])
def test_a_role_that_policies_do_not_bind_is_refused(configured: object, superuser: bool, bypasses: bool) -> None:
    facts = DatabaseFacts(180001, 97, "postgres", superuser, bypasses, 0.0)

    assert ids(checks.judge_database(facts)) == ["bulk_lookup.E003"]


@pytest.mark.parametrize(
    ("version", "found"), [(150000, []), (140012, ["bulk_lookup.E004"]), (90600, ["bulk_lookup.E004"])]
)
def test_an_old_server_is_refused(configured: object, version: int, found: list[str]) -> None:
    facts = DatabaseFacts(version, 97, "bulk_lookup", False, False, 0.0)

    assert ids(checks.judge_database(facts)) == found


@pytest.mark.parametrize(
    ("values", "found"),
    [
        # Nothing, or one whole way to sign in.
        ({"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t"}, []),
        ({"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_API_KEY": "SK1", "TWILIO_API_SECRET": "s"}, []),
        # Half of a key.
        ({"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_API_KEY": "SK1"}, ["bulk_lookup.E005"]),
        ({"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_API_SECRET": "s"}, ["bulk_lookup.E005"]),
        # Nobody's token.
        ({"TWILIO_AUTH_TOKEN": "t"}, ["bulk_lookup.E006"]),
        # Two ways at once: the key is used.
        (
            {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "TWILIO_API_KEY": "SK1", "TWILIO_API_SECRET": "s"},
            ["bulk_lookup.W001"],
        ),
        # An address of one's own has no region.
        ({"BULK_LOOKUP_TWILIO_URL": "http://127.0.0.1:1", "TWILIO_REGION": "ie1"}, ["bulk_lookup.W002"]),
    ],
)
def test_credentials_that_do_not_fit_together_are_named(
    configured: object, values: dict[str, str], found: list[str]
) -> None:
    configured(**values)  # type: ignore[operator]

    assert ids(checks.check_credentials(None)) == found


def test_every_id_is_in_the_operations_page() -> None:
    root = Path(__file__).parent.parent
    ids = set(re.findall(r'id="(bulk_lookup\.\w+)"', (root / "src/bulk_lookup/checks.py").read_text(encoding="utf-8")))

    assert len(ids) >= 9
    assert set(re.findall(r"`(bulk_lookup\.\w+)`", (root / "docs/operations.md").read_text(encoding="utf-8"))) == ids


@pytest.mark.django_db
def test_the_server_says_what_it_is() -> None:
    facts = checks.database_facts()

    assert facts.version >= 150000
    assert facts.connections > 0
    assert not facts.superuser
    assert not facts.bypasses_policies
    assert abs(facts.seconds_ahead) < 60


@pytest.mark.django_db
def test_djangos_own_command_finds_the_checks(configured: object) -> None:
    configured(DB_POOL="9000", TWILIO_AUTH_TOKEN="t")  # type: ignore[operator]

    found = {message.id for message in django_checks.run_checks(databases=["default"])}

    assert {"bulk_lookup.E001", "bulk_lookup.E006"} <= found


@pytest.mark.django_db
def test_a_start_is_refused_with_the_sentence_the_hint_and_the_id(configured: object) -> None:
    from bulk_lookup.boot import refuse_to_start

    refuse_to_start()
    configured(DB_POOL="5")  # type: ignore[operator]
    with pytest.raises(
        EnvironmentProblem, match=r"DB_POOL is 5, .* Set DB_POOL to at least 10, .* \(bulk_lookup\.E002\)"
    ):
        refuse_to_start()
