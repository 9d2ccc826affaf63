"""The person's side: what a person can do (commands) and what screens ask (queries)."""
