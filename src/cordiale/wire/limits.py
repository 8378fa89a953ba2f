"""Every declared limit, with its unit. Tested as constants and at each edge that enforces them."""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

CBOR_DEPTH: Final = 16
"""Containers within containers."""

LABEL_BYTES: Final = 4 * KIB
BINDING_BYTES: Final = 8 * KIB
BODY_BYTES: Final = 8 * MIB
"""One MLS message with its framing: a Welcome or GroupInfo of a large room is the largest."""
MESSAGE_BYTES: Final = 512 * KIB
"""One application message, encrypted."""
ENVELOPE_BYTES: Final = BODY_BYTES + 2 * BINDING_BYTES
ENTRY_BYTES: Final = 3 * BINDING_BYTES

TEXT_CHARACTERS: Final = 64 * KIB
TOPIC_CHARACTERS: Final = 80
MENTIONS: Final = 64
"""People whom one message mentions."""
FILE_CHUNK_BYTES: Final = 256 * KIB
FILE_BYTES: Final = 256 * MIB

ROOM_MEMBERS: Final = 10_000
ROOM_NATIONS: Final = 30
HEADS: Final = ROOM_NATIONS
COUNT_MOST: Final = 2**40
"""Messages of one nation in one room: what a counter may reach."""

BATCH_ENTRIES: Final = 256
"""Entries in one replication or sync answer."""
BATCH_BYTES: Final = 16 * MIB
BORDER_PAGE: Final = 1_024
"""Entries of a border log that an agent gets at once."""
REQUEST_BYTES: Final = BATCH_BYTES + MIB

CHAIN_CERTIFICATES: Final = 3
CERTIFICATE_BYTES: Final = 8 * KIB
POLICY_BYTES: Final = MIB
CARD_BYTES: Final = 64 * KIB
MARITIME_AREAS_BYTES: Final = 64 * MIB
BUNDLE_BYTES: Final = 32 * MIB
KEY_PACKAGE_BYTES: Final = 32 * KIB
KEY_PACKAGES_STORED: Final = 100
"""Per device."""

LONG_POLL_SECONDS: Final = 25
SIGNATURE_WINDOW_SECONDS: Final = 300
"""How far a request's `created` may be from the receiver's clock."""
DEVICE_REQUESTS_PER_SECOND: Final = 200
PEER_REQUESTS_PER_SECOND: Final = 400

PAST_EPOCHS: Final = 5
PAST_EPOCHS_MOST: Final = 64
"""What a group's own policy may raise `PAST_EPOCHS` to."""
CLAIMED_GENERATIONS: Final = 64
"""Message numbers that a device may claim of its node at once; a restart gives up the rest of them."""
EPOCHS_AHEAD: Final = 64
"""How many epochs ahead of what is known a message is kept waiting."""

MLS_EXTENSION_BYTES: Final = 64 * KIB
MLS_CHAIN_CERTIFICATES: Final = 8
MLS_BINDINGS: Final = 4
"""In a multi-credential."""
MLS_LIFETIME_SECONDS: Final = 366 * 24 * 3_600
"""What a key package that somebody is added by may be valid for in all (RFC 9420 §7.2)."""
MLS_PROPOSALS: Final = 1_024
"""In one commit, or waiting in one epoch."""
MLS_ROOM_BYTES: Final = 64 * MIB
"""A ratchet tree, or the group info or Welcome that holds it: some 27 MB for `ROOM_MEMBERS` in the hybrid suite, before their
certificates."""
MLS_STATE_BYTES: Final = 256 * MIB
"""One member's encoded state; read back only from its own encrypted store."""
MLS_FORWARD_GENERATIONS: Final = 4_096
"""How far one sender's message may be ahead of the last one read; each step costs one derivation."""
MLS_KEPT_GENERATIONS: Final = 1_024
"""How far behind a message may come: keys of older generations that were skipped are erased."""
MLS_PADDING_FLOOR: Final = 256
MLS_PADDING_STEP: Final = 4 * KIB
"""A message's content is padded to a power of two from the floor up to the step, then to multiples of the step."""

NAME_CHARACTERS: Final = 64
"""In the name of a record's type or field."""
RECORD_FIELDS: Final = 128
ACT_BYTES: Final = 240 * KIB
"""One signed act, before it is encrypted."""
ACTS_PER_RECORD: Final = 10_000
"""What one record may gather; a record that needs more is superseded by a new one."""
SHAPE_POINTS: Final = 1_000
"""In one ring or line of a record."""
LIST_ITEMS: Final = 1_000

LIST_BYTES: Final = 256 * MIB
"""A published list of sanctions, unpacked."""
