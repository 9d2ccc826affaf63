"""When Python looks for garbage: between a person's keys, not during one.

Left alone, it looks whenever enough has been made, which is in the middle of showing an item as often as not; a full
search through everything that was ever imported stops the screen for several frames.
"""

import gc

_YOUNG, _MIDDLE, _OLD = 10_000, 50, 1_000  # a net for work without a person, such as a long sync; keys don't reach it


def settle() -> None:
    """Leave alone what stands now and let the rest wait for `tidy`. Once, before any content is in memory.

    Content must come later: what is frozen is never looked at again, and what a locked vault showed has to go.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)


def tidy(*, whole: bool = False) -> None:
    """Look for garbage now, when nobody waits: among what was made lately, or among all there is."""
    gc.collect(2 if whole else 1)
