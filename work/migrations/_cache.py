"""The cache's table: throttles and lockout counters live in the database, never in the broker."""

FORWARDS = [
    'CREATE TABLE IF NOT EXISTS "cache" (cache_key varchar(255) NOT NULL PRIMARY KEY, '
    "value text NOT NULL, expires timestamptz NOT NULL)",
    'CREATE INDEX IF NOT EXISTS cache_expires ON "cache" (expires)',
]
BACKWARDS = ['DROP TABLE IF EXISTS "cache"']
