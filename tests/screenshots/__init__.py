"""Every screen and state as a picture, to be looked at: `python -m tests.screenshots build/screenshots [--only NAME]`."""
