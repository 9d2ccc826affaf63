"""The decision bar: the decision being composed, as a sentence, and the controls that finish it."""

from modstation.ui.decide.bar import DecisionBar

__all__ = ["DecisionBar"]
