"""The only place where wire types become core objects and back.

Both sides name their fields alike, so one walk serves every type; `tests/wire` holds the pairs against each other.
Beyond what types can say, an item is checked for sense here: spans inside their text, unique flags.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast, get_args, get_type_hints

import msgspec

from modstation.core import content as core_content
from modstation.core import decision as core_decision
from modstation.core import item as core_item
from modstation.core import policy as core_policy
from modstation.core import receipt as core_receipt
from modstation.core.problem import Problem
from modstation.wire import content, decision, item, policy

T = TypeVar("T")

_TWINS = (
    (content, core_content, "Preview Media Author Post Product TextPost Comment Conversation Listing ProductReview"),
    (content, core_content, "Image Video Audio Document Profile"),
    (item, core_item, "Span Flag Precedent Context Parameter Action Review FirstDecision Appeal Claim Dispute"),
    (item, core_item, "Ticket SpotCheck Practice Calibration Item Lease"),
    (policy, core_policy, "Example Clause Policy"),
    (decision, core_decision, "TextSpan ImageRegion TimeRange Finding ChosenAction FlagVerdict Escalation"),
    (decision, core_decision, "Draft Decision"),
    (decision, core_receipt, "Receipt"),
)

PAIRS: tuple[tuple[type[msgspec.Struct], type], ...] = tuple(
    (getattr(ours, name), getattr(theirs, name)) for ours, theirs, names in _TWINS for name in names.split()
)
"""Every wire type and the core type it stands for; the two share a name and the names of their fields."""

_Table = dict[type, tuple[type, tuple[tuple[str, bool], ...]]]


def _fields(wire_type: type[msgspec.Struct]) -> tuple[tuple[str, bool], ...]:
    """The fields of a pair, and whether there may be something to translate inside."""
    hints = get_type_hints(wire_type)
    return tuple((name, _holds_struct(hints[name])) for name in wire_type.__struct_fields__)


def _holds_struct(hint: Any) -> bool:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return True
    return any(_holds_struct(inside) for inside in get_args(hint))


_CORE_OF: _Table = {w: (c, _fields(w)) for w, c in PAIRS}
_WIRE_OF: _Table = {c: (w, _fields(w)) for w, c in PAIRS}


def _walk(value: Any, table: _Table) -> Any:
    if type(value) is tuple:
        return tuple([_walk(part, table) for part in value]) if value else value
    found = table.get(type(value))
    if found is None:
        return value
    target, fields = found
    return target(*[_walk(getattr(value, name), table) if deep else getattr(value, name) for name, deep in fields])


def _decoder(wire_type: type) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(wire_type, strict=True)


_DECODERS = {
    core_item.Item: _decoder(item.Item),
    core_item.Lease: _decoder(item.Lease),
    core_policy.Policy: _decoder(policy.Policy),
    core_decision.Decision: _decoder(decision.Decision),
    core_decision.Draft: _decoder(decision.Draft),
    core_receipt.Receipt: _decoder(decision.Receipt),
}
_ENCODER = msgspec.json.Encoder(order="deterministic")


def to_core(value: msgspec.Struct) -> Any:
    """The core object a wire struct stands for."""
    return _walk(value, _CORE_OF)


def to_wire(value: object) -> Any:
    """The wire struct for a core object."""
    return _walk(value, _WIRE_OF)


def dump(value: object) -> bytes:
    """A core object as JSON bytes; equal objects give equal bytes."""
    return _ENCODER.encode(to_wire(value))


def load(core_type: type[T], body: bytes | memoryview) -> T:
    """Parse JSON bytes strictly into a core object.

    Raises:
        Problem: ``wire.malformed`` with the place of the first thing that does not fit; ``wire.senseless`` when the
            types fit but the content contradicts itself.
    """
    parsed = strictly(_DECODERS[core_type].decode, body)
    loaded = to_core(parsed)
    if isinstance(loaded, core_item.Item):
        check_item(loaded.flags, loaded.content)
    elif isinstance(loaded, core_policy.Policy):
        _check_policy(loaded)
    return cast(T, loaded)


def strictly(decode: Callable[[bytes | memoryview], T], body: bytes | memoryview) -> T:
    """Run a msgspec decoder; its complaint becomes a `Problem` with a place.

    Raises:
        Problem: ``wire.malformed``.
    """
    try:
        return decode(body)
    except UnicodeDecodeError as error:
        raise Problem("wire.malformed", "It is not UTF-8.", place=f"byte {error.start}") from None
    except (msgspec.DecodeError, RecursionError) as error:
        what, _, place = str(error).partition(" - at `")
        raise Problem("wire.malformed", what, place=place.rstrip("`").removeprefix("$.")) from None


def check_item(flags: Sequence[item.Flag | core_item.Flag], content: core_content.Content) -> None:
    """What types can't say about an item: its flags have ids of their own, spans lie in their text, the focus is there.

    Raises:
        Problem: ``wire.senseless``.
    """
    seen = {flag.flag_id for flag in flags}
    if len(seen) != len(flags):
        ids = [flag.flag_id for flag in flags]
        again = next(n for n, flag_id in enumerate(ids) if flag_id in ids[:n])
        raise Problem("wire.senseless", "Two flags have the same id.", place=f"flags[{again}].flag_id")
    named = core_content.parts(content) if any(flag.spans for flag in flags) else {}
    for n, flag in enumerate(flags):
        spans: Sequence[item.Span | core_item.Span] = flag.spans
        for m, span in enumerate(spans):
            if not 0 <= span.start < span.end <= len(named.get(span.part, "")):
                raise Problem("wire.senseless", "A span lies outside its text.", place=f"flags[{n}].spans[{m}]")
    if isinstance(content, core_content.Conversation) and content.focus >= len(content.posts):
        raise Problem("wire.senseless", "The focus names no post.", place="content.focus")


def _check_policy(loaded: core_policy.Policy) -> None:
    if len(loaded.by_id) != len(loaded.clauses):
        raise Problem("wire.senseless", "Two clauses have the same id.", place="clauses")
    if loaded.accepts_from > loaded.version:
        raise Problem("wire.senseless", "A version can't demand a later one.", place="accepts_from")
