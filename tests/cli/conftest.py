"""How tests of the command line type."""

import shlex
import shutil

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


@pytest.fixture(scope="session")
def finish(written_tables, tmp_path_factory):
    """Type a run in a folder of its own with a module of models; return the folder."""

    def finished(module, text, line):
        folder = tmp_path_factory.mktemp("finished")
        shutil.copytree(written_tables, folder, dirs_exist_ok=True)
        (folder / f"{module}.py").write_text(text)
        with pytest.MonkeyPatch.context() as there, pytest.raises(SystemExit) as left:
            there.chdir(folder)
            run(shlex.split(line))
        assert not left.value.code
        return folder

    return finished
