"""What every sample item shares: actions, teams, sample people, times and ids that are the same at every build."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

POLICY = "github-site-policy"
TEAMS = ["legal", "safety", "technical"]
FIRST_DAY = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
DAYS = 5
HANDLES = [
    "amber_lark",
    "ash_mill",
    "birch_14",
    "blue_kettle",
    "brook_hale",
    "cedar_note",
    "clay_pot",
    "copper_wren",
    "dune_grass",
    "elm_lane",
    "fern_loft",
    "fog_lamp",
    "green_door",
    "grey_heron",
    "hazel_k",
    "hill_path",
    "ink_well",
    "ivy_gate",
    "jade_stone",
    "kite_tail",
    "lamp_oil",
    "lark_hill",
    "linen_cap",
    "maple_row",
    "marsh_fern",
    "mint_leaf",
    "moss_bank",
    "nut_brown",
    "oak_leaf",
    "olive_jar",
    "paper_boat",
    "pear_tree",
    "pine_cone",
    "plum_jam",
    "quiet_mill",
    "reed_bed",
    "river_bend",
    "rope_walk",
    "rust_nail",
    "salt_pan",
    "sand_bar",
    "sea_holly",
    "slate_roof",
    "snow_shoe",
    "stone_wall",
    "tall_reed",
    "thistle_9",
    "tin_whistle",
    "wax_seal",
    "willow_b",
    "winter_rye",
    "wood_lark",
    "yarn_ball",
]
SELLERS = [
    "Tallow & Pine",
    "Harbour Goods",
    "North Shelf",
    "Lark & Daughter",
    "Mill Lane Stores",
    "The Tin Door",
    "Quay 7 Trading",
    "Oak & Thimble",
]


def number(*words: object, below: int) -> int:
    """A number from 0 up to `below`, always the same for the same words."""
    return int.from_bytes(hashlib.sha256("|".join(map(str, words)).encode()).digest()[:6]) % below


def pick(options: list[Any] | tuple[Any, ...], *words: object) -> Any:
    """One of `options`, always the same for the same words."""
    return options[number(*words, below=len(options))]


def moment(item_id: str, hours_later: float = 0.0) -> str:
    """When the item was made (or so many hours after), as RFC 3339."""
    at = FIRST_DAY + timedelta(minutes=number("moment", item_id, below=DAYS * 24 * 60))
    return (at + timedelta(hours=hours_later)).isoformat().replace("+00:00", "Z")


def author(handle: str, *facts: tuple[str, str]) -> dict[str, Any]:
    """A sample person: invented, the same at every build."""
    found: dict[str, Any] = {"handle": handle, "since": str(2014 + number("since", handle, below=12))}
    decisions = max(0, number("decisions", handle, below=9) - 5)
    if decisions:
        found["decisions_12_months"] = decisions
        found["strikes"] = min(decisions, number("strikes", handle, below=3))
    if facts:
        found["facts"] = [list(fact) for fact in facts]
    return found


def actions(noun: str) -> list[dict[str, Any]]:
    """What can be done about a `noun` ("review", "post"): the phrases complete the sentence of a decision."""
    days = {"name": "days", "title": "For how long", "options": ["1 day", "7 days", "30 days"]}
    label = {
        "name": "label",
        "title": "Which label",
        "options": ["may mislead", "advertising", "for adults", "generated"],
    }
    team = {"name": "team", "title": "To which team", "options": TEAMS}
    return [
        {
            "action_id": "remove",
            "title": "Remove",
            "phrase": f"remove the {noun}",
            "consequence": "It disappears for everyone; the author is told why and may appeal.",
        },
        {
            "action_id": "restrict",
            "title": "Restrict",
            "phrase": f"restrict the {noun}",
            "consequence": "Only its author still sees it, until it is changed.",
        },
        {
            "action_id": "label",
            "title": "Label",
            "phrase": f"label the {noun}",
            "parameters": [label],
            "consequence": "It stays; whoever sees it reads the label first.",
        },
        {
            "action_id": "warn_author",
            "title": "Warn the author",
            "phrase": "warn the author",
            "consequence": "The author gets a message that names the clause.",
        },
        {
            "action_id": "limit_author",
            "title": "Pause the account",
            "phrase": "pause the account",
            "parameters": [days],
            "consequence": "The author can read and not write.",
        },
        {
            "action_id": "refer",
            "title": "Refer to a team",
            "phrase": "refer it to a team",
            "parameters": [team],
            "consequence": "The team gets it as well, together with your decision.",
        },
        {
            "action_id": "close_account",
            "title": "Close the account",
            "phrase": "close the account",
            "permanence": "irreversible",
            "consequence": "The account and all it has written are deleted.",
        },
    ]


def item(item_id: str, noun: str, content: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An item of the import format; severity and category follow from its flags where `fields` name none."""
    flags = fields.pop("flags")
    made: dict[str, Any] = {
        "item_id": item_id,
        "queue": fields.pop("queue"),
        "policy_id": POLICY,
        "language": fields.pop("language", "en"),
        "severity": fields.pop("severity"),
        "category": fields.pop("category", "") or flags[0]["category"],
        "summary": fields.pop("summary"),
        "created_at": moment(item_id),
        "content": content,
        "flags": flags,
        "context": {key: value for key, value in fields.pop("context", {}).items() if value},
        "actions": actions(noun),
        "teams": TEAMS,
        "priority": fields.pop("priority", 0),
        "estimate_s": fields.pop("estimate_s", 40),
    }
    made["priority"] += made["severity"] * 10
    return made | fields
