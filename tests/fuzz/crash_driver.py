"""Kill a run at chosen moments and resume it; run as a script, so that forks have one thread.

    python crash_driver.py FOLDER N_EVENTS N_MOMENTS N_WRITES

Prints a line of JSON: how many events a whole run has, what was killed, and what went wrong.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import resource
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # threads do not live through a fork

from transfergap.cli.main import run  # noqa: E402

LINE = ["run", "t.csv", "-y", "y", "-s", "b=b.csv", "--metric", "accuracy", "--effort", "quick",
        "--arm", "b pooled", "--explain", "none", "--model", "our_models:make",
        "-q"]  # fmt: skip
EVENTS = ("open", "os.rename", "os.mkdir", "sqlite3.connect", "fsync")


def child(directory: str, prepare: Callable[[], None] | None = None) -> int:
    """Type the command in a fork; return its exit status, negative for a signal."""
    pid = os.fork()
    if pid == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        code = 0
        try:
            if prepare is not None:
                prepare()
            run([*LINE, "-o", directory])
        except SystemExit as stop:
            code = int(stop.code or 0)
        except BaseException:
            code = 99
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class Counter:
    """Counts what writes to the run directory, and kills the process at one of these events."""

    def __init__(self, directory: str, fatal: int | None, report: Path | None = None) -> None:
        self.place, self.fatal, self.report = str(Path(directory).resolve()), fatal, report
        self.n_events = 0

    def install(self) -> None:
        sys.addaudithook(self.see)
        real = os.fsync

        def fsync(file: int) -> None:
            self.count()
            real(file)

        os.fsync = fsync

    def see(self, event: str, arguments: tuple[object, ...]) -> None:
        if event not in EVENTS or not arguments:
            return
        if (
            event == "open"
            and isinstance(arguments[1], str)
            and not set(arguments[1]) & set("wax+")
        ):
            return
        try:
            path = str(Path.cwd() / os.fsdecode(arguments[0]))  # type: ignore[arg-type]
        except TypeError:
            return
        if path.startswith(self.place):
            self.count()

    def count(self) -> None:
        self.n_events += 1
        if self.report is not None:
            self.report.write_text(str(self.n_events))
        if self.n_events == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)


def at_event(number: int | None, report: Path | None = None) -> Callable[[], None]:
    return lambda: Counter("x", number, report).install()


def after(seconds: float) -> Callable[[], None]:
    def kill() -> None:
        time.sleep(seconds)
        os.kill(os.getpid(), signal.SIGKILL)

    return lambda: threading.Thread(target=kill, daemon=True).start()


def with_room(n_bytes: int) -> Callable[[], None]:
    """Let no file grow beyond a size, as on a disk that is full."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, n_bytes))

    return limit


def main() -> None:
    folder, n_events, n_moments, n_writes = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    os.chdir(folder)
    with contextlib.suppress(SystemExit):  # imports what forks would each import again
        run([*LINE, "-o", "warm"])
    started = time.monotonic()
    assert child("whole") == 0
    whole_s = time.monotonic() - started
    wanted = Path("whole/result.json").read_bytes()
    count = folder / "n_events"
    assert child("x", at_event(None, count)) == 0
    total = int(count.read_text())
    rng = random.Random(0)  # noqa: S311  moments, no secrets
    events = (
        range(1, total + 1) if n_events < 0 else sorted(rng.sample(range(1, total + 1), n_events))
    )
    ways: list[tuple[str, Callable[[], None]]] = [
        *((f"event {k}", at_event(k)) for k in events),
        *((f"{s:.3f} s", after(s)) for s in (rng.uniform(0, whole_s) for _ in range(n_moments))),
        *((f"{2**k} kB", with_room(2 ** (k + 10))) for k in range(1, 1 + n_writes)),
    ]
    faults, n_killed = [], 0
    for name, prepare in ways:
        shutil.rmtree("x", ignore_errors=True)
        status = child("x", prepare)
        n_killed += status != 0
        if status not in (0, 2, -signal.SIGKILL):
            faults.append(f"{name}: left with {status}")
        again = child("x")
        result = Path("x/result.json")
        if again != 0 or not result.exists() or result.read_bytes() != wanted:
            faults.append(f"{name}: the same command left with {again} after {status}")
    print(json.dumps({"n_events": total, "n_killed": n_killed, "faults": faults}))  # noqa: T201  for the test


if __name__ == "__main__":
    main()
