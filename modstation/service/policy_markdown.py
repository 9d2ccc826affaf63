"""One Markdown file of a policy, cut into pieces: headings, listed rules, and the notes that follow a list.

The file is read as CommonMark. What reaches a clause is the subset of paragraphs, lists, emphasis, code and links to
the web; pictures, HTML and comments are dropped.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from modstation.core.problem import Problem

_PARSER = MarkdownIt("commonmark")
_BLOCK_START = re.compile(r"^(#{1,6}|[-+>]|\d{1,9}[.)])(?=\s|$)")
_OWN_NUMBER = re.compile(r"^\d+(\.\d+)*[.)]\s+")
_TEMPLATE = re.compile(r"\{%|\{\{|%\}|\}\}")
_STEPS = ((":", 64), (";", 64), (",", 64), (" ", 72))


class Role(StrEnum):
    """What a piece is."""

    HEADING = "heading"
    RULE = "rule"
    NOTES = "notes"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file, in reading order.

    Attributes:
        depth: 1 for what stands directly in the file, one more beneath each heading.
        name: what its id is made of: the heading, or the words of the rule.
        title: one short line, without markup.
        text: the Markdown subset; may be empty for a heading.
        line: where it starts in the file, from 1.
    """

    role: Role
    depth: int
    name: str
    title: str
    text: str
    line: int


def body(source: str, file: str) -> tuple[dict[str, str], str]:
    """The front matter (its plain ``key: value`` lines) and the text below it, line numbers unchanged.

    Raises:
        Problem: ``policy.front_matter`` when it is opened and never closed.
    """
    lines = source.split("\n")
    if lines[0].rstrip() != "---":
        return {}, source
    for n, line in enumerate(lines[1:], 1):
        if line.rstrip() == "---":
            found = (pair.partition(":") for pair in lines[1:n] if pair[:1].strip())
            front = {key.strip(): value.strip().strip("\"'") for key, _, value in found if value.strip()}
            return front, "\n".join([""] * (n + 1) + lines[n + 1 :])
    raise Problem("policy.front_matter", "The front matter is never closed.", "Add a line of ---.", f"{file}: line 1")


def pieces(text: str, file: str, is_rules: Callable[[str], bool]) -> tuple[str, tuple[Piece, ...]]:
    """Cut `text` into the words before the first heading or rule, and the pieces after them.

    Args:
        text: Markdown without front matter.
        file: its name, for messages.
        is_rules: tells for the heading above (empty at the top of the file) whether each item of a list is a rule.

    Raises:
        Problem: ``policy.template`` for a template mark left in the text, ``policy.empty_clause`` for a heading or a
            rule without words.
    """
    for n, line in enumerate(text.split("\n"), 1):
        if _TEMPLATE.search(line):
            raise Problem(
                "policy.template",
                "A template mark was left in the text.",
                "Name it under [replace] in policy.toml.",
                f"{file}: line {n}",
            )
    return _Cutter(file, is_rules).cut(SyntaxTreeNode(_PARSER.parse(text)))


class _Cutter:
    """Walks the top-level blocks of one file."""

    def __init__(self, file: str, is_rules: Callable[[str], bool]) -> None:
        self._file = file
        self._is_rules = is_rules
        self._found: list[Piece] = []
        self._intro: list[str] = []
        self._open: list[str] = self._intro  # where the next paragraph goes
        self._texts: list[list[str]] = []  # of each piece found
        self._levels: list[int] = []  # of the headings above
        self._heading = ""
        self._line = 0

    def cut(self, root: SyntaxTreeNode) -> tuple[str, tuple[Piece, ...]]:
        for node in root.children:
            self._line = (node.map or (self._line, 0))[0] + 1
            if node.type == "heading":
                self._on_heading(node)
            elif node.type == "bullet_list" and self._is_rules(self._heading):
                self._on_rules(node)
            else:
                self._on_text(node)
        done = tuple(
            Piece(p.role, p.depth, p.name, p.title, "\n\n".join(texts), p.line)
            for p, texts in zip(self._found, self._texts, strict=True)
        )
        return "\n\n".join(self._intro), done

    def _add(self, role: Role, depth: int, name: str, title: str) -> None:
        self._found.append(Piece(role, depth, name, title, "", self._line))
        self._open = []
        self._texts.append(self._open)

    def _on_heading(self, node: SyntaxTreeNode) -> None:
        level = int(node.tag[1])
        while self._levels and self._levels[-1] >= level:
            self._levels.pop()
        self._levels.append(level)
        self._heading = _OWN_NUMBER.sub("", plain(node))
        if not self._heading:
            raise Problem("policy.empty_clause", "A heading has no words.", place=f"{self._file}: line {self._line}")
        self._add(Role.HEADING, len(self._levels), self._heading, self._heading[:400])

    def _on_rules(self, node: SyntaxTreeNode) -> None:
        for item in node.children:
            self._line = (item.map or (self._line, 0))[0] + 1
            words = plain(item)
            if not words:
                raise Problem("policy.empty_clause", "A rule has no words.", place=f"{self._file}: line {self._line}")
            name = _sentence(words.split("\n")[0])
            self._add(Role.RULE, len(self._levels) + 1, name, short_title(item))
            self._open.append(_sentence(blocks(item.children)))

    def _on_text(self, node: SyntaxTreeNode) -> None:
        written = blocks([node])
        if not written:
            return
        if self._found and self._found[-1].role is Role.RULE:
            self._add(Role.NOTES, len(self._levels) + 1, f"{self._heading} notes", "")
        self._open.append(written)


def _sentence(text: str) -> str:
    """A listed rule as a sentence: capital first, no "; or" of the list it stood in, a stop at its end."""
    text = re.sub(r"[;,]?\s*(\b(and|or)\b)?\s*$", "", text).rstrip(";,")
    start = re.match(r"[*_\[]*", text)
    at = start.end() if start else 0
    text = text[:at] + text[at : at + 1].upper() + text[at + 1 :]
    return text if text.endswith((".", "!", "?", ":", "\N{RIGHT DOUBLE QUOTATION MARK}", '"')) else text + "."


def short_title(item: SyntaxTreeNode) -> str:
    """One line for a listed rule: its bold opening words, else its beginning, cut where a phrase ends."""
    for node in item.walk():
        if node.type == "inline":
            leading = [child for child in node.children if child.type != "text" or child.content.strip()]
            if leading and leading[0].type == "strong":
                return plain(leading[0]).rstrip(".:")[:400]
            break
    words = plain(item).split("\n")[0]
    first = re.split(r"(?<=[.!?])\s", words, maxsplit=1)[0]
    first = _sentence(first).rstrip(".")
    for mark, most in _STEPS:
        if len(first) <= most:
            break
        cut = first.rfind(mark, 0, most)
        if cut >= 24:
            return first[:cut].rstrip(" ,;:") + ("" if mark in ":;" else "\N{HORIZONTAL ELLIPSIS}")
    return first[:400]


def plain(node: SyntaxTreeNode) -> str:
    """The words of a node without any markup; nested blocks on lines of their own."""
    if node.type == "inline":
        return "".join(_plain_inline(child) for child in node.children).strip()
    if node.type in {"strong", "em", "link"}:
        return "".join(_plain_inline(child) for child in node.children).strip()
    if node.type == "html_block":
        return ""
    return "\n".join(words for words in map(plain, node.children) if words)


def _plain_inline(node: SyntaxTreeNode) -> str:
    if node.type in {"text", "code_inline"}:
        return node.content
    if node.type in {"softbreak", "hardbreak"}:
        return " "
    if node.type in {"image", "html_inline"}:
        return ""
    return "".join(_plain_inline(child) for child in node.children)


def blocks(nodes: Sequence[SyntaxTreeNode]) -> str:
    """Block nodes as the Markdown subset, with an empty line between them."""
    return "\n\n".join(written for written in (_block(node) for node in nodes) if written)


def _block(node: SyntaxTreeNode) -> str:
    if node.type in {"paragraph", "heading"}:
        written = "".join(_inline(child) for inline in node.children for child in inline.children).strip()
        return _BLOCK_START.sub(lambda found: "\\" + found[0], written)
    if node.type in {"bullet_list", "ordered_list"}:
        first = int(node.attrs.get("start", 1))
        lines = []
        for n, item in enumerate(node.children, first):
            mark = f"{n}. " if node.type == "ordered_list" else "- "
            indented = blocks(item.children).replace("\n", "\n" + " " * len(mark))
            lines.append(mark + re.sub(r"\n +\n", "\n\n", indented))
        return "\n".join(lines)
    if node.type == "blockquote":
        return blocks(node.children)
    if node.type in {"fence", "code_block"}:
        return "\n\n".join(f"`{line}`" for line in node.content.replace("`", "'").splitlines() if line.strip())
    return ""


def _inline(node: SyntaxTreeNode) -> str:
    inner = "".join(_inline(child) for child in node.children)
    target = str(node.attrs.get("href", ""))
    code = f"`{node.content}`" if "`" not in node.content else escape(node.content)
    written = {
        "text": escape(node.content),
        "code_inline": code,
        "strong": f"**{inner.strip()}**" if inner.strip() else "",
        "em": f"_{inner.strip()}_" if inner.strip() else "",
        "link": f"[{inner}]({target})" if target.startswith("https://") and inner else inner,
        "softbreak": " ",
        "hardbreak": " ",
    }
    return written.get(node.type, "")  # pictures and HTML are dropped


def escape(words: str) -> str:
    """Plain words written so that Markdown takes none of them for markup."""
    words = re.sub(r"([\\*`\[\]<]|&(?=#?\w+;))", r"\\\1", words)
    return re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", words)
