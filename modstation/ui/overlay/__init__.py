"""What opens over the window and goes away again: palette, key sheet, pickers, cover. Never a modal dialog."""
