"""The sizes and shapes a message may have. Every limit of the contract is named here and nowhere else."""

from typing import Annotated

from msgspec import Meta

KIB = 1024
MIB = 1024 * KIB

MAX_BODY = 32 * MIB  # one reply, uncompressed
MAX_DECISIONS = 100  # in one exchange
MAX_UPLOAD = 1 * MIB  # decisions of one exchange, uncompressed; one decision alone may reach it
MAX_PAGE = 500  # changes in one exchange
MAX_CURSOR = 2**52  # a restored service counts on from a station's cursor: half of the numbers of JSON stay for that
MAX_MEDIA = 512 * MIB
MAX_PREVIEW = 1 * MIB
MAX_CHECKED = 1_000  # decisions asked for at once when looking for what became of them
MAX_SEGMENT = 8 * MIB  # one journal segment on its way to the service, before base64
MAX_WAIT_S = 25  # long poll: below the idle limit of common proxies

# In a pattern `$` alone would let a line end through behind the last character.
Id = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@+-]*$(?!\n)")]
Name = Annotated[
    str, Meta(min_length=1, max_length=120, pattern=r"^\S(.*\S)?$(?!\n)")
]  # shown to people: queues, teams
Uuid = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$(?!\n)")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
Base64 = Annotated[str, Meta(max_length=4096, pattern=r"^[A-Za-z0-9+/]*={0,2}$(?!\n)")]
Language = Annotated[str, Meta(min_length=2, max_length=35, pattern=r"^[A-Za-z0-9-]+$(?!\n)")]
Mime = Annotated[str, Meta(min_length=3, max_length=120, pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$(?!\n)")]

Word = Annotated[str, Meta(max_length=120)]
Line = Annotated[str, Meta(max_length=400)]
Note = Annotated[str, Meta(max_length=8_000)]
Text = Annotated[str, Meta(max_length=200_000)]

Severity = Annotated[int, Meta(ge=0, le=4)]
FoundSeverity = Annotated[int, Meta(ge=1, le=4)]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Ordinal = Annotated[int, Meta(ge=1, le=2**53)]
Pixels = Annotated[int, Meta(ge=0, le=200_000)]
PreviewSize = Annotated[int, Meta(ge=1, le=MAX_PREVIEW)]
PreviewPixels = Annotated[int, Meta(ge=1, le=2_000)]
Seconds = Annotated[float, Meta(ge=0, le=1_000_000)]
