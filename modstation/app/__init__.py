"""The composition root: the only room that knows everybody. It opens the vault, joins the halves, and quits cleanly."""
