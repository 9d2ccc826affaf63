"""A locked file: held by one at a time, and let go of in every way."""

import subprocess
import sys

import pytest

from modstation.core.problem import Problem
from modstation.system.filelock import FileLock

IN_USE = "Somebody else is at it."
HOLD = (
    "import sys, pathlib; from modstation.core.problem import Problem; from modstation.system.filelock import FileLock;"
    "lock = FileLock(pathlib.Path(sys.argv[1]), Problem('a', 'b')); print('held', flush=True); sys.stdin.read()"
)


def in_use():
    return Problem("test.in_use", IN_USE)


def test_the_second_is_told_what_its_caller_wants_to_say(tmp_path):
    with FileLock(tmp_path / "lock", in_use()), pytest.raises(Problem, match=IN_USE):
        FileLock(tmp_path / "lock", in_use())


def test_the_next_may_have_it_after_release_and_letting_go_twice_hurts_nobody(tmp_path):
    first = FileLock(tmp_path / "lock", in_use())
    first.release()
    with FileLock(tmp_path / "lock", in_use()):
        first.release()
        with pytest.raises(Problem, match=IN_USE):
            FileLock(tmp_path / "lock", in_use())


def test_a_process_that_is_killed_holds_nothing_any_more(tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Problem, match=IN_USE):
            FileLock(tmp_path / "lock", in_use())
        other.kill()
    FileLock(tmp_path / "lock", in_use()).release()
