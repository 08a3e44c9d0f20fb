"""Linear algebra in a single thread, for libraries that are loaded later as well."""

import sys
import types

from threadpoolctl import ThreadpoolController, threadpool_info

from transfergap.stats import one_thread as module
from transfergap.stats.one_thread import one_thread


def threads(api):
    return {lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == api}


def test_threads_are_limited_inside_and_as_before_after(two_threads):
    import sklearn.neighbors  # noqa: F401 - it loads OpenMP

    before = threadpool_info()
    with one_thread():
        assert threads("blas") == {1} and threads("openmp") == {1}
    with one_thread(blas_only=True):
        assert threads("blas") == {1} and threads("openmp") == {2}
        with one_thread():
            assert threads("openmp") == {1}
        assert threads("openmp") == {2}
    assert threadpool_info() == before


def test_an_error_inside_restores_the_threads(two_threads):
    try:
        with one_thread():
            raise KeyError
    except KeyError:
        assert threads("blas") == {2}


def test_libraries_are_looked_for_again_once_a_module_more_is_there(monkeypatch):
    looks = []

    def controller():
        looks.append(len(sys.modules))
        return ThreadpoolController()

    monkeypatch.setattr("threadpoolctl.ThreadpoolController", controller)
    monkeypatch.setattr(module, "_CONTROLLERS", {})
    for _ in range(3):
        with one_thread():
            pass
    assert len(looks) == 1
    monkeypatch.setitem(sys.modules, "loaded_later", types.ModuleType("loaded_later"))
    with one_thread():
        assert len(looks) == 2
