"""``modstation admin``: exit codes, JSON, commands that are safe to repeat."""

import json
import re

import pytest

from modstation.__main__ import main


@pytest.fixture
def admin(tmp_path, capsys):
    """Run a command on one data folder; gives exit code, the JSON answer (or words), standard error."""

    def run(*words, as_json=True):
        code = main(["admin", *words, "--data", str(tmp_path / "data"), *(["--json"] if as_json else [])])
        out, err = capsys.readouterr()
        return code, json.loads(out) if as_json and code == 0 and out else out, err

    return run


def test_init_demo_sets_up_everything_and_can_be_repeated(admin):
    code, first, err = admin("init-demo")
    assert (code, err) == (0, "")
    assert first["person_id"] == "heron-12"
    assert re.fullmatch(r"[A-Z0-9]{4}(-[A-Z0-9]{4})+", first["code"])
    assert first["items"]["new"] >= 320
    assert first["items"]["refusals"] == []
    code, second, _ = admin("init-demo")
    assert code == 0
    assert (second["items"]["new"], second["items"]["revised"]) == (0, 0)
    assert second["policy"] == {**first["policy"], "published": False, "changed": []}
    assert second["code"] != first["code"]
    _, stats, _ = admin("stats")
    assert stats["items"] == {"waiting": first["items"]["new"]}
    assert stats["applied_twice"] == 0


def test_queues_people_and_codes(admin):
    assert admin("queue", "add", "market", "--title", "Market", "--skill", "legal", "--lease", "3600")[0] == 0
    assert admin("person", "add", "Marsh Fern", "--queue", "market", "--language", "pt-BR", "--skill", "legal")[0] == 0
    _, queues, _ = admin("queue", "list")
    assert queues["queues"] == [
        {"queue": "market", "title": "Market", "lease_s": 3600, "skills": ["legal"], "items": 0, "waiting": 0}
    ]
    _, people, _ = admin("person", "list")
    assert people["people"][0] == {
        "person_id": "marsh-fern",
        "name": "Marsh Fern",
        "queues": ["market"],
        "languages": ["pt"],
        "skills": ["legal"],
        "devices": 0,
    }
    by_name, by_id = admin("enrol-code", "Marsh Fern")[1], admin("enrol-code", "marsh-fern")[1]
    assert by_name["person_id"] == by_id["person_id"] == "marsh-fern"
    assert by_name["fingerprint"] == "", "the service has not started yet, so it has no key"
    assert "Marsh Fern" in admin("person", "list", as_json=False)[1]


@pytest.mark.parametrize(
    "words",
    [
        ("enrol-code", "Nobody"),
        ("person", "add", "A", "--queue", "nowhere"),
        ("queue", "add", "two words"),
        ("import", "/nowhere/items.jsonl"),
        ("policy", "publish", "/nowhere"),
    ],
)
def test_a_problem_is_told_on_standard_error_with_exit_code_1(admin, words):
    code, out, err = admin(*words)
    assert (code, out) == (1, "")
    assert err.startswith("modstation: ")


@pytest.mark.parametrize("words", [(), ("queue",), ("nonsense",), ("queue", "add", "q", "--lease", "5")])
def test_a_command_line_that_can_not_be_read_is_exit_code_2(admin, words):
    with pytest.raises(SystemExit) as left:
        admin(*words)
    assert left.value.code == 2


def test_an_import_with_refused_lines_reports_them_and_is_exit_code_1(admin, tmp_path):
    (tmp_path / "items.jsonl").write_text('{"item_id": "a"}\nnot json at all\n')
    code, out, _ = admin("import", str(tmp_path / "items.jsonl"))
    report = json.loads(out)
    assert code == 1
    assert [(r["line"], r["code"]) for r in report["refusals"]] == [(1, "wire.malformed"), (2, "wire.malformed")]
    code, words, err = admin("import", str(tmp_path / "items.jsonl"), as_json=False)
    assert code == 1
    assert "line 2" in words
    assert "not json at all" not in words + err


def test_a_policy_is_published_once_and_again_only_when_it_changed(admin, tmp_path):
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "policy.toml").write_text(
        'policy_id = "house"\ntitle = "House"\n[[files]]\npath = "a.md"\nprefix = "a"\n'
    )
    (folder / "a.md").write_text("Be kind:\n\n- no mockery\n")
    assert admin("policy", "publish", str(folder), "--dry-run")[1]["published"] is False
    assert admin("policy", "list")[1] == {"policies": []}
    assert admin("policy", "publish", str(folder))[1]["version"] == 1
    assert admin("policy", "publish", str(folder))[1]["published"] is False
    (folder / "a.md").write_text("Be kind:\n\n- no mockery\n- no shouting\n")
    done = admin("policy", "publish", str(folder))[1]
    assert (done["version"], done["changed"]) == (2, [{"clause_id": "a/no-shouting", "number": "1.2"}])
    assert [row["version"] for row in admin("policy", "list")[1]["policies"]] == [2, 1]
