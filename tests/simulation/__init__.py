"""The real station and the real service in one process, one seed at a time: network, disk and clocks are injected.

`world` runs a seed, `plan` draws its events, `checks` and `oracle` say what may never happen, `rows` counts how often
each row of the conflict table was met, `mutants` are bugs planted to see the checks work.
"""
