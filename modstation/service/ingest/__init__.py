"""Items from files: strict JSON Lines with media beside them, and converters from other formats."""
