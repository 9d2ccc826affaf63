"""The schema, as numbered steps that only ever grow at the end. The database remembers how many it has seen.

Not `sqlite_utils.Migrations`: it stamps rows with a clock of its own, and a number in the file's header
(``user_version``) also answers "is this vault from a newer version?" before anything else is read.
"""

from modstation.store.driver import Database

STEPS: tuple[str, ...] = (
    # 1: the spine
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

    -- What lists show. Narrow, so that the whole queue is read in a few pages; bodies live apart under the same number.
    CREATE TABLE items (
        n INTEGER PRIMARY KEY,
        item_id TEXT NOT NULL UNIQUE,
        rev INTEGER NOT NULL,
        kind TEXT NOT NULL,
        task_kind TEXT NOT NULL,
        queue TEXT NOT NULL,
        language TEXT NOT NULL,
        severity INTEGER NOT NULL,
        category TEXT NOT NULL,
        summary TEXT NOT NULL,
        n_flags INTEGER NOT NULL,
        priority INTEGER NOT NULL,
        estimate_s INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        lease_gen INTEGER NOT NULL,
        granted_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX items_in_order ON items (priority DESC, created_at, item_id, expires_at, estimate_s);
    CREATE TABLE bodies (n INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;
    CREATE TRIGGER items_keep_their_identity BEFORE UPDATE OF n, item_id, kind, queue ON items
    WHEN (OLD.n, OLD.item_id, OLD.kind, OLD.queue) IS NOT (NEW.n, NEW.item_id, NEW.kind, NEW.queue)
    BEGIN SELECT RAISE(ABORT, 'an item keeps its identity'); END;

    CREATE TABLE media (
        media_id TEXT PRIMARY KEY,
        size INTEGER NOT NULL,
        name TEXT NOT NULL UNIQUE,
        key BLOB NOT NULL,
        ready INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX media_not_ready ON media (media_id) WHERE ready = 0;
    CREATE TABLE item_media (
        n INTEGER NOT NULL,
        place INTEGER NOT NULL,
        media_id TEXT NOT NULL REFERENCES media,
        PRIMARY KEY (n, place)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX item_media_by_file ON item_media (media_id, n);

    -- Not foreign keys: those are checked at every insert, which a first sync of thousands of items would feel.
    CREATE TRIGGER items_take_their_parts_along AFTER DELETE ON items
    BEGIN
        DELETE FROM bodies WHERE n = OLD.n;
        DELETE FROM item_media WHERE n = OLD.n;
    END;

    -- Files to unlink and, under the empty name, a log to truncate: done after the commit that deleted the key.
    CREATE TABLE waste (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
    CREATE TRIGGER media_files_go_with_their_keys AFTER DELETE ON media
    BEGIN INSERT OR IGNORE INTO waste VALUES (OLD.name); END;

    CREATE TABLE policies (
        policy_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (policy_id, version)
    ) STRICT;

    CREATE TABLE outbox (
        n INTEGER PRIMARY KEY,
        entry_id TEXT NOT NULL UNIQUE,
        what TEXT NOT NULL CHECK (what IN ('decision', 'skip')),
        item_id TEXT NOT NULL,
        body BLOB NOT NULL,
        summary TEXT NOT NULL,
        kind TEXT NOT NULL,
        decided_at INTEGER NOT NULL,
        send_after INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('held', 'sending', 'returned')),
        seq INTEGER,
        outcome TEXT,
        code TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT '',
        verdict TEXT NOT NULL,
        clauses TEXT NOT NULL,
        policy_id TEXT NOT NULL,
        policy_version INTEGER NOT NULL,
        lease_gen INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX outbox_by_item ON outbox (item_id);
    CREATE UNIQUE INDEX outbox_numbers ON outbox (seq) WHERE seq IS NOT NULL;
    CREATE TRIGGER a_decision_is_never_rewritten
    BEFORE UPDATE OF n, entry_id, what, item_id, body, decided_at ON outbox
    BEGIN SELECT RAISE(ABORT, 'a decision is never rewritten'); END;
    CREATE TRIGGER a_number_is_given_once BEFORE UPDATE OF seq ON outbox
    WHEN OLD.seq IS NOT NULL AND NEW.seq IS NOT OLD.seq
    BEGIN SELECT RAISE(ABORT, 'a number is given once'); END;

    CREATE TABLE history (
        entry_id TEXT PRIMARY KEY,
        item_id TEXT NOT NULL,
        outcome TEXT NOT NULL,
        code TEXT NOT NULL,
        reason TEXT NOT NULL,
        summary TEXT NOT NULL,
        kind TEXT NOT NULL,
        verdict TEXT NOT NULL,
        clauses TEXT NOT NULL,
        policy_version INTEGER NOT NULL,
        seq INTEGER,
        decided_at INTEGER NOT NULL,
        settled_at INTEGER NOT NULL,
        signature TEXT NOT NULL
    ) STRICT;
    CREATE INDEX history_by_time ON history (settled_at DESC, entry_id);
    CREATE INDEX history_by_outcome ON history (outcome);
    CREATE TABLE used (
        clause_id TEXT PRIMARY KEY,
        decided_at INTEGER NOT NULL,
        policy_version INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- Decisions taken back before they were sent: the journal still holds them, and they must not come back.
    CREATE TABLE withdrawn (entry_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

    CREATE TABLE drafts (item_id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;

    -- What is left to do: leased to this station and not decided. Who reads it adds "and not expired".
    CREATE VIEW queue AS
    SELECT n, item_id, priority, created_at, expires_at, estimate_s FROM items
    WHERE item_id NOT IN (SELECT item_id FROM outbox)
    ORDER BY priority DESC, created_at, item_id;
    """,
    # 2: what is to be sent is found without reading what is not, after days offline too
    """
    CREATE INDEX outbox_held ON outbox (send_after, n) WHERE state = 'held';
    CREATE INDEX outbox_sending ON outbox (seq, n) WHERE state = 'sending';
    """,
    # 3: when a clause was last cited is asked at each item, and found without reading the outbox
    """
    CREATE TABLE cited (
        clause_id TEXT NOT NULL,
        decided_at INTEGER NOT NULL,
        n INTEGER NOT NULL,
        policy_version INTEGER NOT NULL,
        PRIMARY KEY (clause_id, decided_at, n)
    ) STRICT, WITHOUT ROWID;
    INSERT OR IGNORE INTO cited SELECT value, decided_at, n, policy_version FROM outbox, json_each(clauses);
    CREATE TRIGGER decisions_cite_their_clauses AFTER INSERT ON outbox
    BEGIN
        INSERT OR IGNORE INTO cited SELECT value, NEW.decided_at, NEW.n, NEW.policy_version FROM json_each(NEW.clauses);
    END;
    CREATE TRIGGER decisions_take_their_citations_along AFTER DELETE ON outbox
    BEGIN
        DELETE FROM cited WHERE decided_at = OLD.decided_at AND n = OLD.n
        AND clause_id IN (SELECT value FROM json_each(OLD.clauses));
    END;
    """,
    # 4: when the item of a decision changes, what was judged is kept until the decision is dealt with or the item goes:
    #    a decision that comes back can then show what has changed. The first change keeps it, later ones do not.
    """
    CREATE TABLE judged (item_id TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT;
    CREATE TRIGGER what_was_judged_is_kept BEFORE UPDATE OF body ON bodies WHEN OLD.body <> NEW.body
    BEGIN
        INSERT OR IGNORE INTO judged SELECT item_id, OLD.body FROM items
        WHERE n = OLD.n AND item_id IN (SELECT item_id FROM outbox WHERE what = 'decision');
    END;
    CREATE TRIGGER decisions_take_what_was_judged_along AFTER DELETE ON outbox
    BEGIN
        DELETE FROM judged WHERE item_id = OLD.item_id;
    END;
    CREATE TRIGGER items_take_what_was_judged_along AFTER DELETE ON items
    BEGIN
        DELETE FROM judged WHERE item_id = OLD.item_id;
    END;
    """,
    # 5: of a decision that does not count: whether the one that does says the same; NULL when nobody said. And what the
    #    service has lost again is counted without reading the whole history.
    """
    ALTER TABLE history ADD COLUMN agrees INTEGER;
    CREATE INDEX history_unprovable ON history (outcome) WHERE code = 'recovery.unprovable';
    """,
    # 6: how many decisions are where is asked at each move, and counted without reading their bodies
    """
    CREATE INDEX outbox_by_state ON outbox (what, state);
    """,
    # 7: to whom a decision handed its item, so that its line says the same once it is answered; empty when to nobody,
    #    and of what was answered before
    """
    ALTER TABLE history ADD COLUMN team TEXT NOT NULL DEFAULT '';
    """,
)

NEWEST = len(STEPS)


def version(db: Database) -> int:
    """How many steps this database has seen."""
    found: int = db.conn.execute("PRAGMA user_version").fetchone()[0]
    return found


def migrate(db: Database, steps: tuple[str, ...] = STEPS) -> int:
    """Bring the database up to date, each step in a transaction of its own.

    Returns:
        How many steps were needed.
    """
    start = version(db)
    for number, step in enumerate(steps[start:], start + 1):
        db.conn.executescript(f"BEGIN IMMEDIATE; {step} PRAGMA user_version = {number}; COMMIT;")
    return len(steps) - start
