"""The screens: PySide6, and the only room that knows it.

Widgets here are presentational. They are given frozen objects of the core and say by signals what a person wants.
"""
