"""Service and station together on one machine: to try the product, and to prove it without a screen."""
