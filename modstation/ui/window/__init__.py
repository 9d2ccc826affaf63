"""The window: the panes put together, keys turned into commands, commands into what the desk does."""
