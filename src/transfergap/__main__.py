"""``python -m transfergap`` is the command ``transfergap``."""

from transfergap.cli.main import run

if __name__ == "__main__":
    run()
