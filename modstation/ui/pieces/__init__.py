"""Small painted parts that overlays and screens are made of."""
