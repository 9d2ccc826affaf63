"""The machine we sit on: paths, clock, keyring, log, local settings."""
