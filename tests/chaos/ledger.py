"""What was promised and what came of it, in a database of the test's own that nothing of ours can touch."""
import sqlite3
import threading

SCHEMA = """
CREATE TABLE promised (at REAL NOT NULL, key TEXT NOT NULL, id INTEGER NOT NULL, kind TEXT NOT NULL,
                       status TEXT NOT NULL, verdict TEXT NOT NULL, output TEXT, PRIMARY KEY (key, id));
CREATE TABLE seen (id INTEGER NOT NULL, at REAL NOT NULL, status TEXT, verdict TEXT, output TEXT, completed_at TEXT,
                   attempts INTEGER);
CREATE TABLE told (id INTEGER NOT NULL, at REAL NOT NULL, webhook TEXT, body BLOB, verdict TEXT);
CREATE TABLE refused (at REAL NOT NULL, what TEXT, status INTEGER, body TEXT);
CREATE TABLE deed (at REAL NOT NULL, what TEXT NOT NULL);
"""

# name -> rows that must not be there. A result was *seen* by whoever waited, and once more at the end.
FAULTS = {
    "acknowledged twice under two ids": "SELECT key, group_concat(id) FROM promised GROUP BY key HAVING count(*) > 1",
    "one id for two submissions": "SELECT id, group_concat(key) FROM promised GROUP BY id HAVING count(*) > 1",
    # Whoever asks with a key asks until it is acknowledged.
    "run for nobody: a key made two of it": "SELECT DISTINCT id FROM told WHERE id NOT IN (SELECT id FROM promised)",
    "lost: no result": "SELECT key, id FROM promised WHERE id NOT IN (SELECT id FROM seen)",
    "judged twice: the result changed": """
        SELECT id, count(DISTINCT status || verdict || ifnull(output, '') || completed_at) AS results FROM seen
        GROUP BY id HAVING results > 1""",
    "wrong result": """
        SELECT p.id, p.kind, p.verdict, s.status, s.verdict, s.output FROM promised p JOIN seen s USING (id)
        WHERE s.status <> p.status OR s.verdict <> p.verdict OR p.output IS NOT NULL AND s.output IS NOT p.output""",
    "webhook never came": "SELECT id FROM promised WHERE id NOT IN (SELECT id FROM told)",
    "webhook with two ids": "SELECT id, group_concat(DISTINCT webhook) FROM told GROUP BY id "
                            "HAVING count(DISTINCT webhook) > 1",
    "webhook with two bodies": "SELECT id FROM told GROUP BY id HAVING count(DISTINCT body) > 1",
    "webhook id used twice": "SELECT webhook FROM told GROUP BY webhook HAVING count(DISTINCT id) > 1",
    "webhook tells another verdict": """
        SELECT DISTINCT p.id, p.verdict, t.verdict FROM promised p JOIN told t USING (id)
        WHERE p.verdict <> t.verdict""",
    "answers that are none of the documented": "SELECT what, status, body FROM refused WHERE status <> 503",
}
TWICE = ["acknowledged twice under two ids", "run for nobody: a key made two of it", "judged twice: the result changed"]


class Ledger:
    """Thread-safe."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.database.executescript("PRAGMA synchronous=OFF;" + SCHEMA)

    def note(self, table, *values):
        with self.lock:
            self.database.execute(f"INSERT OR IGNORE INTO {table} VALUES ({','.join('?' * len(values))})", values)

    def ask(self, sql, *values):
        with self.lock:
            return self.database.execute(sql, values).fetchall()

    def count(self, sql):
        return self.ask(f"SELECT count(*) FROM ({sql})")[0][0]

    def latest(self, table):
        return self.ask(f"SELECT max(at) FROM {table}")[0][0]

    def faults(self):
        """{name: rows}, of those that there are."""
        found = {name: self.ask(sql) for name, sql in FAULTS.items()}
        return {name: rows for name, rows in found.items() if rows}

    def summary(self):
        deeds = self.ask("SELECT what, count(*) FROM deed GROUP BY what ORDER BY what")
        return {
            "deeds": {what: count for what, count in deeds},
            "kills": sum(count for what, count in deeds if what.startswith("kill") or ": kill" in what),
            "acknowledged": self.count("SELECT DISTINCT key FROM promised"),
            "lost": self.count(FAULTS["lost: no result"]),
            "twice": sum(self.count(FAULTS[name]) for name in TWICE),
            "wrong": self.count(FAULTS["wrong result"]),
            "webhooks": self.count("SELECT DISTINCT id FROM told"),
            "webhooks repeated": self.count("SELECT 1 FROM told") - self.count("SELECT DISTINCT id FROM told"),
            "tried more than once": self.count("SELECT DISTINCT id FROM seen WHERE attempts > 1"),
            "tries of one at most": self.ask("SELECT max(attempts) FROM seen")[0][0],
            "refused with 503": self.count("SELECT 1 FROM refused WHERE status = 503"),
        }
