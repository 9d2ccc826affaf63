"""Storage that fails on purpose: every write, sync and rename once, every bit, and death at named places."""
