"""Signals that end a process, as interruptions that lose nothing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED = 130  # 128 + SIGINT, by convention of shells
# What systemd, Docker and Slurm send, and what a closed terminal does.
_NAMES = ("SIGTERM", "SIGHUP")


class Terminated(KeyboardInterrupt):
    """Interruption by a signal that asked the process to end."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def exit_code_of(stop: KeyboardInterrupt) -> int:
    """Return the exit code for an interruption: 128 and the signal's number."""
    return 128 + stop.number if isinstance(stop, Terminated) else INTERRUPTED


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into an interruption, as Ctrl-C is one.

    By default they end the process where it stands, and its workers live on. What is ignored stays
    ignored (``nohup``). Signals are a matter of the main thread: in others nothing changes.

    Raises
    ------
    SystemExit
        With 128 and the signal's number, where one came, whatever was made of it on the way.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        received.append(number)
        raise Terminated(number)

    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {n: signal.getsignal(n) for n in numbers if signal.getsignal(n) is signal.SIG_DFL}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    except SystemExit:
        if received:  # frameworks on the way call every interruption 130
            raise SystemExit(128 + received[0]) from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
