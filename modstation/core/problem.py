"""Errors of the environment or of a person, as opposed to bugs.

A `Problem` has a sentence for the screen and what can be done next. Every other exception is a bug: it travels to the
one top-level handler and is reported.
"""


class Problem(Exception):
    """Something a person can understand and act on.

    Attributes:
        code: stable, machine-readable, dotted: ``vault.wrong_key``.
        title: one short sentence: what is true now.
        advice: one sentence: what to do next; may be empty.
        place: where in the input the trouble is (``line 12: flags[0].score``); may be empty.
    """

    def __init__(self, code: str, title: str, advice: str = "", place: str = "") -> None:
        super().__init__(f"{code}: {title}" + (f" ({place})" if place else ""))
        self.code = code
        self.title = title
        self.advice = advice
        self.place = place
