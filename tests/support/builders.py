"""Harmless items, cards, flags and a policy for tests: every field can be overridden by name."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from modstation.core.content import (
    Audio,
    Author,
    Comment,
    Content,
    Conversation,
    Document,
    Image,
    Kind,
    Listing,
    Media,
    Post,
    Product,
    ProductReview,
    Profile,
    TextPost,
    Video,
)
from modstation.core.ids import ActionId, ClauseId, FlagId, ItemId, MediaId, PolicyId, QueueName, TeamName
from modstation.core.item import (
    Action,
    Context,
    Flag,
    FlagSource,
    Item,
    ItemCard,
    Lease,
    Parameter,
    Permanence,
    Precedent,
    Span,
)
from modstation.core.policy import Clause, Example, Policy
from modstation.wire import translate
from modstation.wire.skim import Skimmer

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
TEXT = "The pump folds flat and came in two days. Nobody answers my mail. I would buy it in another shop."


def a_media(**over: Any) -> Media:
    given = {
        "media_id": MediaId("a" * 64),
        "mime": "image/jpeg",
        "size": 48_200,
        "alt": "A wooden table with a bicycle pump and two tools.",
        "width": 1200,
        "height": 800,
    }
    return Media(**(given | over))


def a_content(kind: Kind | str = Kind.TEXT) -> Content:
    """Content of `kind`; its `text`, where it has one, begins with "The pump"."""
    product = Product("Foldable bicycle pump, steel", "24.90", "EUR", "Tallow & Pine", a_media())
    posts = tuple(Post(f"marsh_fern_{n}", f"Post {n}. {TEXT}", NOW - timedelta(hours=9 - n), n % 3) for n in range(5))
    made: dict[Kind, Content] = {
        Kind.TEXT: TextPost(TEXT, "Pump yes, seller no"),
        Kind.COMMENT: Comment(TEXT, "A recipe for bread"),
        Kind.CONVERSATION: Conversation(posts, "A lost parcel", 2),
        Kind.LISTING: Listing(product, TEXT, (("Condition", "used"), ("Safety mark", "CE")), (a_media(),)),
        Kind.REVIEW: ProductReview(TEXT, 2, "Pump yes, seller no", 5, True, "A new seal is in the post.", product),
        Kind.IMAGE: Image(a_media(contains=("tools",)), "My work bench"),
        Kind.VIDEO: Video(a_media(mime="video/mp4", duration_s=41.0), "Kiln, opened", "Now the door opens."),
        Kind.AUDIO: Audio(a_media(mime="audio/ogg", duration_s=18.0), "Voice note", "Hello, it is about the pump."),
        Kind.DOCUMENT: Document(a_media(mime="application/pdf"), "Certificate for a ladder", "Tested in 2025."),
        Kind.PROFILE: Profile("marsh_fern", "Marsh Fern", "I mend pumps.", (("Town", "Leeds"),), (a_media(),)),
    }
    return made[Kind(kind)]


def a_flag(**over: Any) -> Flag:
    """A classifier's flag on "Nobody answers my mail" in the part ``text``."""
    start = TEXT.index("Nobody")
    given = {
        "flag_id": FlagId("f1"),
        "source": FlagSource.CLASSIFIER,
        "category": "off_topic",
        "title": "Off topic classifier",
        "score": 0.83,
        "threshold": 0.70,
        "explanation": "The sentence is about the seller, not about the product.",
        "at": NOW - timedelta(days=1),
        "spans": (Span("text", start, start + len("Nobody answers my mail")),),
    }
    return Flag(**(given | over))


def a_report(**over: Any) -> Flag:
    """A user's report on "in another shop" in the part ``text``."""
    start = TEXT.index("in another shop")
    given = {
        "flag_id": FlagId("f2"),
        "source": FlagSource.USER_REPORT,
        "category": "advert",
        "title": "User report",
        "score": None,
        "threshold": None,
        "explanation": "names another shop",
        "spans": (Span("text", start, start + len("in another shop")),),
    }
    return a_flag(**(given | over))


def some_actions() -> tuple[Action, ...]:
    """A reversible one, one with a parameter, an irreversible one."""
    days = Parameter("days", "For how long", ("1 day", "7 days", "30 days"))
    return (
        Action(ActionId("remove"), "Remove", "remove the review", consequence="The author is told."),
        Action(ActionId("warn"), "Warn", "warn the author"),
        Action(ActionId("pause"), "Pause the account", "pause the account", parameters=(days,)),
        Action(ActionId("close"), "Close the account", "close the account", Permanence.IRREVERSIBLE),
    )


def an_item(kind: Kind | str = Kind.REVIEW, **over: Any) -> Item:
    """An item with two flags, context, four actions and two teams."""
    before = (Post("oak_leaf", "Has anybody tried this pump?", NOW - timedelta(hours=3)),)
    after = (Post("hazel", "Thank you, that helps.", NOW - timedelta(hours=1)),)
    author = Author("marsh_fern", "2019", 3, 1, (("Reviews", "41"),))
    precedent = Precedent("Review of a tea kettle", "no violation", "7.1", "It was about the delivery.", NOW)
    given = {
        "item_id": ItemId("item-1"),
        "rev": 1,
        "content_sha256": "b" * 64,
        "queue": QueueName("Marketplace, English"),
        "policy_id": PolicyId("market"),
        "language": "en",
        "severity": 2,
        "category": "off_topic",
        "summary": "Review of a bicycle pump",
        "created_at": NOW - timedelta(days=6),
        "content": a_content(kind),
        "flags": (a_flag(), a_report()) if Kind(kind) in {Kind.TEXT, Kind.COMMENT, Kind.LISTING, Kind.REVIEW} else (),
        "context": Context(before, after, author, (precedent,)),
        "actions": some_actions(),
        "teams": (TeamName("Child safety"), TeamName("Legal")),
    }
    return Item(**(given | over))


def a_lease(item_id: str = "item-1", **over: Any) -> Lease:
    given = {
        "item_id": ItemId(item_id),
        "lease_gen": 1,
        "granted_at": NOW,
        "expires_at": NOW + timedelta(hours=2, minutes=14),
    }
    return Lease(**(given | over))


def a_card(item_id: str = "item-1", kind: Kind | str = Kind.REVIEW, **over: Any) -> ItemCard:
    """The card of `an_item(kind)` under `a_lease`, with `over` applied to the card."""
    lease = over.pop("lease", a_lease(item_id))
    return replace(skimmed(an_item(kind, item_id=ItemId(item_id)), lease), **over)


def skimmed(item: Item, lease: Lease) -> ItemCard:
    """The card that arrives with an item: the lease may be for another one."""
    told = translate.to_wire(replace(lease, item_id=item.item_id))
    return replace(Skimmer().read(translate.dump(item), told)[0], lease=lease)


def a_policy(**over: Any) -> Policy:
    """Two headings, five citable clauses; ``c42`` is recommended for off_topic, ``c45`` for advert."""
    clauses = (
        Clause(ClauseId("c4"), "4", "About the product", "What a review may be about.", citable=False),
        Clause(
            ClauseId("c42"),
            "4.2",
            "Not about the product",
            "A review speaks about the goods, the delivery or the service.\n\nAnything else belongs elsewhere.",
            depth=1,
            severity=2,
            severities=("Once, in passing", "The greater part", "All of it", "Repeated after a warning"),
            actions=(ActionId("remove"), ActionId("warn")),
            categories=("off_topic",),
            examples=(
                Example("breaks", "My holiday was lovely."),
                Example("stays", "It came in two days."),
                Example("depends", "The weather was bad, so it came late."),
            ),
            changed_in=3,
        ),
        Clause(ClauseId("c43"), "4.3", "Repeated text", "The same text twice.", depth=1, categories=("repeat",)),
        Clause(
            ClauseId("c45"),
            "4.5",
            "Advertising",
            "Naming another shop in order to sell.",
            depth=1,
            severity=1,
            actions=(ActionId("remove"),),
            categories=("advert", "off_topic"),
        ),
        Clause(ClauseId("c7"), "7", "Safety", "Goods that may hurt.", citable=False),
        Clause(
            ClauseId("c71"),
            "7.1",
            "Missing safety mark",
            "Electric goods need a mark.",
            depth=1,
            severity=3,
            actions=(ActionId("remove"), ActionId("close")),
            categories=("safety",),
        ),
        Clause(ClauseId("c72"), "7.2", "Sharp edges", "Say so in the listing.", depth=1, categories=("safety",)),
    )
    given = {
        "policy_id": PolicyId("market"),
        "version": 3,
        "accepts_from": 2,
        "title": "Market rules",
        "published_at": datetime(2026, 11, 12, tzinfo=UTC),
        "clauses": clauses,
        "licence": "Written for the tests, CC0",
    }
    return Policy(**(given | over))
