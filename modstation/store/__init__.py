"""The encrypted cache on this computer: vault, items, policies, outbox, history, drafts, journal, media files.

Every function that takes a `Database` runs inside a unit given to `Writer` when it writes, or on a reader of `Vault`
when it only reads. What they return is core types, bytes and ids: never rows.
"""
