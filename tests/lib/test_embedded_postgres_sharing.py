"""Several processes share one server, and it goes when the last of them is gone, however that went."""

import os
import signal
from collections.abc import Iterator

import pytest
from embedded_postgres_stage import Stage, connects, wait_until


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(kept=True) as stage:
        yield stage


def test_several_processes_share_one_server_and_the_last_one_stops_it(stage: Stage) -> None:
    first, second, third = stage.client(), stage.client(), stage.client()
    for client in (first, second, third):
        client.ask("join")
    started = {client.ask("query", "SELECT pg_postmaster_start_time()::text") for client in (first, second, third)}
    assert len(started) == 1

    first.ask("leave")
    third.end()
    assert second.ask("query", "SELECT 1") == 1
    second.ask("leave")
    assert stage.is_gone()
    assert not (stage.data.cluster / "postmaster.pid").exists()


def test_the_same_folder_under_another_name_is_the_same_server(stage: Stage) -> None:
    link = stage.folder / "link"
    link.symlink_to(stage.data_dir)
    first, second = stage.client(), stage.client(link)
    first.ask("join")
    second.ask("join")
    assert first.ask("url") == second.ask("url")
    first.ask("leave")
    second.ask("leave")
    assert stage.is_gone()


def test_processes_that_come_at_the_same_instant_to_an_empty_folder_make_one_database() -> None:
    with Stage() as stage:
        clients = [stage.client() for _ in range(4)]
        for client in clients:
            client.tell("join")
        for client in clients:
            client.answer()
        names = {client.ask("query", "SELECT system_identifier::text FROM pg_control_system()") for client in clients}
        assert len(names) == 1
        assert sum("Making a database" in sentence for client in clients for sentence in client.ask("said")) == 1


def test_the_server_stays_for_those_who_are_left_and_goes_with_the_last_after_others_were_killed(stage: Stage) -> None:
    first, second, third = stage.client(), stage.client(), stage.client()
    for client in (first, second, third):
        client.ask("join")
    first.kill()
    second.kill(signal.SIGTERM)
    assert third.ask("query", "SELECT 1") == 1
    third.ask("leave")
    assert stage.is_gone()


def test_the_server_goes_when_all_who_used_it_were_killed(stage: Stage) -> None:
    clients = [stage.client(), stage.client()]
    for client in clients:
        client.ask("join")
    for client in clients:
        client.kill()
    wait_until(stage.is_gone)
    assert not (stage.data.cluster / "postmaster.pid").exists(), "it was not stopped in good order"
    wait_until(lambda: not stage.pids("keeper.py"))


def test_the_last_one_stops_the_server_also_when_its_keeper_was_killed(stage: Stage) -> None:
    first, second = stage.client(), stage.client()
    first.ask("join")
    second.ask("join")
    for keeper in stage.pids("keeper.py"):
        os.kill(keeper, signal.SIGKILL)
    first.ask("leave")
    assert not stage.is_gone()
    second.ask("leave")
    assert stage.is_gone()


def test_a_program_that_ends_without_a_word_leaves(stage: Stage) -> None:
    client = stage.client()
    client.ask("join")
    client.end()
    assert stage.is_gone()


def test_joining_twice_counts_once_and_leaving_twice_does_nothing(stage: Stage) -> None:
    client = stage.client()
    client.ask("join")
    client.ask("join")
    client.ask("leave")
    client.ask("leave")
    assert stage.is_gone()
    client.ask("join")
    assert client.ask("query", "SELECT 1") == 1


@pytest.mark.parametrize("offspring", ["fork", "start_program"])
def test_what_a_user_started_does_not_keep_the_server_after_his_death(stage: Stage, offspring: str) -> None:
    client = stage.client()
    client.ask("join")
    child = client.ask(offspring)
    client.kill()
    wait_until(stage.is_gone)
    os.kill(child, 0)  # it is still alive


def test_a_forked_child_that_joins_keeps_the_server(stage: Stage) -> None:
    parent = stage.client()
    parent.ask("join")
    url = parent.ask("url")
    child = parent.ask("fork_and_join")
    parent.kill()
    assert connects(url)
    os.kill(child, signal.SIGKILL)
    wait_until(stage.is_gone)


def test_whoever_comes_while_the_last_one_stops_the_server_gets_a_new_one(stage: Stage) -> None:
    leaving, coming = stage.client(), stage.client()
    for _ in range(3):
        leaving.ask("join")
        leaving.tell("leave")
        coming.tell("join")
        leaving.answer()
        coming.answer()
        assert coming.ask("query", "SELECT 1") == 1
        coming.ask("leave")
    assert stage.is_gone()


def test_the_terminals_interrupt_reaches_the_users_and_not_the_server(stage: Stage) -> None:
    client = stage.client()
    client.ask("join")
    groups = {os.getpgid(pid) for pid in [stage.postmaster(), *stage.pids("keeper.py")]}
    assert os.getpgid(client.process.pid) not in groups
