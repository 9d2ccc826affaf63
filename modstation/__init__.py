"""ModStation: a desktop workstation for people who moderate content from home."""

__version__ = "0.1.0"
