"""The central service: items in, leases out, decisions recorded once, receipts signed.

One process and one SQLite file by default; PostgreSQL by a URL. The code path is the same.
"""
