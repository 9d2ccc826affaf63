"""The trade in plain Python: items, policies, decisions, leases, planning, exposure.

Standard library only. No clock, no randomness, no files, no network: whatever depends on them comes in as an argument.
"""
