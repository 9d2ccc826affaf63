"""The person's side: what a person can do (desk, shift, commands) and what screens ask (records, finder, planner)."""
