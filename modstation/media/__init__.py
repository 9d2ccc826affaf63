"""Hostile files, decoded in a process of their own: data goes in and pixels come back through shared memory."""
