"""How long does it take to start?

Criterion, fixed before the run: ``transfergap --help`` under 0.35 s of CPU; ``import transfergap``
under 0.3 s of CPU beyond importing NumPy and scikit-learn (medians of fresh processes).

    python -m benchmarks.startup
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

from benchmarks.record import write_record

N_RUNS = 9
COMMANDS = {
    "help": [sys.executable, "-m", "transfergap", "--help"],
    "import transfergap": [sys.executable, "-c", "import transfergap"],
    "from transfergap import audit": [sys.executable, "-c", "from transfergap import audit"],
    "import numpy, sklearn": [sys.executable, "-c", "import numpy, sklearn"],
}


def cpu_s(command: list[str]) -> float:
    """CPU seconds of one fresh process, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def main() -> int:
    for command in COMMANDS.values():
        cpu_s(command)
    taken = {
        name: statistics.median(cpu_s(command) for _ in range(N_RUNS))
        for name, command in COMMANDS.items()
    }
    for name, seconds in taken.items():
        print(f"{name:<32}{seconds:.3f} s of CPU")
    beyond = taken["from transfergap import audit"] - taken["import numpy, sklearn"]
    good = taken["help"] < 0.35 and beyond < 0.3
    write_record("startup", {"passed": good, "cpu_s": taken, "audit_beyond_sklearn_s": beyond})
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
