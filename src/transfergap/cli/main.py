"""The command `transfergap`: verbs, exit codes, one-line errors with a hint."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import Annotated, Any

import typer

from transfergap._version import __version__
from transfergap.cli import (
    compare,
    demo,
    fit,
    import_scores,
    init,
    list_names,
    plan,
    predict,
    rank,
    run_audit,
    screen,
    show,
    summarize,
)
from transfergap.cli._signals import exit_code_of, interruptible
from transfergap.cli._terminal import echo, echo_line
from transfergap.errors import IncompleteRunError, TransferGapError, rename_message, renames

USAGE, INCOMPLETE, BUG = 2, 4, 70  # 70 is sysexits' EX_SOFTWARE

app = typer.Typer(
    name="transfergap",
    help="Does other data help or hurt your model? Try: transfergap demo",
    no_args_is_help=True,
    # Errors are one line with a hint; rich's frames would bury it.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("run")(run_audit.run)
app.command("init")(init.init)
app.command("plan")(plan.plan)
app.command("show")(show.show)
app.command("report")(show.report)
app.command("check")(show.check)
app.command("compare")(compare.compare)
app.command("explain")(list_names.explain)
app.command("list")(list_names.list_names)
app.command("import")(import_scores.import_scores)
app.command("fit")(fit.fit)
app.command("predict")(predict.predict)
app.command("rank")(rank.rank)
app.command("screen")(screen.screen)
app.command("encoder")(summarize.encoder)
app.command("summarize")(summarize.summarize)


@app.callback(invoke_without_command=True)
def options(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
) -> None:
    """Show the version, and take options of all verbs."""
    del debug  # read off the command line by `run`, so that it may stand anywhere
    if version:
        echo(f"transfergap {__version__}")
        raise typer.Exit


def run(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    0 fine; 1 the gate failed, harm; 2 usage, configuration or data; 3 not enough evidence to pass
    the gate; 4 the run is incomplete; 70 a bug of ours; 130 interrupted (143 by SIGTERM, 129 by
    SIGHUP), safe to resume.
    """
    with interruptible():
        _run(arguments)


@cache
def _command() -> Any:
    """Return the command that all verbs make, built once a process."""
    return typer.main.get_command(app)


def _run(arguments: list[str] | None) -> None:
    words = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in words
    try:
        # Typer would take `--debug` before the verb only.
        _command()(args=_current_words([argument for argument in words if argument != "--debug"]))
    except TransferGapError as error:
        if debug:
            raise
        echo_line("error: ", error.message)
        if error.hint is not None:
            echo_line(" hint: ", error.hint)
        sys.exit(INCOMPLETE if isinstance(error, IncompleteRunError) else USAGE)
    except KeyboardInterrupt as stop:
        echo("stopped", err=True)
        sys.exit(exit_code_of(stop))
    except BrokenPipeError:
        # Python flushes stdout at exit, and would fail once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        if debug:
            raise
        echo_line("error: ", str(error))
        echo(" hint: check the disk and the permissions", err=True)
        sys.exit(USAGE)
    except Exception as error:  # not 1: to a caller of `check` that means harm
        if debug:
            raise
        echo_line(f"error: {type(error).__name__}: ", str(error))
        echo(" hint: this is a bug in transfergap; --debug shows where", err=True)
        sys.exit(BUG)


def _current_words(words: list[str]) -> list[str]:
    """Return the command line with options and values of 0.1.0 renamed.

    They become those of today, and each is noted on standard error.
    """
    options = renames("option", "transfergap")
    current: list[str] = []
    for word in words:
        # `--option value` and `--option=value` are the same to users.
        option, equals, value = word.partition("=") if word.startswith("--") else ("", "", word)
        option = _noted(options, option) if option else option
        name = option if equals else (current[-1] if current else "")
        if not option or equals:
            value = _noted(renames("value", name.removeprefix("--")), value)
        current.append(f"{option}{equals}{value}")
    return current


def _noted(table: dict[str, str], word: str) -> str:
    if word not in table:
        return word
    echo(f"note  {rename_message(word, table[word])}", err=True)
    return table[word]
