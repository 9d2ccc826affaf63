"""The network's side: one exchange that pulls and pushes, the media fetch, and the engine that runs them.

It meets the person's side in the database only; `app` joins the two by callables.
"""
