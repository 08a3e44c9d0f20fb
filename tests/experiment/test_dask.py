"""On other machines: the bytes of one process, data sent once, a lost worker costs its trials."""

from __future__ import annotations

import os
import signal
import threading
import time

import joblib
import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from transfergap import audit
from transfergap.errors import ConfigurationError
from transfergap.experiment.dask_executor import DaskExecutor
from transfergap.experiment.executor_choice import executor_for
from transfergap.experiment.executors import (
    AmbientExecutor,
    JoblibExecutor,
    SerialExecutor,
    WorkerDied,
)
from transfergap.report import result_to_json

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=2, dashboard_address=None, silence_logs="CRITICAL"
        ) as cluster,
        distributed.Client(cluster) as made,
    ):
        yield made


def audited(**options):
    rng = np.random.default_rng(0)
    X, Xs = rng.normal(size=(60, 3)), rng.normal(size=(80, 3))
    result = audit(
        DecisionTreeClassifier(max_features=1),  # draws, so that seeds matter
        X, (X[:, 0] > 0).astype(int), sources={"b": (Xs, (Xs[:, 0] > 0.2).astype(int))},
        metric="accuracy", effort="quick", arms=["b pooled", "b only"], explain="none", **options,
    )  # fmt: skip
    return result_to_json(result.result)


@pytest.fixture(scope="module")
def serial():
    return audited(executor="serial")


def test_a_cluster_gives_the_bytes_of_one_process(client, serial):
    assert audited(executor=client) == serial
    assert audited(executor=client.scheduler.address) == serial


def test_a_killed_worker_costs_time_alone(client, serial):
    def kill_one():
        time.sleep(0.3)
        os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)

    killer = threading.Thread(target=kill_one)
    killer.start()
    after = audited(executor=client)
    killer.join()
    assert after == serial


def test_what_joblib_is_configured_for_is_used(serial):
    threads = set()
    with joblib.parallel_config(backend="threading", n_jobs=2):
        assert isinstance(executor_for(1), AmbientExecutor)
        list(AmbientExecutor().map(lambda _: threads.add(threading.get_ident()), range(20)))
        assert audited() == serial
    assert threading.get_ident() not in threads
    with joblib.parallel_config(n_jobs=2):
        assert executor_for(1) == executor_for(1, "joblib") == JoblibExecutor(2)
    assert isinstance(executor_for(1), SerialExecutor)
    assert isinstance(executor_for(1, "joblib"), AmbientExecutor)
    assert isinstance(executor_for(2), JoblibExecutor)


def test_an_item_that_kills_its_workers_is_reported_and_the_rest_is_done(client, monkeypatch):
    # Each death starts a worker anew, seconds of imports: one will do, dask allows three more.
    monkeypatch.setattr(client.cluster.scheduler, "allowed_failures", 0)

    def deadly(item):
        if item == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return item * 10

    results = list(DaskExecutor(client).map(deadly, range(8)))
    assert [r for r in results if isinstance(r, WorkerDied)] == [WorkerDied(3)]
    assert sorted(r for r in results if not isinstance(r, WorkerDied)) == [
        0, 10, 20, 40, 50, 60, 70,
    ]  # fmt: skip


def test_an_error_of_the_function_is_raised_here(client):
    with pytest.raises(ZeroDivisionError):
        list(DaskExecutor(client).map(lambda item: 1 // item, [1, 0]))


class Weighed:
    """Data that counts how often it is sent."""

    n_sent = 0

    def __reduce__(self):
        Weighed.n_sent += 1
        return (int, (7,))


@pytest.mark.parametrize("kind", ["dask", "loky", "joblib's dask", "joblib's loky"])
def test_data_are_sent_once(kind, request):
    client = request.getfixturevalue("client")
    if kind.startswith("joblib"):
        with joblib.parallel_config(backend=kind.split()[1], n_jobs=2):
            executor = executor_for(1)
    else:
        executor = JoblibExecutor(2) if kind == "loky" else DaskExecutor(client)
    assert isinstance(executor, DaskExecutor if kind.endswith("dask") else JoblibExecutor)
    data, Weighed.n_sent = Weighed(), 0
    results = list(executor.map(lambda item, data=data: (item, int(data)), range(40)))
    assert sorted(results) == [(item, 7) for item in range(40)]
    assert Weighed.n_sent <= 2  # written, and once before to see whether it can be


def test_batches_grow_to_the_time_that_they_take(client):
    sizes = client.submit(lambda: 0).result()  # the cluster is awake
    from transfergap.experiment.dask_executor import _Session

    session = _Session(client, lambda items: ([sizes for _ in items], 0.001 * len(items)))
    assert session._size() == 1
    list(session.results(range(300)))
    assert session._size() == 64
    session._seconds_an_item = 0.1
    assert session._size() == 2
    session._seconds_an_item = 9.0
    assert session._size() == 1


@pytest.mark.parametrize("name", ["spark", "http:", 3])
def test_an_unknown_executor_is_refused(name):
    with pytest.raises(ConfigurationError, match="no executor"):
        executor_for(1, name)


def test_a_scheduler_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setattr("transfergap.experiment.dask_executor._PATIENCE_S", 1)
    with pytest.raises(ConfigurationError, match="no dask scheduler at tcp://127"):
        list(DaskExecutor("tcp://127.0.0.1:9").map(abs, [1]))


def test_the_command_line_takes_an_address(client, serial, tmp_path, monkeypatch):
    from transfergap.cli.main import run

    monkeypatch.chdir(tmp_path)
    (tmp_path / "models_for_workers.py").write_text(
        "from sklearn.tree import DecisionTreeClassifier as Tree\ndef make():\n    return Tree()\n"
    )
    for name, seed in (("t", 0), ("b", 1)):
        X = np.random.default_rng(seed).normal(size=(40, 2)).round(3)
        rows = "\n".join(f"{a},{b},{int(a > 0)}" for a, b in X)
        (tmp_path / f"{name}.csv").write_text(f"a,b,y\n{rows}\n")
    line = ["run", "t.csv", "-y", "y", "-s", "b=b.csv", "--metric", "accuracy", "--arm", "b only",
            "--model", "models_for_workers:make", "--effort", "quick", "--explain", "none",
            "-q"]  # fmt: skip
    for directory, more in (("here", []), ("there", ["--executor", client.scheduler.address])):
        with pytest.raises(SystemExit) as left:
            run([*line, "-o", directory, *more])
        assert not left.value.code
    results = [(tmp_path / d / "result.json").read_bytes() for d in ("here", "there")]
    assert results[0] == results[1]
