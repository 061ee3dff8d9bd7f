"""`bulk-lookup doctor`: what is wrong, and what to do."""

from typing import Any

from cli_stage import Account, Command, Done, RealAccount


def found(done: Done) -> dict[str, Any]:
    return {check["name"]: check for check in done.json["checks"]}


def test_an_installation_that_is_well_ends_with_zero(bulk_lookup: Command, real_account: RealAccount) -> None:
    done = bulk_lookup("doctor", "--json", **real_account.settings)

    assert done.code == 0, done.out
    assert done.json["ok"] is True
    checks = found(done)
    assert {"Python", "data folder", "simulator", "database", "connections", "tables", "workers", "account"} <= set(
        checks
    )
    assert "wrong" not in {check["state"] for check in checks.values()}
    assert checks["tables"]["sentence"] == "are up to date."
    assert checks["account"]["sentence"] == (
        f"Acme (real, active) at {real_account.settings['BULK_LOOKUP_TWILIO_URL']}, 5.50 USD left."
    )


def test_without_an_account_it_notes_what_to_set(bulk_lookup: Command) -> None:
    done = bulk_lookup("doctor")

    assert done.code == 0
    assert "note     account: There are no Twilio credentials. Set TWILIO_ACCOUNT_SID" in done.out
    assert "--simulate tries everything" in done.out
    assert done.out.endswith("All is well.\n")


def test_credentials_that_are_refused_are_wrong(bulk_lookup: Command, own_account: Account) -> None:
    done = bulk_lookup("doctor", "--json", **(own_account.settings | {"TWILIO_AUTH_TOKEN": "wrong"}))

    assert done.code == 1
    assert found(done)["account"]["state"] == "wrong"
    assert "Twilio does not accept the credentials." in found(done)["account"]["sentence"]


def test_a_database_that_is_not_there_is_said_without_its_password(bare: Command) -> None:
    done = bare("doctor", "--json", DATABASE_URL="postgresql://me:xyzzy@127.0.0.1:1/nowhere")

    assert done.code == 1
    database = found(done)["database"]
    assert database["state"] == "wrong"
    assert database["sentence"].startswith("The database cannot be reached: ")
    assert "Check DATABASE_URL" in database["advice"]
    assert "xyzzy" not in done.out + done.err
    assert "tables" not in found(done)


def test_pools_that_do_not_fit_are_said_with_their_id(bulk_lookup: Command) -> None:
    done = bulk_lookup("doctor", "--json", DB_POOL="200", BULK_LOOKUP_QUICK_CONCURRENCY="300")

    assert done.code == 1
    assert found(done)["bulk_lookup.E001"]["state"] == "wrong"
    assert found(done)["bulk_lookup.E002"]["advice"].startswith("Set DB_POOL to at least 300")


def test_a_setting_that_cannot_be_understood_is_wrong(bare: Command) -> None:
    done = bare("doctor", DB_POOL="many")

    assert done.code == 1
    assert "WRONG    settings: DB_POOL is 'many'" in done.out


def test_a_data_folder_that_cannot_be_is_wrong(bare: Command) -> None:
    (bare.folder / "file").write_text("")

    done = bare("doctor", BULK_LOOKUP_DATA_DIR=str(bare.folder / "file"), DATABASE_URL="postgresql://127.0.0.1:1/x")

    assert done.code == 1
    assert "is no folder." in done.out
