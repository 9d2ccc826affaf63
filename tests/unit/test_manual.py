"""The manual says what the product does."""

import re

from modstation.session.commands import COMMANDS, Group, shown
from modstation.system import paths

MANUAL = paths.resources() / "manual"


def key_table() -> str:
    """All commands as the manual shows them; put this between its two comments when the commands change."""
    lines = ["| key | left hand | | |", "|---|---|---|---|"]
    for group in Group:
        lines.append(f"| | | **{group.value}** | |")
        lines += [
            f"| `{shown(command.keys)}` | `{shown(command.left_hand)}` | {command.title} | {command.help} |"
            for command in COMMANDS
            if command.group is group
        ]
    return "\n".join(lines)


def test_the_keys_in_the_manual_are_those_of_the_command_table():
    text = (MANUAL / "moderator.md").read_text("utf-8")
    found = re.search(r"<!-- keys:[^\n]*-->\n(.*)\n<!-- end of keys -->", text, re.DOTALL)
    assert found is not None
    assert found[1] == key_table()


def test_every_picture_and_page_that_the_manual_points_at_is_there():
    for page in MANUAL.glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
            assert (MANUAL / target).is_file(), f"{page.name} points at {target}"
