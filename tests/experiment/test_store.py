"""What was acknowledged is on disk; everything else is refused in one line."""

import os
import subprocess
import sys

import numpy as np
import pytest

from transfergap.errors import RunDirectoryError, StorageError
from transfergap.experiment.design import Cell, Split
from transfergap.experiment.run_directory import open_run, read_design, write_atomically
from transfergap.experiment.run_lock import RunLock
from transfergap.experiment.store import TrialStore
from transfergap.experiment.trial import CompletedTrial, FailedTrial, completed


def cell(a=0, arm="b pooled"):
    return Cell(arm, Split("fold", 0, (a,)), 7)


@pytest.mark.parametrize("shape", [(5,), (1,), (5, 3), (0,)])
def test_trials_come_back_to_the_last_bit(tmp_path, shape):
    outputs = np.random.default_rng(0).normal(size=shape)
    store = TrialStore(tmp_path / "t.sqlite")
    store.add(CompletedTrial(cell(), outputs, 0.5, 0.25, ("UserWarning: a", "b")))
    store.close()
    (back,) = TrialStore(tmp_path / "t.sqlite").trials()
    assert back.cell == cell()
    assert back.outputs.shape == shape
    np.testing.assert_array_equal(back.outputs, outputs)
    assert (back.fit_s, back.predict_s, back.warnings) == (0.5, 0.25, ("UserWarning: a", "b"))


def test_failed_trials_keep_their_traceback_and_can_be_forgotten():
    store = TrialStore()
    store.add(FailedTrial(cell(), "ValueError: no", "Traceback ..."))
    store.add(completed(cell(1), [1.0]))
    failed = [t for t in store.trials() if isinstance(t, FailedTrial)]
    assert failed == [FailedTrial(cell(), "ValueError: no", "Traceback ...")]
    assert store.forget_failed() == 1
    assert store.ids() == {cell(1).id}


def test_a_second_trial_of_a_cell_replaces_the_first():
    store = TrialStore()
    store.add(FailedTrial(cell(), "e", "t"))
    store.add(completed(cell(), [1.0]))
    assert len(store) == 1
    assert isinstance(next(store.trials()), CompletedTrial)


def test_a_foreign_file_is_refused(tmp_path):
    path = tmp_path / "t.sqlite"
    path.write_bytes(b"not a database, but long enough to look like one" * 10)
    with pytest.raises(RunDirectoryError, match="cannot be read as a store"):
        TrialStore(path)


def test_a_full_disk_is_said_and_loses_nothing(tmp_path):
    path = tmp_path / "t.sqlite"
    store = TrialStore(path)
    store._connection.execute("PRAGMA max_page_count = 8")
    kept = 0
    with pytest.raises(StorageError, match="could not be stored") as caught:
        for i in range(100):
            store.add(completed(cell(i), np.zeros(500)))
            kept += 1
    assert "full" in caught.value.message
    assert "again" in caught.value.hint
    store.close()
    assert 0 < kept < 100
    assert len(TrialStore(path)) == kept


RECORD = {"schema": "transfergap/design/1", "seed": 0, "margin": 0.01, "arms": ["a"]}


def test_an_empty_directory_becomes_a_run_and_opens_again(tmp_path):
    open_run(tmp_path / "runs" / "x", RECORD).close()
    open_run(tmp_path / "runs" / "x", RECORD).close()
    assert read_design(tmp_path / "runs" / "x") == RECORD


def test_a_changed_design_is_refused_and_says_what_changed(tmp_path):
    open_run(tmp_path, RECORD).close()
    with pytest.raises(RunDirectoryError, match=r"margin was 0.01 and is now 0.02") as caught:
        open_run(tmp_path, {**RECORD, "margin": 0.02})
    assert "-o" in caught.value.hint


def test_a_directory_of_something_else_is_refused(tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(RunDirectoryError, match="not a run of transfergap"):
        open_run(tmp_path, RECORD)


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": "other/1"}'])
def test_an_unreadable_design_is_refused(tmp_path, text):
    (tmp_path / "design.json").write_text(text)
    with pytest.raises(RunDirectoryError):
        open_run(tmp_path, RECORD)


def test_files_are_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "result.json"
    write_atomically(path, "one")
    write_atomically(path, "two")
    assert path.read_text() == "two"
    assert [p.name for p in tmp_path.iterdir()] == ["result.json"]
    with pytest.raises(StorageError):
        write_atomically(tmp_path / "missing" / "x", "three")


def test_a_run_that_died_before_its_design_was_written_is_a_run(tmp_path):
    (tmp_path / "design.json.4711.part").write_text("{")
    (tmp_path / "run.lock").write_text("4711\n")
    mine = tmp_path / f"report.html.{os.getpid()}.part"
    mine.write_text("half")
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                          capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    (tmp_path / f"report.html.{gone}.part").write_text("half")
    open_run(tmp_path, RECORD).close()
    assert read_design(tmp_path) == RECORD
    assert mine.exists(), "its writer is alive"
    assert not (tmp_path / f"report.html.{gone}.part").exists()


def test_a_directory_at_work_is_refused_with_the_process_that_works_there(tmp_path):
    store = open_run(tmp_path, RECORD)
    with pytest.raises(RunDirectoryError, match=rf"Another run is at work .*{os.getpid()}"):
        open_run(tmp_path, RECORD)
    store.close()
    open_run(tmp_path, RECORD).close()


def test_a_lock_goes_with_its_run_also_after_one_that_was_killed(tmp_path):
    (tmp_path / "run.lock").write_text("4711\n")  # what a kill leaves
    store = open_run(tmp_path, RECORD)
    assert (tmp_path / "run.lock").read_text() == f"{os.getpid()}\n"
    store.close()
    assert not (tmp_path / "run.lock").exists()


def test_a_lock_that_was_removed_while_it_was_opened_locks_nobody_out(tmp_path, monkeypatch):
    first, opened, n_opened = RunLock(tmp_path), os.open, []

    def opened_late(path, *options):
        file = opened(path, *options)
        n_opened.append(file)
        if len(n_opened) == 1:  # the run that was there ends between our opening and our locking
            first.release()
        return file

    monkeypatch.setattr("transfergap.experiment.run_lock.os.open", opened_late)
    second = RunLock(tmp_path)
    assert len(n_opened) == 2
    with pytest.raises(RunDirectoryError, match="at work"):
        RunLock(tmp_path)
    second.release()
    assert list(tmp_path.iterdir()) == []


def test_a_foreign_directory_gets_no_file_of_ours(tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(RunDirectoryError):
        open_run(tmp_path, RECORD)
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]


def named(*arms):
    return [{"name": arm, "sources": ["b"], "learner": "Ridge()", "judged": True} for arm in arms]


SOURCES = {
    **RECORD,
    "versions": {"numpy": "1"},
    "sources": {"b": "1", "c": "2"},
    "arms": named("b pooled", "safe"),
}


@pytest.mark.parametrize(
    ("change", "text", "extensible"),
    [
        ({"margin": 0.02}, "margin was 0.01 and is now 0.02", True),
        ({"sources": {"b": "1", "c": "2", "d": "3"}}, "source 'd' is new", True),
        ({"sources": {"b": "1"}}, "source 'c' is gone", True),
        ({"arms": named("b pooled")}, "arms differ", True),
        ({"sources": {"b": "1", "c": "X"}}, "rows of source 'c' differ", False),
        ({"target": {"rows": "X"}}, "the target differs", False),
        ({"seed": 1}, "seed was 0 and is now 1", False),
        ({"versions": {"numpy": "2"}}, "numpy was 1 and is now 2", False),
    ],
)
def test_what_changed_is_named_and_some_of_it_can_be_extended(tmp_path, change, text, extensible):
    open_run(tmp_path, SOURCES).close()
    with pytest.raises(RunDirectoryError, match=text) as caught:
        open_run(tmp_path, {**SOURCES, **change})
    assert ("--extend" in caught.value.hint) == extensible
    if extensible:
        open_run(tmp_path, {**SOURCES, **change}, extend=True).close()
        assert read_design(tmp_path) == {**SOURCES, **change}
    else:
        with pytest.raises(RunDirectoryError, match=text):
            open_run(tmp_path, {**SOURCES, **change}, extend=True)
        assert read_design(tmp_path) == SOURCES


def test_an_extended_run_keeps_trials_of_arms_that_are_as_they_were(tmp_path):
    store = open_run(tmp_path, SOURCES)
    for arm in ("control", "b pooled", "safe", "safe, same scale"):
        store.add(completed(cell(0, arm), [1.0]))
    store.close()
    wider = [*named("b pooled"), {**named("safe")[0], "sources": ["b", "c"]}, *named("c pooled")]
    store = open_run(tmp_path, {**SOURCES, "arms": wider}, extend=True)
    assert {trial.cell.arm for trial in store.trials()} == {"control", "b pooled"}


def stored(path, n=40):
    """Return the trials of a new store, as a dict by cell."""
    store = TrialStore(path)
    rng = np.random.default_rng(1)
    for i in range(n):
        store.add(CompletedTrial(cell(i), rng.normal(size=30), 0.5, 0.25, ("a warning",)))
    store.add(FailedTrial(cell(n), "ValueError: no", "Traceback"))
    store.close()
    return by_cell(TrialStore(path))


def by_cell(store):
    trials = list(store.trials())
    store.close()
    assert len({trial.cell.id for trial in trials}) == len(trials)
    return {trial.cell.id: repr(trial) for trial in trials}


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_gives_another_trial(tmp_path, seed):
    path = tmp_path / "t.sqlite"
    whole = stored(path)
    rng = np.random.default_rng(seed)
    data = bytearray(path.read_bytes())
    place = int(rng.integers(100, len(data)))
    if seed % 4 == 0:
        data[place : place + 64] = bytes(len(data[place : place + 64]))
    elif seed % 4 == 1:
        del data[place:]
    else:
        data[place] ^= 1 << int(rng.integers(8))
    path.write_bytes(data)
    try:
        store = TrialStore(path)
    except RunDirectoryError:
        return
    damaged = store.n_damaged
    left = by_cell(store)
    assert left.items() <= whole.items()
    assert damaged > 0 or len(left) == len(whole)
    assert by_cell(TrialStore(path)) == left  # written anew, once


def test_a_changed_output_costs_that_trial_alone(tmp_path):
    path = tmp_path / "t.sqlite"
    whole = stored(path)
    data = path.read_bytes()
    blob = np.random.default_rng(1).normal(size=30).astype("<f8").tobytes()
    changed = bytearray(blob)
    changed[100] ^= 4
    assert data.count(blob) == 1
    path.write_bytes(data.replace(blob, bytes(changed)))
    store = TrialStore(path)
    assert store.n_damaged == 1
    store.add(completed(cell(99), [1.0]))
    assert len(store) == len(whole)
    left = by_cell(store)
    assert len(left.keys() & whole.keys()) == len(whole) - 1


def test_a_disk_that_takes_no_more_is_called_that(tmp_path):
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from transfergap.experiment.store import TrialStore\n"
        "from transfergap.errors import StorageError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    TrialStore(sys.argv[1])\n"
        "except StorageError as error:\n"
        "    print(error.message, error.hint)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "t.sqlite")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "cannot be written" in said
    assert "free some space" in said
