"""The marketplace half of the sample: listings, their reviews, and reviews written by hand for the sample."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from desk import HANDLES, SELLERS, author, item, moment, number, pick
from signals import flag, matches, numbered, report, severity_of

N_LISTINGS = 64
N_REVIEWS = 112
NOUNS = {
    "kitchen-accessories": "kitchenware",
    "groceries": "groceries",
    "sports-accessories": "sports gear",
    "smartphones": "a phone",
    "mobile-accessories": "phone accessories",
    "mens-watches": "a wristwatch",
    "womens-watches": "a wristwatch",
    "beauty": "make-up",
    "fragrances": "a fragrance",
    "furniture": "furniture",
    "home-decoration": "home goods",
    "laptops": "a computer",
    "mens-shirts": "clothing",
    "tops": "clothing",
    "womens-dresses": "clothing",
    "mens-shoes": "footwear",
    "womens-shoes": "footwear",
    "motorcycle": "a motor vehicle",
    "vehicle": "a motor vehicle",
    "sunglasses": "eyewear",
    "womens-bags": "a bag",
    "skin-care": "body care",
    "tablets": "a computer",
    "womens-jewellery": "jewellery",
}
_NEGATIVE = ("not", "Poor", "Waste", "disappoint", "Disappoint", "unhappy", "dissatisfied")


def listings(shared: Path) -> list[dict[str, Any]]:
    """Listings that a rule has something to say about, spread over the categories."""
    rows = _rows(shared / "listings.jsonl")
    made = [_listing(row) for row in rows]
    made.sort(key=lambda one: (-len(one["flags"]), number("listing", one["item_id"], below=10**6)))
    by_kind: Counter[str] = Counter()
    kept = []
    for one in made:
        if by_kind[one["summary"]] < 6 and len(kept) < N_LISTINGS:
            by_kind[one["summary"]] += 1
            kept.append(one)
    return sorted(kept, key=lambda one: int(one["item_id"].split("-")[1]))


def reviews(shared: Path) -> list[dict[str, Any]]:
    """Reviews of listings: those where stars and words disagree first, then a mixture."""
    products = {row["source_id"]: row for row in _rows(shared / "listings.jsonl")}
    rows = _rows(shared / "listing_reviews_synthetic.jsonl")
    repeated = Counter(row["text"] for row in rows)
    written_by = Counter(row["author"] for row in rows)
    siblings: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        siblings.setdefault(row["parent"], []).append(row)
    made = [_review(row, products[row["parent"]], siblings[row["parent"]], repeated, written_by) for row in rows]
    made.sort(key=lambda one: (-len(one["flags"]), number("review", one["item_id"], below=10**6)))
    per_text: Counter[str] = Counter()
    kept = []
    for one in made:
        if per_text[one["content"]["text"]] < 7 and len(kept) < N_REVIEWS:
            per_text[one["content"]["text"]] += 1
            kept.append(one)
    return sorted(kept, key=lambda one: [int(part) for part in one["item_id"].split("-")[1:]])


def written(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Reviews written for the sample: longer, with everything a real one may have."""
    made = []
    for n, row in enumerate(rows, 1):
        item_id = f"own-review-{n}"
        content = {
            "kind": "review",
            "text": row["text"],
            "rating": row["rating"],
            "verified": row.get("verified", True),
        }
        content |= {key: row[key] for key in ("title", "answer") if key in row}
        seller = row.get("seller", pick(SELLERS, "seller", item_id))
        content["product"] = {
            "title": row["product"],
            "price": row["price"],
            "currency": row.get("currency", "EUR"),
            "seller": seller,
        }
        names = {key: content[key] for key in ("title", "text", "answer") if key in content}
        rules = ("contact", "outside", "hidden", "insult", "threat", "reward", "link", "health", "claim", "delivery")
        flags = matches(item_id, names, rules)
        first = flags[0]["category"] if flags else "off_topic"
        flags = numbered([*flags, *(report(item_id, first, k) for k in range(row.get("reports", 0 if flags else 1)))])
        handle = pick(HANDLES, "own-review", n)
        context: dict[str, Any] = {"author": author(handle, ("Reviews", str(3 + number(handle, below=60))))}
        if "precedent" in row:
            context["precedents"] = [row["precedent"]]
        made.append(
            item(
                item_id,
                "review",
                content,
                queue="marketplace",
                language=row.get("language", "en"),
                severity=severity_of(flags),
                summary=f"Review of {row['noun']}",
                flags=flags,
                context=context,
                priority=row.get("priority", 3),
                estimate_s=60,
            )
        )
    return made


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _listing(row: dict[str, Any]) -> dict[str, Any]:
    nth = row["source_id"].rsplit("/", 1)[1]
    item_id = f"listing-{nth}"
    fields = [
        ["Discount", f"{row['discountPercentage']} %"],
        ["In stock", str(row["stock"])],
        ["Warranty", row["warrantyInformation"]],
        ["Shipping", row["shippingInformation"]],
        ["Returns", row["returnPolicy"]],
        ["Smallest order", str(row["minimumOrderQuantity"])],
        ["Article number", row["sku"]],
    ]
    if row.get("brand"):
        fields.insert(0, ["Brand", row["brand"]])
    title, text = row["title"], row["description"]
    flags = matches(item_id, {"title": title, "text": text}, ("brand", "claim"))
    place = {name: n for n, (name, _) in enumerate(fields)}
    if row["discountPercentage"] >= 15:
        part = {"part": f"fields.{place['Discount']}", "start": 0, "end": len(fields[place["Discount"]][1])}
        words = "Offered for at least 15 % less than its list price."
        flags.append(flag(item_id, "rule", "advertising", "Steep discount", words, spans=[part]))
    if row["returnPolicy"] == "No return policy":
        part = {"part": f"fields.{place['Returns']}", "start": 0, "end": len(row["returnPolicy"])}
        words = "Names no right to return the goods."
        flags.append(flag(item_id, "rule", "illicit", "Returns", words, spans=[part]))
    if not flags or (len(flags) < 2 and number("report", item_id, below=3) == 0):
        flags.append(report(item_id, "trademark" if row.get("brand") else "misinformation"))
    noun = NOUNS[row["category"]].removeprefix("a ")
    seller = pick(SELLERS, "seller", item_id)
    context = {"author": author(seller, ("Stars of this listing", str(row["rating"])), ("Listings", "1"))}
    if number("precedent", item_id, below=9) == 0 and flags:
        context["precedents"] = [_precedent(item_id, f"Listing: {noun}", flags[0]["category"])]
    return item(
        item_id,
        "listing",
        {
            "kind": "listing",
            "product": {"title": title, "price": str(row["price"]), "currency": "USD", "seller": seller},
            "text": text,
            "fields": fields,
        },
        queue="marketplace",
        severity=severity_of(flags),
        summary=f"Listing: {noun}",
        flags=numbered(flags[:3]),
        context=context,
        estimate_s=45,
    )


def _precedent(item_id: str, title: str, category: str) -> dict[str, Any]:
    """A synthetic earlier decision."""
    stays = number("stays", item_id, below=2) == 0
    return {
        "title": f"{title} (sample)",
        "verdict": "no violation" if stays else "violation",
        "clause": "" if stays else {"trademark": "15.1 Misleading use of a mark"}.get(category, "1.10 Advertising"),
        "note": "The maker sells through this shop." if stays else "The shop could not name its source.",
        "at": moment(item_id, -24.0 * 9),
    }


def _review(
    row: dict[str, Any],
    product: dict[str, Any],
    siblings: list[dict[str, Any]],
    repeated: Counter[str],
    written_by: Counter[str],
) -> dict[str, Any]:
    _, _, parent, _, nth = row["source_id"].split("/")
    item_id = f"review-{parent}-{nth}"
    text, stars = row["text"], row["rating"]
    flags = matches(item_id, {"text": text}, ("delivery",))
    negative = any(word in text for word in _NEGATIVE)
    if (negative and stars >= 4) or (not negative and stars <= 2):
        words = f"The words sound {'bad' if negative else 'good'}, but {stars} of 5 stars were given."
        flags.insert(0, flag(item_id, "rule", "inauthentic", "Stars and words disagree", words))
    others = repeated[text] - 1
    if others >= 30:
        words = f"The same words stand in {others} other reviews."
        whole = [{"part": "text", "start": 0, "end": len(text)}]
        flags.append(flag(item_id, "rule", "spam", "Repeated text", words, spans=whole))
    if number("report", item_id, below=4) == 0 or not flags:
        flags.append(report(item_id, "inauthentic"))
    around = [
        {"author": other["author"], "text": other["text"], "at": other["date"].replace(".053Z", "Z")}
        for other in siblings
        if other is not row
    ]
    noun = NOUNS[product["category"]]
    context: dict[str, Any] = {
        "before": around[:1],
        "after": around[1:],
        "author": author(row["author"], ("Reviews in this sample", str(written_by[row["author"]]))),
    }
    return item(
        item_id,
        "review",
        {
            "kind": "review",
            "text": text,
            "rating": stars,
            "verified": number("verified", item_id, below=3) > 0,
            "product": {
                "title": product["title"],
                "price": str(product["price"]),
                "currency": "USD",
                "seller": pick(SELLERS, "seller", f"listing-{parent}"),
            },
        },
        queue="marketplace",
        severity=1,
        summary=f"Review of {noun}",
        flags=numbered(flags[:3]),
        context=context,
        estimate_s=25,
    )
