"""Why an item is here: keyword rules with spans, sample user reports, the baseline's score. Nothing else is a flag.

Every rule says in words what it saw. User reports are synthetic and say so in their title.
"""

import re
from typing import Any

from desk import moment, number, pick

_LOOKS = r"\b(beaut\w*|gorgeous|pretty|prettier|cute\w*|stunning|eyes|smile|hair|make-?up|attractive|cutie\w*)\b"
_BRANDS = (
    r"\b(Apple|AirPods|iPhone|iPad|MagSafe|Samsung|Huawei|Lenovo|Dell|Asus|Rolex|Longines|IWC|Chanel|Dior|Gucci|Prada|"
    r"Dolce|Calvin Klein|Nike|Puma|Beats|Kawasaki|MotoGP|Dodge|Olay|Vaseline|Nescafe|Amazon|Knoll)\b"
)
_CLAIMS = (
    r"\b(cruelty-free|long-lasting|natural\w*|nutritious|healthy|nourish\w*|hydrat\w*|refreshing|authentic|genuine|"
    r"muscle\w*|high-performance|powerful|durable|iconic|luxur\w*|premium|hypoallergenic|heal\w*|certified|cures?)\b"
)

# name, category, severity, pattern, title, explanation
RULES: dict[str, tuple[str, int, str, str, str]] = {
    "brand": ("trademark", 2, _BRANDS, "Well-known brand", "Names a well-known brand; may the seller use it?"),
    "claim": ("misinformation", 1, _CLAIMS, "Claim to check", "Makes a claim that a buyer can't check."),
    "looks": ("harassment", 1, _LOOKS, "Remark on looks", "Remarks on how somebody looks."),
    "delivery": (
        "off_topic",
        1,
        r"\b([Ss]hipping|[Dd]elivery|parcel|courier)\b",
        "About the delivery",
        "Is about the delivery and perhaps not about the product.",
    ),
    "insult": (
        "harassment",
        2,
        r"(?i)\b(clown\w*|donkey\w*|liars?|lazy|fool\w*|crooks?)\b",
        "Word used as an insult",
        "Contains a word that is often meant as an insult.",
    ),
    "contact": (
        "doxxing",
        3,
        r"[\w.]+@[\w.]+\.\w+|\+\d[\d ]{7,}\d|\b\d+ [A-Z]\w+ (Street|Road|Lane)\b",
        "Contact details",
        "Looks like the contact details of a person.",
    ),
    "link": ("spam", 2, r"https?://\S+|\bwww\.\S+", "Link to another site", "Links to another site."),
    "reward": (
        "inauthentic",
        2,
        r"\b(voucher\w*|gift card|refund\w*|discount code|for free|paid me)\b",
        "Reward for a review",
        "Speaks of a reward for a review.",
    ),
    "outside": (
        "fraud",
        3,
        r"\b(bank transfer|outside the site|directly to me|gift cards?|wire the)\b",
        "Payment outside the site",
        "Asks for, or speaks of, payment outside the site.",
    ),
    "health": (
        "health",
        2,
        r"\b(insulin|medicine|doctor|cure[sd]?|headaches?|blood pressure|diet pills?)\b",
        "Health",
        "Says something about health.",
    ),
    "threat": (
        "violence",
        2,
        r"\b(kill|murder|burn|smash|punch|tip his shelves)\b",
        "Word of violence",
        "Contains a word of violence; it may be a figure of speech.",
    ),
    "hidden": (
        "hidden_characters",
        2,
        "[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\u00ad\ufeff]+",
        "Invisible characters",
        "Contains characters that can't be seen and change how the text is shown.",
    ),
    "official": (
        "impersonation",
        2,
        r"\b([Oo]fficial|[Ss]upport [Tt]eam|[Aa]dministrator|verified account)\b",
        "Claims an office",
        "Claims to speak for somebody else.",
    ),
}

REPORTS = {
    "harassment": ("this is not about the product", "rude to the seller", "she asked for this to stop"),
    "inauthentic": ("same words everywhere", "I do not think they bought it", "looks like a robot"),
    "off_topic": ("has nothing to do with this", "wrong place", "not what was asked"),
    "trademark": ("is this the real one?", "the maker does not sell this here", "looks like a copy"),
    "misinformation": ("they can't know that", "says more than the label does", "please check this"),
    "hate": ("please have a look", "I am not sure about this one", "could hurt somebody"),
    "spam": ("advertising", "the third one today", "leads to another shop"),
    "doxxing": ("private number", "somebody lives there", "is this meant to be public?"),
    "hidden_characters": ("reads differently when copied", "strange signs in my mail", "the price jumps around"),
    "manipulated_media": ("was turned round", "I know this photo from elsewhere", "not their picture"),
    "impersonation": ("pretends to be the shop", "not the person they say", "name looks odd"),
}
_ANY = ("please have a look", "I am not sure about this one", "does this belong here?")


def matches(item_id: str, names: dict[str, str], rules: tuple[str, ...], most: int = 2) -> list[dict[str, Any]]:
    """A flag for each of `rules` that finds something in the texts `names` (part name → text), at most `most`."""
    found = []
    for rule in rules:
        category, _, pattern, title, explanation = RULES[rule]
        spans = [
            {"part": part, "start": hit.start(), "end": hit.end()}
            for part, text in names.items()
            for hit in re.finditer(pattern, text)
        ]
        if spans:
            found.append(flag(item_id, "rule", category, title, explanation, spans=spans[:6]))
    return numbered(found[:most])


def flag(item_id: str, source: str, category: str, title: str, explanation: str, **fields: Any) -> dict[str, Any]:
    """One flag; `numbered` gives it its id."""
    at = moment(item_id, 0.2 + number("flag", item_id, title, below=90) / 10)
    made = {"source": source, "category": category, "title": title, "explanation": explanation, "at": at}
    return made | {key: value for key, value in fields.items() if value not in ([], None)}


def report(item_id: str, category: str, nth: int = 0) -> dict[str, Any]:
    """A synthetic user report."""
    words = pick(REPORTS.get(category, _ANY), "report", item_id, nth)
    return flag(item_id, "user_report", category, "Sample user report", words)


def numbered(flags: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`flags` with ids f1, f2, …."""
    return [{"flag_id": f"f{n}"} | {k: v for k, v in one.items() if k != "flag_id"} for n, one in enumerate(flags, 1)]


def severity_of(flags: list[dict[str, Any]], floor: int = 1) -> int:
    """The highest severity that a rule behind these flags expects."""
    by_title = {rule[3]: rule[1] for rule in RULES.values()}
    return max([floor, *(by_title.get(one["title"], 1) for one in flags)])
