"""Every screen and state as a picture: `python -m tests.screenshots build/screenshots [--only NAME]`."""
