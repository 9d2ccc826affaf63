"""The contract between station and service, version 1.

Strict msgspec types: an unknown field, an unknown kind, a wrong type or an oversized value is refused with a code and a
place. `translate` turns them into core objects and back; nothing past this package sees JSON.
"""

PROTOCOL = 1
