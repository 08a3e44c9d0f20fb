"""How tests of the command line type."""

import shlex

import pytest

from transfergap.cli.main import run


@pytest.fixture
def type_in(capsys):
    """Type a command line; return exit code, stdout and stderr."""

    def typed(line):
        with pytest.raises(SystemExit) as left:
            run(shlex.split(line))
        said = capsys.readouterr()
        return left.value.code or 0, said.out, said.err

    return typed
