"""``modstation admin``: exit codes, JSON, commands that are safe to repeat."""

import base64
import errno
import json
import re

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlcipher3 import dbapi2

from modstation.__main__ import main
from modstation.service import catalogue
from modstation.service.admin import backup
from modstation.service.admin.commands import DEMO_ITEMS
from modstation.service.admin.commands import DEMO_POLICY as POLICY
from modstation.service.server import open_service
from modstation.service.tables import enrol_code
from modstation.system import paths
from modstation.wire.envelope import fingerprint

SAMPLE = paths.resources() / DEMO_ITEMS
DEMO_POLICY = paths.resources() / POLICY


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
    terms = {"lease_s": 3600, "lease_max_s": 86400, "severe_s": 3600, "severe_hold": 10}
    assert queues["queues"] == [
        {"queue": "market", "title": "Market", "skills": ["legal"], "items": 0, "waiting": 0} | terms
    ]
    shorter = ("--lease-max", "7200", "--severe-lease", "600", "--severe-hold", "3")
    assert admin("queue", "add", "market", "--lease", "3600", *shorter)[0] == 0
    changed = admin("queue", "list")[1]["queues"][0]
    assert (changed["lease_max_s"], changed["severe_s"], changed["severe_hold"]) == (7200, 600, 3)
    assert "longer than it may become" in admin("queue", "add", "market", "--lease", "7201", *shorter)[2]
    _, people, _ = admin("person", "list")
    assert people["people"][0] == {
        "person_id": "marsh-fern",
        "name": "Marsh Fern",
        "queues": ["market"],
        "languages": ["pt"],
        "skills": ["legal"],
        "devices": 0,
        "removed": 0,
        "purged": 0,
    }
    assert "Marsh Fern" in admin("person", "list", as_json=False)[1]


def test_a_code_comes_with_the_fingerprint_and_not_before_there_is_one(admin, tmp_path):
    admin("queue", "add", "market")
    admin("person", "add", "Marsh Fern", "--queue", "market")
    code, out, err = admin("enrol-code", "Marsh Fern", as_json=False)
    assert (code, out) == (1, "")
    assert "No code was issued. Start it once, then ask again: modstation serve" in err
    started = open_service(tmp_path / "data")
    known = fingerprint(base64.b64decode(started.keys.signing_public))
    codes = started.database.read(lambda conn: conn.scalar(select(func.count()).select_from(enrol_code)))
    started.database.close()
    assert codes == 0
    by_name, by_id = admin("enrol-code", "Marsh Fern")[1], admin("enrol-code", "marsh-fern")[1]
    assert by_name["person_id"] == by_id["person_id"] == "marsh-fern"
    assert by_name["fingerprint"] == by_id["fingerprint"] == known
    assert f"The service's fingerprint: {known}" in admin("enrol-code", "marsh-fern", as_json=False)[1]


def test_a_code_for_somebody_unknown_names_what_was_asked_for(admin, tmp_path):
    open_service(tmp_path / "data").database.close()
    assert "heron12" in admin("enrol-code", "heron12", as_json=False)[2]


@pytest.mark.parametrize(
    "words",
    [
        ("enrol-code", "Nobody"),
        ("person", "add", "A", "--queue", "nowhere"),
        ("queue", "add", "two words"),
        ("import", "/nowhere/items.jsonl"),
        ("policy", "publish", "/nowhere"),
        ("person", "add", " "),
    ],
)
def test_a_problem_is_told_on_standard_error_with_exit_code_1(admin, words):
    code, out, err = admin(*words)
    assert (code, out) == (1, "")
    assert err.startswith("modstation: ")


def test_what_the_system_does_not_take_is_told_in_one_sentence(admin, tmp_path, monkeypatch):
    admin("queue", "add", "market")
    full = OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "full"))
    monkeypatch.setattr(backup.tempfile, "TemporaryDirectory", raising(full))
    code, out, err = admin("backup", str(tmp_path / "new"))
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        f"modstation: The system did not take it. ({tmp_path / 'full'})",
        "  No space left on device",
    ]


def raising(error):
    def fail(*_args, **_options):
        raise error

    return fail


def test_a_database_with_no_room_left_is_told_in_one_sentence(admin, monkeypatch):
    admin("queue", "add", "market")
    full = OperationalError("INSERT", {}, dbapi2.OperationalError("database or disk is full"))
    monkeypatch.setattr(catalogue, "add_queue", raising(full))
    code, out, err = admin("queue", "add", "market", "--lease", "600")
    assert (code, out) == (1, "")
    assert err.splitlines() == ["modstation: The database did not take it.", "  database or disk is full"]


@pytest.mark.parametrize("port", ["65536", "-1", "http"])
def test_a_port_that_can_not_be_is_a_command_line_that_can_not_be_read(port, tmp_path):
    with pytest.raises(SystemExit) as left:
        main(["serve", f"--port={port}", "--data", str(tmp_path / "data")])
    assert left.value.code == 2


def test_a_data_folder_that_is_a_file_is_told(tmp_path, capsys):
    (tmp_path / "data").write_text("mine")
    assert main(["serve", "--data", str(tmp_path / "data")]) == 1
    assert "did not take it" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        ("stats",),
        ("queue", "list"),
        ("person", "list"),
        ("person", "add", "Robin"),
        ("enrol-code", "robin"),
        ("policy", "list"),
        ("policy", "publish", str(DEMO_POLICY), "--dry-run"),
        ("policy", "publish", "/nowhere"),
        ("queue", "add", "two words"),
        ("import", str(SAMPLE)),
        ("import", str(SAMPLE), "--dry-run"),
    ],
)
@pytest.mark.parametrize("folder_is_there", [False, True])
def test_a_folder_without_a_service_is_told_and_nothing_is_made_there(admin, tmp_path, words, folder_is_there):
    data = tmp_path / "data"
    if folder_is_there:
        data.mkdir()
    code, out, err = admin(*words)
    assert (code, out) == (1, "")
    if words[-1] not in ("/nowhere", "two words"):
        assert "There is no service here" in err
        assert str(data) in err
    assert list(tmp_path.rglob("*")) == ([data] if folder_is_there else [])


@pytest.mark.parametrize("words", [("queue", "add", "market"), ("policy", "publish", str(DEMO_POLICY))])
def test_what_sets_a_service_up_makes_its_folder_and_says_so(admin, tmp_path, capsys, words):
    with pytest.raises(SystemExit):
        admin(*words[:2], "--help")
    assert "made when it is not there" in " ".join(capsys.readouterr().out.split())
    assert admin(*words)[0] == 0
    assert admin("stats")[0] == 0


@pytest.mark.parametrize("words", [(), ("queue",), ("nonsense",), ("queue", "add", "q", "--lease", "5")])
def test_a_command_line_that_can_not_be_read_is_exit_code_2(admin, words):
    with pytest.raises(SystemExit) as left:
        admin(*words)
    assert left.value.code == 2


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (("import", "items.jsonl", "--frmat", "modstation"), "admin import"),
        (("person", "add", "Robin", "--quue", "market"), "admin person add"),
        (("stats", "everything"), "admin stats"),
    ],
)
def test_an_option_that_there_is_not_is_told_with_the_usage_of_its_command(admin, capsys, words, command):
    with pytest.raises(SystemExit) as left:
        admin(*words)
    assert left.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith(f"usage: modstation {command} [-h]")
    assert f"modstation {command}: error: unrecognized arguments: " in told


def test_an_import_with_refused_lines_reports_them_and_is_exit_code_1(admin, tmp_path):
    admin("queue", "add", "market")
    (tmp_path / "items.jsonl").write_text('{"item_id": "a"}\nnot json at all\n')
    code, out, _ = admin("import", str(tmp_path / "items.jsonl"))
    report = json.loads(out)
    assert code == 1
    assert [(r["line"], r["code"]) for r in report["refusals"]] == [(1, "wire.malformed"), (2, "wire.malformed")]
    code, words, err = admin("import", str(tmp_path / "items.jsonl"), as_json=False)
    assert code == 1
    assert "\n  line 2: This is not JSON at character 5 or just before it" in words, "the place is said once"
    assert "not json at all" not in words + err


def test_a_policy_is_published_once_and_again_only_when_it_changed(admin, tmp_path):
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "policy.toml").write_text(
        'policy_id = "house"\ntitle = "House"\n[[files]]\npath = "a.md"\nprefix = "a"\n'
    )
    (folder / "a.md").write_text("Be kind:\n\n- no mockery\n")
    admin("queue", "add", "market")
    assert admin("policy", "publish", str(folder), "--dry-run")[1]["published"] is False
    assert admin("policy", "list")[1] == {"policies": []}
    assert admin("policy", "publish", str(folder))[1]["version"] == 1
    assert admin("policy", "publish", str(folder))[1]["published"] is False
    (folder / "a.md").write_text("Be kind:\n\n- no mockery\n- no shouting\n")
    done = admin("policy", "publish", str(folder))[1]
    assert (done["version"], done["changed"]) == (2, [{"clause_id": "a/no-shouting", "number": "1.2"}])
    assert [row["version"] for row in admin("policy", "list")[1]["policies"]] == [2, 1]


@pytest.fixture
def items(admin, tmp_path):
    """A service with the sample's policy and queues; writes lines like one of the sample's, changed in some fields."""
    for queue in ("marketplace", "community"):
        admin("queue", "add", queue)
    admin("policy", "publish", str(DEMO_POLICY))
    with SAMPLE.open(encoding="utf-8") as file:
        sample = next(record for record in map(json.loads, file) if record["content"]["kind"] == "text")

    def write(*changed):
        file = tmp_path / "items.jsonl"
        file.write_text("".join(json.dumps(sample | one) + "\n" for one in changed), "utf-8")
        return str(file)

    return write


def test_all_or_nothing_says_that_nothing_was_stored(admin, items):
    file = items({"item_id": "a"}, {"item_id": "b", "severity": 9})
    code, words, _ = admin("import", file, "--all-or-nothing", as_json=False)
    assert code == 1
    assert words.splitlines()[0] == "Nothing was stored: 1 of 2 lines was refused, and all or nothing was asked for."
    assert " new" not in words
    assert admin("stats")[1]["items"] == {}


def test_a_dry_run_lists_what_an_import_would_do_and_stores_nothing(admin, items, tmp_path):
    admin("import", items({"item_id": "a"}, {"item_id": "b"}))
    before = sorted((path, path.stat().st_size) for path in (tmp_path / "data" / "media").rglob("*"))
    file = items({"item_id": "a"}, {"item_id": "b", "severity": 1}, {"item_id": "c"}, {"item_id": "d", "severity": 9})
    code, out, _ = admin("import", file, "--dry-run")
    told = json.loads(out)
    assert code == 1, "a line would be refused"
    assert told["planned"] == [
        {"line": 2, "item_id": "b", "change": "revised"},
        {"line": 3, "item_id": "c", "change": "new"},
    ]
    assert (told["stored"], told["new"], told["revised"], told["same"], told["refused"]) == (False, 1, 1, 1, 1)
    words = admin("import", file, "--dry-run", as_json=False)[1].splitlines()
    assert words[0].startswith("A dry run: nothing was stored.")
    assert "  line 3, c: new" in words
    assert admin("stats")[1]["items"] == {"waiting": 2}
    assert sorted((path, path.stat().st_size) for path in (tmp_path / "data" / "media").rglob("*")) == before
    done = json.loads(admin("import", file)[1])
    assert {name: done[name] for name in ("new", "revised", "same")} == {"new": 1, "revised": 1, "same": 1}


def test_the_figures_told_to_people_count_those_who_have_not_decided_and_queues_without_items(admin, items):
    admin("import", items({"item_id": "a"}))
    admin("person", "add", "Robin", "--queue", "community")
    _, found, _ = admin("stats")
    assert found["people"] == [{"person_id": "robin", "decisions": 0, "accepted": 0}]
    assert sorted(found["queues"].values()) == [0, 1]
    told = dict(line.split(maxsplit=1) for line in admin("stats", as_json=False)[1].splitlines())
    assert told["people"] == "1, of whom 0 decided something"
    assert told["items"] == "1: 1 waiting"
    assert told["queues"].startswith("2: ")
    assert told["stations"] == "0"


def test_the_manual_names_every_key_of_the_figures(admin):
    admin("queue", "add", "market")
    manual = (paths.resources() / "manual" / "service.md").read_text("utf-8")
    table = manual.partition("`stats --json` says the same")[2].partition("To try everything")[0]
    named = [
        key for row in table.splitlines() for key in re.findall(r"`(\w+)`", row.split("|")[1] if "|" in row else "")
    ]
    assert named == list(admin("stats")[1])


def test_repeating_queue_add_changes_only_what_is_named_and_says_what(admin):
    first = ("--title", "Market", "--skill", "legal", "--severe-hold", "3", "--lease-max", "7200", "--lease", "7200")
    assert admin("queue", "add", "market", *first)[1] == {
        "queue": "market",
        "existed": False,
        "changed": ["title", "lease_s", "lease_max_s", "severe_s", "severe_hold", "skills"],
    }
    before = admin("queue", "list")[1]["queues"][0]
    _, told, _ = admin("queue", "add", "market", "--lease", "3600", as_json=False)
    assert told == "Queue market exists already. Changed: lease 3600 s; everything else as it was.\n"
    assert admin("queue", "list")[1]["queues"][0] == before | {"lease_s": 3600}
    told = admin("queue", "add", "market", as_json=False)[1]
    assert told == "Queue market exists already; everything is as it was.\n"
    assert "Changed: no skills;" in admin("queue", "add", "market", "--no-skill", as_json=False)[1]
    assert admin("queue", "list")[1]["queues"][0] == before | {"lease_s": 3600, "skills": []}
    assert "longer than it may become" in admin("queue", "add", "market", "--lease", "7201")[2]


def test_repeating_person_add_changes_only_what_is_named_and_says_what(admin):
    for queue in ("market", "legal"):
        admin("queue", "add", queue)
    admin("person", "add", "Heron 12", "--queue", "market", "--language", "en-GB", "--skill", "law")
    before = admin("person", "list")[1]["people"][0]
    told = admin("person", "add", "Heron 12", "--queue", "market", "--queue", "legal", as_json=False)[1]
    assert told == "Person heron-12 exists already. Changed: queues legal, market; everything else as it was.\n"
    assert admin("person", "list")[1]["people"] == [before | {"queues": ["legal", "market"]}]
    assert "Changed: every language;" in admin("person", "add", "Heron 12", "--no-language", as_json=False)[1]
    code, _, err = admin("person", "add", "Heron 12", "--id", "Heron-12")
    assert (code, "heron-12 exists already: Heron 12." in err) == (1, True)
    assert len(admin("person", "list")[1]["people"]) == 1


@pytest.mark.parametrize(("made", "words"), [((), "heron-12"), ((), "Heron-12"), (("--id", "Heron-12"), "Heron-12")])
def test_words_that_are_the_id_of_somebody_mean_that_person_and_the_name_stays(admin, made, words):
    admin("queue", "add", "shop")
    admin("person", "add", "Heron 12", *made, "--queue", "shop")
    person_id = admin("person", "list")[1]["people"][0]["person_id"]
    told = admin("person", "add", words, "--no-queue", as_json=False)[1]
    assert told == f"Person {person_id} exists already. Changed: no queues; everything else as it was.\n"
    assert [(one["person_id"], one["name"]) for one in admin("person", "list")[1]["people"]] == [
        (person_id, "Heron 12")
    ]
    assert "Changed: name Wren;" in admin("person", "add", "Wren", "--id", person_id, as_json=False)[1]


def test_init_demo_leaves_what_was_changed_since(admin):
    admin("queue", "add", "community", "--lease", "600")
    admin("init-demo")
    admin("person", "add", "Heron 12", "--skill", "law")
    admin("init-demo")
    leases = {one["queue"]: one["lease_s"] for one in admin("queue", "list")[1]["queues"]}
    assert leases["community"] == 600
    assert admin("person", "list")[1]["people"][0]["skills"] == ["law"]


def test_a_number_that_is_none_is_told_in_words(admin, capsys):
    with pytest.raises(SystemExit):
        admin("queue", "add", "market", "--lease", "abc")
    assert "'abc' is not a number of seconds between 60 and 2592000 (30 days)" in capsys.readouterr().err


def test_a_binary_file_is_told_in_one_sentence(admin, tmp_path):
    admin("queue", "add", "market")
    (tmp_path / "picture").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 9)
    code, out, err = admin("import", str(tmp_path / "picture"), as_json=False)
    assert (code, out) == (1, "")
    assert "This is no text file." in err
    assert "UTF-8" not in err


def test_a_policy_folder_that_is_not_there_is_named(admin):
    err = admin("policy", "publish", "/nowhere/at-all")[2]
    assert "There is no such folder." in err
    assert "/nowhere/at-all" in err


def test_a_removed_item_is_in_no_queue_any_more_and_is_spoken_of_as_one(admin):
    admin("init-demo")
    before = admin("stats")[1]
    item_id = json.loads(SAMPLE.read_text().splitlines()[0])["item_id"]
    queue = json.loads(SAMPLE.read_text().splitlines()[0])["queue"]
    told = admin("item", "remove", item_id, "--yes", as_json=False)[1]
    assert "Its content is destroyed here" in told
    assert "Their" not in told
    assert admin("stats")[1]["queues"] == before["queues"] | {queue: before["queues"][queue] - 1}
    listed = {one["queue"]: one["items"] for one in admin("queue", "list")[1]["queues"]}
    assert listed == admin("stats")[1]["queues"]
