"""What was acknowledged is on disk; everything else is refused in one line."""

import numpy as np
import pytest

from transfergap.errors import RunDirectoryError, StorageError
from transfergap.experiment.design import Cell, Split
from transfergap.experiment.run_directory import open_run, read_design, write_atomically
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
