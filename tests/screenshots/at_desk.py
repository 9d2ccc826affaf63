"""Scenes at the desk: every kind of item, and every state of deciding."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from modstation.core.content import Media
from modstation.core.exposure import Step
from modstation.ui import theme
from tests.screenshots.camera import Play, Scene
from tests.screenshots.stage import Stage

REVIEW = "own-review-1"
SERIOUS = "own-review-7"
PHOTO = "image-05"


def kind(item_id: str, keys: str = "") -> Play:
    """An item on the desk, and keys pressed then; whatever they composed is dropped again."""

    def play(stage: Stage) -> Iterator[QWidget]:
        stage.open(item_id)
        stage.press(keys)
        stage.seen()
        yield stage.shell
        clear(stage)

    return play


def clear(stage: Stage) -> None:
    """Back to an empty sentence."""
    stage.place.control.handles("")
    opened = stage.desk.current
    if opened is not None:
        stage.place.control.compose(type(opened.draft)())
    stage.shell.setFocus()
    stage.settle()


def picture(step: Step) -> Play:
    """A photo at one step."""

    def play(stage: Stage) -> Iterator[QWidget]:
        stage.open(PHOTO)
        stage.place.lookout.to_step(step)
        stage.seen()
        yield stage.shell

    return play


def preview(stage: Stage) -> Iterator[QWidget]:
    """A photo whose full file is still on its way."""
    assert stage.station is not None
    running = stage.station.running
    assert running is not None
    files, looking = running.pictures._vault.media, stage.place._frame.panes.item._looking
    have = files.have
    small = {media.preview.media_id for media in _photos(stage) if media.preview is not None}
    files.have = lambda db, media_id: media_id in small and have(db, media_id)  # type: ignore[method-assign] # a poor link
    stage.place.lookout.to_step(Step.GREY)
    stage.wait(lambda: looking.is_preview)
    yield stage.shell
    files.have = have  # type: ignore[method-assign] # as it was


def _photos(stage: Stage) -> tuple[Media, ...]:
    stage.open(PHOTO)
    return stage.place._frame.panes.item._looking.media


def note(stage: Stage) -> Iterator[QWidget]:
    """The note open across the bar."""
    stage.open(REVIEW)
    stage.press("1")
    stage.press("t")
    stage.press("Aimed at the person, not at the pump. The second span reads as a figure of speech.")
    yield stage.shell
    stage.key(Qt.Key.Key_Escape)
    clear(stage)


def held(stage: Stage) -> Iterator[QWidget]:
    """A decision just made, which can be undone."""
    stage.open("own-review-8")
    stage.press("nd")
    stage.wait(stage.place._frame.rail.standing.isVisible)
    yield stage.shell
    stage.press("u")
    stage.wait(lambda: stage.desk.current is not None and stage.desk.current.item.item_id == "own-review-8")
    clear(stage)


def keyboard_focus(stage: Stage) -> Iterator[QWidget]:
    """F6 went to the item: the focus is to be seen."""
    stage.open(REVIEW)
    stage.place._frame.rail.waiting.setFocus()
    stage.key(Qt.Key.Key_F6)
    yield stage.shell
    stage.place._frame.panes.item.setFocus()


def flags_judged(stage: Stage) -> Iterator[QWidget]:
    """The Flags tab with a flag found wrong, and the reason asked for."""
    stage.open(REVIEW)
    stage.press("f")
    stage.press("-2")
    yield stage.shell
    stage.key(Qt.Key.Key_Escape)
    stage.press("p")
    clear(stage)


def search(stage: Stage) -> Iterator[QWidget]:
    """Looking for words in the policy."""
    stage.open(REVIEW)
    stage.press("/")
    stage.press("private")
    yield stage.shell
    stage.key(Qt.Key.Key_Escape)
    stage.key(Qt.Key.Key_Escape)


def deep_clause(stage: Stage) -> Iterator[QWidget]:
    """The whole policy, open at one of the clauses that lie deepest: its number is the longest."""
    stage.open(REVIEW)
    side = stage.place._frame.panes.side.policy
    side.whole.click()
    deepest = max(side._policy.clauses, key=lambda clause: clause.depth)
    side.tree.show_current(deepest.clause_id)
    side._read(deepest)
    stage.settle()
    yield stage.shell
    side.whole.click()


def whole_text(stage: Stage) -> Iterator[QWidget]:
    """The whole policy beside the item."""
    stage.open(REVIEW)
    stage.place._frame.panes.side.policy.whole.click()
    stage.settle()
    yield stage.shell
    stage.place._frame.panes.side.policy.whole.click()


def context(stage: Stage) -> Iterator[QWidget]:
    """What stood around a thread."""
    stage.open("own-post-19")
    stage.press("o")
    yield stage.shell
    stage.press("p")


def rail_folded(stage: Stage) -> Iterator[QWidget]:
    """The queue folded."""
    stage.open(REVIEW)
    stage.place._frame.fold_rail()
    yield stage.shell
    stage.place._frame.fold_rail()


def side_folded(stage: Stage) -> Iterator[QWidget]:
    """The side panel folded."""
    stage.open(REVIEW)
    stage.place._frame.fold_side()
    yield stage.shell
    stage.place._frame.fold_side()


def zoomed(stage: Stage) -> Iterator[QWidget]:
    """All text twice as large."""
    stage.open(REVIEW)
    theme.set_zoom(stage.app, 2.0)
    stage.press("1")
    yield stage.shell
    theme.set_zoom(stage.app, 1.0)
    clear(stage)


def mirrored(item_id: str) -> Play:
    """The interface from right to left."""

    def play(stage: Stage) -> Iterator[QWidget]:
        stage.open(item_id)
        stage.app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        stage.press("1")
        yield stage.shell
        stage.app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        clear(stage)

    return play


SCENES = (
    Scene("desk-review", kind(REVIEW)),
    Scene("desk-listing", kind("listing-1")),
    Scene("desk-thread", kind("own-post-20")),
    Scene("desk-comment", kind("own-post-15")),
    Scene("desk-text-arabic", kind("own-post-12")),
    Scene("desk-text-hebrew", kind("own-post-7")),
    Scene("desk-text-hindi", kind("own-post-5")),
    Scene("desk-text-chinese", kind("text-mandarin-2191")),
    Scene("desk-text-scripts", kind("own-post-11")),
    Scene("desk-profile", kind("own-post-21")),
    Scene("desk-photo-hidden", picture(Step.HIDDEN)),
    Scene("desk-photo-outline", picture(Step.OUTLINE)),
    Scene("desk-photo-grey", picture(Step.GREY)),
    Scene("desk-photo-blurred", picture(Step.BLURRED)),
    Scene("desk-photo-preview", preview),
    Scene("desk-photo-clear", kind("image-08")),
    Scene("desk-video", kind("video-01")),
    Scene("desk-audio", kind("audio-01")),
    Scene("desk-document", kind("document-01")),
    Scene("desk-restricted", kind("held-back-1")),
    Scene("desk-composed", kind(REVIEW, "1")),
    Scene("desk-two-clauses", kind(SERIOUS, "12")),
    Scene("desk-asking", kind(SERIOUS, "1d")),
    Scene("desk-no-violation", kind(REVIEW, "n")),
    Scene("desk-cannot-decide", kind(REVIEW, "c")),
    Scene("desk-note", note),
    Scene("desk-held", held),
    Scene("desk-hidden-characters", kind("own-review-16", "i")),
    Scene("desk-span", kind(REVIEW, "hh")),
    Scene("desk-focus", keyboard_focus),
    Scene("desk-context", context),
    Scene("desk-flags", kind(REVIEW, "f")),
    Scene("desk-flags-judged", flags_judged),
    Scene("desk-restricted-flags", kind("held-back-1", "f")),
    Scene("desk-policy-search", search),
    Scene("desk-policy-whole", whole_text),
    Scene("desk-policy-deep", deep_clause),
    Scene("desk-rail-folded", rail_folded),
    Scene("desk-side-folded", side_folded),
    Scene("desk-zoomed", zoomed),
    Scene("desk-mirrored", mirrored(REVIEW)),
    Scene("desk-mirrored-arabic", mirrored("own-review-15")),
    Scene("desk", kind(REVIEW, "1"), themes=("high_contrast",)),
)
