"""Where `bulk-lookup lookup` writes to: what is no plain file stays, and what cannot be written is said first."""

import os
import subprocess

from cli_stage import Command


def test_a_link_and_a_named_pipe_are_written_to_and_stay_what_they_are(bulk_lookup: Command) -> None:
    pipe, link = bulk_lookup.folder / "pipe", bulk_lookup.folder / "out.csv"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    (bulk_lookup.folder / "people.csv").write_text("phone\n+14155553960\n")
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        done = bulk_lookup("lookup", "people.csv", "--simulate", "-o", "out.csv", "--force")
        if not pipe.is_fifo():
            reader.kill()
        out, _ = reader.communicate(timeout=30)

    assert done.code == 0, done.err
    assert link.is_symlink()
    assert pipe.is_fifo()
    assert out.splitlines()[1].startswith("+14155553960,+14155553960,true")


def test_rejects_that_cannot_be_written_stop_it_before_money_is_spent(bulk_lookup: Command) -> None:
    (bulk_lookup.folder / "people.csv").write_text("phone\n+14155553961\nnone\n")
    (bulk_lookup.folder / "full").symlink_to("/dev/full")

    done = bulk_lookup("lookup", "people.csv", "--simulate", "--rejects", "full", "--force")

    assert done.code == 2
    assert "full cannot be written: No space left on device. Nothing was bought." in done.said
    assert not (bulk_lookup.folder / "people.looked-up.csv").exists()
