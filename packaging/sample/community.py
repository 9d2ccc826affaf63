"""The community half of the sample: short texts in ten languages, threads, comments, texts and profiles by hand."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import baseline
from desk import HANDLES, author, item, number, pick
from signals import flag, matches, numbered, report, severity_of

HARMLESS = ("ident_neutral_nh", "ident_pos_nh", "target_obj_nh")
LANGUAGES = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "th": "Thai",
    "zh": "Chinese",
    "mul": "several languages",
}
# Read one by one and left out: crude words, a slur, words that could hurt when they stand alone.
LEFT_OUT_TEXTS = {
    "mhc/spanish-2831",
    "mhc/spanish-2145",
    "mhc/hindi-2164",
    "mhc/hindi-2711",
    "mhc/hindi-2303",
    "mhc/hindi-2288",
    "mhc/polish-2871",
    "mhc/arabic-2300",
}
# Read one by one and left out: rude, or advances that a sample does not need.
LEFT_OUT_COMMENTS = {96, 97, 115, 119, 145, 192, 193, 194, 195, 196, 197, 199, 211, 215, 220, 230, 235, 268, 305, 307}
FIRST_THREAD = 151  # from here on the posts describe places and seasons
MOST_TEXTS = 14  # of one language


def texts(shared: Path) -> list[dict[str, Any]]:
    """Harmless texts of Multilingual HateCheck, each with the baseline's out-of-fold score."""
    rows = [json.loads(line) for line in (shared / "multilingual_hatecheck_sample.jsonl").read_text().splitlines()]
    scored = baseline.scores(
        [row["text"] for row in rows], [row["gold"] == "hateful" for row in rows], [row["language"] for row in rows]
    )
    per_language: Counter[str] = Counter()
    made = []
    for row, score in zip(rows, scored, strict=True):
        harmless = row["gold"] == row["annotated_majority"] == "non-hateful" and row["functionality"] in HARMLESS
        if not harmless or row["source_id"] in LEFT_OUT_TEXTS or per_language[row["language"]] >= MOST_TEXTS:
            continue
        per_language[row["language"]] += 1
        made.append(_text(row, score))
    return made


def _text(row: dict[str, Any], score: baseline.Score) -> dict[str, Any]:
    name, _, nth = row["source_id"].removeprefix("mhc/").partition("-")
    item_id = f"text-{name}-{nth}"
    text = row["text"].strip()
    spans = [{"part": "text", "start": score.span[0], "end": score.span[1]}] if score.span else []
    above = score.value >= baseline.THRESHOLD
    words = "Character n-grams, trained for this sample; often wrong." + (
        "" if above else " Below its threshold: the item came by another way."
    )
    flags = [
        flag(
            item_id,
            "classifier",
            "hate",
            "Hate speech baseline",
            words,
            score=score.value,
            threshold=baseline.THRESHOLD,
            spans=spans if above else [],
        )
    ]
    if not above or number("report", item_id, below=4) == 0:
        flags.append(report(item_id, "hate"))
    handle = pick(HANDLES, "text", item_id)
    return item(
        item_id,
        "post",
        {"kind": "text", "text": text},
        queue="community",
        language=row["language"],
        severity=2 if above else 1,
        category="hate",
        summary=f"Text post, {LANGUAGES[row['language']]}",
        flags=numbered(flags),
        context={"author": author(handle, ("Posts", str(5 + number(handle, below=400))))},
        estimate_s=30,
    )


def threads(shared: Path) -> list[dict[str, Any]]:
    """Posts with their comments: whole threads, single comments with what they answer, posts that nobody answered."""
    made = []
    for line in (shared / "threads_synthetic.jsonl").read_text().splitlines():
        row = json.loads(line)
        nth = int(row["source_id"].rsplit("/", 1)[1])
        if nth < FIRST_THREAD:
            continue
        row["comments"] = [c for c in row["comments"] if int(c["source_id"].rsplit("/", 1)[1]) not in LEFT_OUT_COMMENTS]
        if not row["comments"]:
            made.append(_post(row, nth))
        elif len(row["comments"]) == 1 and nth % 3 == 0:
            made.append(_comment(row, nth))
        else:
            made.append(_thread(row, nth))
    return made


def _person(number_in_source: int) -> str:
    return HANDLES[number_in_source % len(HANDLES)]


def _post(row: dict[str, Any], nth: int) -> dict[str, Any]:
    item_id = f"post-{nth}"
    text = row["text"]
    flags = matches(item_id, {"title": row["title"], "text": text}, ("claim", "looks"), most=1)
    flags = numbered([*flags, report(item_id, flags[0]["category"] if flags else "off_topic")])
    return item(
        item_id,
        "post",
        {"kind": "text", "title": row["title"], "text": text},
        queue="community",
        severity=1,
        summary="Text post, English",
        flags=flags,
        context={"author": author(_person(row["author_id"]), ("Topics", ", ".join(row["tags"])))},
        estimate_s=35,
    )


def _comment(row: dict[str, Any], nth: int) -> dict[str, Any]:
    item_id = f"comment-{nth}"
    comment = row["comments"][0]
    flags = matches(item_id, {"text": comment["text"]}, ("looks",)) or _shares_no_word(item_id, row, comment, "text")
    flags = numbered([*flags, report(item_id, flags[0]["category"] if flags else "off_topic")])
    return item(
        item_id,
        "comment",
        {"kind": "comment", "text": comment["text"], "on": f"{row['title']}. {row['text']}"},
        queue="community",
        severity=1,
        summary="Comment, English",
        flags=flags,
        context={"author": author(_person(comment["author_id"]), ("Likes of this comment", str(comment["likes"])))},
        estimate_s=30,
    )


def _thread(row: dict[str, Any], nth: int) -> dict[str, Any]:
    item_id = f"thread-{nth}"
    comments = row["comments"]
    posts = [{"author": _person(row["author_id"]), "text": row["text"]}]
    posts += [{"author": _person(c["author_id"]), "text": c["text"], "depth": 1} for c in comments]
    focus, flags = 1, []
    for n, comment in enumerate(comments, 1):
        flags = matches(item_id, {f"posts.{n}": comment["text"]}, ("looks",))
        if flags:
            focus = n
            break
    if not flags:
        flags = _shares_no_word(item_id, row, comments[0], "posts.1")
    if not flags or number("report", item_id, below=2) == 0:
        flags.append(report(item_id, flags[0]["category"] if flags else "off_topic"))
    under_review = comments[focus - 1]
    handle = _person(under_review["author_id"])
    context: dict[str, Any] = {"author": author(handle, ("Likes of this comment", str(under_review["likes"])))}
    if number("precedent", item_id, below=6) == 0:
        context["precedents"] = [
            {
                "title": "Compliment under a post (sample)",
                "verdict": "no violation",
                "note": "Friendly, once, and the author of the post thanked for it.",
            }
        ]
    return item(
        item_id,
        "comment",
        {"kind": "conversation", "title": row["title"], "posts": posts, "focus": focus},
        queue="community",
        severity=severity_of(flags),
        summary=f"Thread, {len(posts)} posts",
        flags=numbered(flags[:3]),
        context=context,
        estimate_s=35 + 5 * len(posts),
    )


def _shares_no_word(item_id: str, row: dict[str, Any], comment: dict[str, Any], part: str) -> list[dict[str, Any]]:
    """A flag when the comment shares no longer word with the post it answers."""

    def words(text: str) -> set[str]:
        return {word.strip(".,!?'").lower() for word in text.split() if len(word) > 4}

    if words(comment["text"]) & words(f"{row['title']} {row['text']}"):
        return []
    whole = [{"part": part, "start": 0, "end": len(comment["text"])}]
    explanation = "Shares no word of five letters or more with the post it answers."
    return [flag(item_id, "rule", "off_topic", "Off topic", explanation, spans=whole)]


def written_texts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Texts, comments and profiles written for the sample: mixed scripts, invisible characters, other tasks."""
    made = []
    for n, row in enumerate(rows, 1):
        item_id = f"own-post-{n}"
        content = row["content"]
        names = {key: content[key] for key in ("title", "name", "text") if key in content}
        names |= {f"fields.{k}": value for k, (_, value) in enumerate(content.get("fields", []))}
        names |= {f"posts.{k}": post["text"] for k, post in enumerate(content.get("posts", []))}
        rules = ("hidden", "contact", "outside", "insult", "threat", "official", "health", "link", "looks")
        flags = matches(item_id, names, rules)
        category = flags[0]["category"] if flags else row.get("category", "off_topic")
        flags = numbered(
            [*flags, *(report(item_id, category, k) for k in range(row.get("reports", 0 if flags else 1)))]
        )
        # Who is told, warned or paused is whoever wrote the post under review, not somebody outside the thread.
        under_review = content["posts"][content["focus"]]["author"] if "posts" in content else ""
        handle = content.get("handle") or under_review or pick(HANDLES, "own-post", n)
        context: dict[str, Any] = {"author": author(handle, ("Posts", str(2 + number(handle, below=300))))}
        context |= {key: row[key] for key in ("before", "after") if key in row}
        more = {"task": row["task"]} if "task" in row else {}
        made.append(
            item(
                item_id,
                {"profile": "profile", "comment": "comment"}.get(content["kind"], "post"),
                content,
                queue="community",
                language=row["language"],
                severity=severity_of(flags),
                category=category,
                summary=row.get("summary", f"Text post, {LANGUAGES[row['language']]}"),
                flags=flags,
                context=context,
                priority=3,
                estimate_s=50,
                **more,
            )
        )
    return made
