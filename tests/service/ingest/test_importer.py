"""Importing: a line whole or not at all, refused with a place, repeated without effect, and nothing of it repeated."""

import copy
import hashlib
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import update

from modstation.service import catalogue, media
from modstation.service.catalogue import Added, Change
from modstation.service.database import open_database
from modstation.service.ingest import form, lines
from modstation.service.ingest.importer import FORMATS, import_file
from modstation.service.leases import CLOSED
from modstation.service.tables import item
from tests.support.importing import SECRET, Service, a_line


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    service = Service(tmp_path_factory.mktemp("importer"))
    yield service
    service.database.close()


@pytest.fixture
def service(tmp_path):
    service = Service(tmp_path)
    yield service
    service.database.close()


def places(value, path=()):
    """Every place in a JSON value, as a tuple of keys and indices."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from places(one, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


ALL = sorted(places(a_line()), key=str)
DICTS = [p for p in ALL if isinstance(at(a_line(), p), dict)]
REQUIRED = [(f,) for f in a_line() if f not in {"flags", "context", "actions", "teams"}] + [
    ("content", "kind"),
    ("content", "text"),
    ("content", "rating"),
    ("content", "product", "title"),
    ("flags", 0, "flag_id"),
    ("flags", 0, "source"),
    ("flags", 0, "spans", 0, "end"),
    ("context", "before", 0, "text"),
    ("actions", 0, "phrase"),
]


@st.composite
def mangled(draw):
    """One good line, spoilt in one way."""
    record = a_line("spoilt-1")
    way = draw(st.sampled_from(["cut", "drop", "add", "type", "bytes", "span", "given"]))
    body = json.dumps(record).encode()
    if way == "cut":
        return body[: draw(st.integers(1, len(body) - 1))]
    if way == "bytes":
        n = body.index(SECRET.encode()) + draw(st.integers(0, 8))
        return body[:n] + draw(st.sampled_from([b"\xff", b"\xc3", b"\x01", b"\xed\xa0\x80"])) + body[n:]
    record = copy.deepcopy(record)
    if way == "drop":
        path = draw(st.sampled_from(REQUIRED))
        del at(record, path[:-1])[path[-1]]
    elif way == "add":
        name = draw(st.sampled_from([SECRET + " is in the name", "odd", "kind_", "`tick`", "a - at `$.b`"]))
        at(record, draw(st.sampled_from(DICTS)))[name] = SECRET
    elif way == "type":
        path = draw(st.sampled_from([p for p in ALL if p]))
        wrong = draw(st.sampled_from([{"x": SECRET}, [[SECRET]], SECRET * 30_000, -1.5, True]))
        at(record, path[:-1])[path[-1]] = wrong
    elif way == "span":
        record["flags"][0]["spans"][0] |= draw(st.sampled_from([{"end": 10_000}, {"part": "answer"}, {"start": 8}]))
    else:
        record |= draw(st.sampled_from([{"rev": 1}, {"content_sha256": "0" * 64}]))
    return json.dumps(record).encode()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spoilt=mangled())
def test_any_mangled_line_is_refused_in_its_place_and_changes_nothing(shared, spoilt):
    shared.import_lines([a_line("good-1")])
    before = shared.state()
    report = shared.import_lines([a_line("good-1"), spoilt])
    assert (report.added.new, report.added.revised, report.added.same) == (0, 0, 1)
    (refusal,) = report.refused
    assert refusal.line == 2
    assert refusal.code.startswith(("wire.", "import."))
    assert refusal.why
    assert shared.state() == before


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spoilt=mangled())
def test_a_report_repeats_nothing_of_a_line(shared, spoilt):
    report = shared.import_lines([spoilt])
    assert SECRET not in str(report)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from([p for p in ALL if p]))
def test_a_value_of_the_wrong_type_is_refused_with_its_path(shared, path):
    record = copy.deepcopy(a_line("spoilt-2"))
    at(record, path[:-1])[path[-1]] = {"no": 1} if not isinstance(at(record, path), dict) else 7
    (refusal,) = shared.import_lines([record]).refused
    written = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).lstrip(".")
    assert refusal.place.startswith(written) or written.startswith(refusal.place)
    assert refusal.place


def test_importing_twice_changes_nothing(service):
    records = [a_line(f"a-{n}") for n in range(5)]
    first = service.import_lines(records)
    before = service.state()
    second = service.import_lines(records)
    assert (first.added.new, second.added.new, second.added.revised, second.added.same) == (5, 0, 0, 5)
    assert service.state() == before


def test_changed_content_is_the_next_revision(service):
    service.import_lines([a_line("a-1"), a_line("a-2")])
    before = service.rows()
    changed = a_line("a-1")
    changed["content"]["text"] = "The pump is not bad."
    report = service.import_lines([changed, a_line("a-2")])
    after = service.rows()
    assert (report.added.new, report.added.revised, report.added.same) == (0, 1, 1)
    assert (after["a-1"].rev, after["a-2"].rev) == (2, 1)
    assert after["a-1"].content_sha256 != before["a-1"].content_sha256


def test_a_changed_item_that_was_closed_waits_again_and_is_counted_as_such(service):
    service.import_lines([a_line("a-1"), a_line("a-2"), a_line("a-3")])
    closed = update(item).where(item.c.item_id.in_(["a-1", "a-3"])).values(state=CLOSED)
    service.database.write(lambda conn: conn.execute(closed))
    changed = [a_line("a-1", severity=1), a_line("a-2", severity=1), a_line("a-3")]
    planned = service.import_lines(changed, dry_run=True)
    assert [(one.line, one.item_id, one.change) for one in planned.planned] == [
        (1, "a-1", Change.REOPENED),
        (2, "a-2", Change.REVISED),
    ]
    report = service.import_lines(changed)
    assert report.added == planned.added == Added(revised=2, same=1, reopened=1)
    assert {name: row.state for name, row in service.rows().items()} == {
        "a-1": "waiting",
        "a-2": "waiting",
        "a-3": "closed",
    }


def test_good_lines_are_taken_and_bad_ones_reported_over_many_batches(service):
    records = [a_line(f"a-{n}") for n in range(450)]
    records[10] = b"{"
    records[230]["queue"] = "nowhere"
    records[449]["severity"] = 9
    report = service.import_lines(records)
    assert report.added.new == 447 == len(service.rows())
    assert [(r.line, r.code, r.place) for r in report.refused] == [
        (11, "wire.malformed", "character 1"),
        (231, "import.no_queue", "queue"),
        (450, "wire.malformed", "severity"),
    ]


def test_all_or_nothing_takes_nothing_when_one_line_is_refused(service):
    records = [*(a_line(f"a-{n}") for n in range(250)), b"no json"]
    before = service.state()
    report = service.import_lines(records, all_or_nothing=True)
    assert (report.stored, report.added.new, len(report.refused)) == (False, 0, 1)
    assert service.state() == before
    assert service.import_lines(records[:-1], all_or_nothing=True).added.new == 250


def test_another_process_may_write_between_the_batches(service):
    other = open_database(service.data)
    names = iter(range(10_000))

    def meanwhile(_done):
        nth = next(names)
        if nth % 40 == 0:
            other.write(lambda conn: catalogue.add_queue(conn, f"queue-{nth}"))

    try:
        report = service.import_lines([a_line(f"a-{n}") for n in range(210)], on_progress=meanwhile)
    finally:
        other.close()
    assert (report.added.new, report.refused) == (210, ())


def test_an_id_used_twice_with_other_words_is_refused_the_second_time(service):
    other = a_line("a-1", severity=1)
    report = service.import_lines([a_line("a-1"), a_line("a-1"), other])
    assert (report.added.new, report.added.same) == (1, 1)
    assert [(r.line, r.code, r.place) for r in report.refused] == [(3, "import.twice", "item_id")]


def test_empty_lines_a_byte_order_mark_and_windows_line_ends_do_no_harm(service):
    service.file.write_bytes(b"\xef\xbb\xbf" + json.dumps(a_line("a-1")).encode() + b"\r\n\r\n\n")
    report = import_file(service.file, service.store)
    assert (report.lines, report.added.new, report.refused) == (1, 1, ())


def test_a_line_beyond_the_limit_is_refused_and_the_next_one_is_read(service, monkeypatch):
    monkeypatch.setattr(lines, "MAX_LINE", 5_000)
    report = service.import_lines([b'"' + b"x" * 12_000 + b'"', a_line("a-1")])
    assert [(r.line, r.code) for r in report.refused] == [(1, "import.long_line")]
    assert report.added.new == 1


def an_image(file="media/dot.png", **over):
    return a_line("i-1", content={"kind": "image", "media": {"file": file, "alt": "A dot."} | over}, flags=[])


def a_png(width, height):
    """A PNG cut off in its pixels: enough for its size, too little to decode."""
    whole = io.BytesIO()
    Image.effect_noise((width, height), 50).save(whole, "PNG")
    return whole.getvalue()[: 64 + len(whole.getvalue()) // 2]


def test_a_file_gets_its_id_its_size_and_its_pixels_from_its_bytes(service):
    body = a_png(300, 200)
    (service.file.parent / "media" / "dot.png").write_bytes(body)
    assert service.import_lines([an_image()]).added.new == 1
    row = service.stored()["i-1"]["content"]["media"]
    sha = hashlib.sha256(body).hexdigest()
    assert (row["media_id"], row["mime"], row["size"]) == (sha, "image/png", len(body))
    assert (row["width"], row["height"]) == (300, 200)
    assert service.files.path(sha).read_bytes() == body


def test_a_file_is_on_the_disk_under_its_name_before_the_row_that_names_it(service, monkeypatch):
    settled = []

    def settle(folder):
        settled.append((folder, [one.name for one in folder.iterdir()], service.rows()))

    monkeypatch.setattr(media, "settle_folder", settle)
    (service.file.parent / "media" / "dot.png").write_bytes(b"dots")
    service.import_lines([an_image()])
    target = service.files.path(service.stored()["i-1"]["content"]["media"]["media_id"])
    assert (target.parent, [target.name], {}) in settled


def test_an_item_whose_file_is_missing_is_refused_as_a_whole(service):
    (service.file.parent / "media" / "dot.png").write_bytes(b"dots")
    record = a_line("l-1", flags=[])
    record["content"] = {
        "kind": "listing",
        "text": "A dot.",
        "product": {"title": "Dot"},
        "media": [{"file": "media/dot.png"}, {"file": "media/none.png"}],
    }
    before = service.state()
    (refusal,) = service.import_lines([record]).refused
    assert (refusal.code, refusal.place) == ("import.media_missing", "content.media[1]")
    assert service.state() == before


@pytest.mark.parametrize(
    "name", ["../outside.png", "/etc/hostname", "media/../../outside.png", "media\\..\\x.png", "C:x.png", "link.png"]
)
def test_a_path_that_leads_out_of_the_folder_is_refused(service, name):
    outside = service.file.parent.parent / "outside.png"
    outside.write_bytes(b"not yours")
    (service.file.parent / "link.png").symlink_to(outside)
    (refusal,) = service.import_lines([an_image(name)]).refused
    assert (refusal.code, refusal.place) == ("import.media_outside", "content.media")
    assert service.state()[1] == []


@pytest.mark.parametrize("name", ["x" * 300 + ".png", "media/" + "y/" * 190 + "z.png", "round.png"])
def test_a_name_that_leads_to_no_file_is_refused_and_the_other_lines_are_taken(service, name):
    (service.file.parent / "round.png").symlink_to(service.file.parent / "round.png")
    report = service.import_lines([a_line("l-1"), an_image(name), a_line("l-2")])
    assert [(one.line, one.code, one.place) for one in report.refused] == [(2, "import.media_missing", "content.media")]
    assert sorted(service.rows()) == ["l-1", "l-2"]


def test_a_file_that_can_not_be_read_is_refused_and_the_other_lines_are_taken(service, monkeypatch):
    (service.file.parent / "media" / "dot.png").write_bytes(a_png(1, 1))

    def forbidden(_path):
        raise PermissionError

    monkeypatch.setattr(form, "_sha256", forbidden)  # the tests may run as root, who may read everything
    report = service.import_lines([a_line("l-1"), an_image(), a_line("l-2")])
    assert [(one.line, one.code) for one in report.refused] == [(2, "import.media_unreadable")]
    assert sorted(service.rows()) == ["l-1", "l-2"]


def test_a_damaged_picture_is_taken_without_its_pixels(service):
    whole = io.BytesIO()
    Image.new("RGB", (64, 48)).save(whole, "AVIF")
    damaged = whole.getvalue().replace(b"av01", b"av0\xff")
    assert damaged != whole.getvalue()
    (service.file.parent / "media" / "dot.avif").write_bytes(damaged)
    assert service.import_lines([an_image("media/dot.avif", mime="image/avif")]).added.new == 1
    assert "width" not in service.stored()["i-1"]["content"]["media"]


@pytest.mark.parametrize(
    ("over", "place"),
    [({"media_id": "0" * 64}, "content.media"), ({"width": -1}, "content.media.width"), ({"file": 3}, "content.media")],
)
def test_a_media_entry_that_does_not_fit_is_refused_in_its_place(service, over, place):
    (service.file.parent / "media" / "dot.png").write_bytes(a_png(1, 1))
    (refusal,) = service.import_lines([an_image(**over)]).refused
    assert refusal.code == "import.media"
    assert refusal.place.startswith(place)


def a_row(number, **over):
    scores = {"hate": 0.2, "harassment": 0.7}
    return {
        "source_id": f"set/{number:04}",
        "text": "A harmless sentence.",
        "text_withheld": False,
        "language": "en",
        "ai_flag": {"category": "harassment", "scores": scores, "threshold": 0.5, "model": "baseline"},
        "gold_labels": {"harassment": 1},
        "duplicate_of": None,
    } | over


def test_an_item_under_a_policy_that_nobody_published_is_refused(service):
    report = service.import_lines([a_line("a-1"), a_line("a-2", policy_id="nobody-knows-it")])
    assert report.added.new == 1
    assert [(r.line, r.code, r.place) for r in report.refused] == [(2, "import.no_policy", "policy_id")]


def test_rows_of_the_moderation_set_become_items_and_withheld_ones_are_restricted(service):
    service.database.write(lambda conn: catalogue.add_queue(conn, "community"))
    withheld = a_row(2, text=None, text_withheld=True, withheld_reason=SECRET)
    doubled = a_row(3, duplicate_of="set/0001")
    report = service.import_lines(
        [a_row(1), withheld, doubled, a_row(4, text=None)], convert=FORMATS["openai-moderation"]
    )
    assert report.added.new == 3
    assert [(r.line, r.code, r.place) for r in report.refused] == [(4, "import.no_text", "text")]
    bodies = service.stored()
    assert bodies["set/0001"]["flags"][0] | {"score": 0.7, "threshold": 0.5} == bodies["set/0001"]["flags"][0]
    assert "restricted" not in bodies["set/0001"]
    assert bodies["set/0002"]["content"] == {"kind": "text", "text": ""}
    assert bodies["set/0002"]["restricted"]
    assert SECRET not in json.dumps(bodies["set/0002"])
    assert "gold" not in json.dumps(bodies)


def test_an_import_that_fails_leaves_no_file_that_no_item_names(service, monkeypatch):
    folder = service.file.parent / "media"
    (folder / "dot.png").write_bytes(b"dots")
    service.import_lines([an_image()])
    before = service.state()

    def fails(*_args):
        raise OSError(28, "No space left on device")

    (folder / "new.png").write_bytes(b"new dots")
    with monkeypatch.context() as patched:
        patched.setattr(catalogue, "add_items", fails)
        with pytest.raises(OSError, match="No space"):
            service.import_lines([an_image(alt="Changed."), an_image("media/new.png") | {"item_id": "i-2"}])
    assert service.state() == before


def test_a_file_that_was_dropped_while_it_was_imported_is_copied_again(service, monkeypatch):
    (service.file.parent / "media" / "dot.png").write_bytes(b"dots")
    sha, _ = service.files.add(service.file.parent / "media" / "dot.png")
    genuine = catalogue.add_items

    def late(*args):
        monkeypatch.setattr(catalogue, "add_items", genuine)
        service.files.path(sha).unlink()
        return genuine(*args)

    monkeypatch.setattr(catalogue, "add_items", late)
    assert service.import_lines([an_image()]).added.new == 1
    assert service.files.has(sha)
