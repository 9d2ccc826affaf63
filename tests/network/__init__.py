"""The station and the service with a bad network between them: a proxy that spoils, and what comes of it."""
