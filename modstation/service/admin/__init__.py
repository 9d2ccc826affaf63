"""``modstation admin``: what the people who run a service do on its command line."""
