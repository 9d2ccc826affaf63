"""Local settings: kept as chosen, forgiving to read, never half written."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as at_most
from hypothesis import strategies as st

from modstation.core.exposure import Exposure, Step
from modstation.system import settings
from modstation.system.settings import Settings

steps = st.sampled_from(Step)
chosen = st.builds(
    Settings,
    theme=st.sampled_from(["system", "light", "dark", "high_contrast"]),
    zoom=st.integers(50, 400),
    item_zoom=st.integers(50, 400),
    undo_hold_s=st.integers(0, 600),
    exposure=st.builds(Exposure, st.tuples(steps, steps, steps, steps, steps), steps, st.integers(40, 4000)),
    keys=st.sampled_from([Settings().keys, "left_hand"]),
    key_overrides=st.dictionaries(
        st.text(max_size=20), st.lists(st.text(max_size=9), max_size=3).map(tuple), max_size=3
    ),
    single_keys=st.booleans(),
    repeat_guard_ms=st.integers(0, 2000),
    hold_items=st.integers(1, 20_000),
    wait_s=st.integers(0, 25),
    unknown=st.dictionaries(st.from_regex(r"later_[a-z]{1,5}", fullmatch=True), st.integers() | st.text(), max_size=2),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings")


@at_most(max_examples=50)
@given(chosen)
def test_what_is_saved_is_loaded_also_what_another_version_knows(folder: Path, given: Settings):
    settings.save(folder, given)
    assert settings.load(folder) == (given, [])


def test_without_a_file_everything_is_as_usual(tmp_path: Path):
    assert settings.load(tmp_path) == (Settings(), [])
    assert Settings().undo_hold_s == 30


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("zoom", 5),
        ("zoom", "100"),
        ("zoom", True),
        ("undo_hold_s", -1),
        ("exposure", {"first_step": ["clear"], "hold_step": "clear", "width_px": 240}),
        ("exposure", {"first_step": ["clear"] * 5, "hold_step": "clear", "width_px": 1}),
        ("exposure", None),
        ("key_overrides", {"undo": "Z"}),
        ("key_overrides", []),
        ("single_keys", 1),
    ],
)
def test_a_bad_value_is_named_and_the_usual_one_is_used(tmp_path: Path, name: str, value: object):
    (tmp_path / settings.FILE).write_text(json.dumps({name: value, "wait_s": 3}))
    loaded, (problem,) = settings.load(tmp_path)
    assert loaded == replace(Settings(), wait_s=3)
    assert problem.place == f"{settings.FILE}: {name}"


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_can_not_be_read_is_named_and_left_alone(tmp_path: Path, text: bytes):
    (tmp_path / settings.FILE).write_bytes(text)
    loaded, (problem,) = settings.load(tmp_path)
    assert (loaded, problem.code) == (Settings(), "settings.wrong")
    assert (tmp_path / settings.FILE).read_bytes() == text


def test_a_file_that_the_disk_does_not_give_is_named(tmp_path: Path):
    (tmp_path / settings.FILE).mkdir()
    loaded, (problem,) = settings.load(tmp_path)
    assert (loaded, problem.code) == (Settings(), "settings.wrong")
