"""The node's tables.

`entry.place` is `log.number << 40 | offset`: one integer key per entry, so that a log is read and grown in sequence
within a single tree. `entry.digest` is the SHA-256 of the leaf (how proofs find it), `entry.hash` its Merkle leaf hash.
`subtree` holds the roots of complete subtrees of 256**level entries, level ≥ 1 (C2SP tlog-tiles). Big values are in
tables with a row id, small ones in tables without.
"""

from typing import Final

VERSION: Final = 1
PLACE_BITS: Final = 40

SCHEMA: Final = """
CREATE TABLE log (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, origin TEXT NOT NULL, size INTEGER NOT NULL,
    frontier BLOB NOT NULL, checkpoint BLOB NOT NULL, cosigned BLOB NOT NULL
) STRICT;
CREATE TABLE entry (
    place INTEGER PRIMARY KEY, leaf BLOB NOT NULL, digest BLOB NOT NULL, hash BLOB NOT NULL
) STRICT;
CREATE INDEX entry_digest ON entry (digest);
CREATE TABLE subtree (
    log INTEGER NOT NULL, level INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL,
    PRIMARY KEY (log, level, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE envelope (
    digest BLOB NOT NULL UNIQUE, data BLOB NOT NULL, room BLOB NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE TABLE chain (digest BLOB NOT NULL UNIQUE, data BLOB NOT NULL) STRICT;

CREATE TABLE device (
    digest BLOB PRIMARY KEY, address TEXT NOT NULL, device TEXT NOT NULL, public_key BLOB NOT NULL,
    revoked INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX device_address ON device (address);
CREATE TABLE revocation (address TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE key_package (number INTEGER PRIMARY KEY, device BLOB NOT NULL, data BLOB NOT NULL) STRICT;
CREATE INDEX key_package_device ON key_package (device);
CREATE TABLE last_resort (device BLOB PRIMARY KEY, data BLOB NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE room (
    id BLOB NOT NULL UNIQUE, parameters BLOB NOT NULL, epoch INTEGER NOT NULL, state BLOB NOT NULL
) STRICT;
CREATE TABLE member (
    room BLOB NOT NULL, public_key BLOB NOT NULL, address TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
    until_epoch INTEGER NOT NULL, PRIMARY KEY (room, public_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_address ON member (address);
CREATE TABLE sequence (
    room BLOB NOT NULL, nation TEXT NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (room, nation)
) STRICT, WITHOUT ROWID;
CREATE TABLE accepted (envelope BLOB PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE link (
    nation TEXT PRIMARY KEY, state TEXT NOT NULL, mine BLOB NOT NULL, theirs BLOB NOT NULL, invited INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
"""
