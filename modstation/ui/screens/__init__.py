"""What fills the window when the desk does not: first run, unlock, problems, what came back, the outbox, settings."""
