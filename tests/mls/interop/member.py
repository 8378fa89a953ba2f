"""What a conversation asks of a member, whichever implementation holds it: one `Member` per person, one `Peer` per kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from cordiale.mls.extension import Extension
from cordiale.mls.proposal import PskId
from cordiale.mls.tree import RatchetTree
from cordiale.vocab.identifier import LeafIndex


class Side(Enum):
    """Who made or consumed something."""

    OURS = auto()
    THEIRS = auto()


class Ability(Enum):
    """What not every implementation, or not every binding, lets its caller do."""

    AUTHENTICATED_DATA = auto()
    """Chooses the authenticated data that it sends and shows what it receives."""
    PROPOSE_UPDATE = auto()
    PRE_SHARED_KEYS = auto()
    PROPOSE_EXTENSIONS = auto()
    COMMIT_EXTENSIONS = auto()
    LEAVES_OUT = auto()
    """As a committer, leaves out waiting proposals that cannot stand together, rather than failing."""
    MIXED_COMMIT = auto()
    """Adds and removes in one commit."""
    TALKS_WHILE_PROPOSALS_WAIT = auto()
    """RFC 9420 §12.4 asks for a commit first; some enforce it."""
    PRIVATE_EXTENSIONS = auto()
    """Its leaf lists our private extension types."""
    SEES_ITSELF_REPLACED = auto()
    """Knows that it is out although the commit put somebody else at its leaf (RFC 9420 §12.3)."""
    READS_THE_DEPARTED = auto()
    """Opens a late message of a member who has left since."""
    OUTLIVES_FORGERY = auto()
    """RFC 9420 §9.2: a key is spent when a message opens, not when a forged one fails to."""
    JOIN_FROM_OUTSIDE = auto()
    PRIVATE_HANDSHAKES = auto()
    """Makes them; everybody reads them."""


@dataclass(frozen=True)
class Target:
    """Somebody to remove."""

    name: str
    leaf: LeafIndex


@dataclass(frozen=True)
class Manner:
    """How a handshake is framed."""

    authenticated_data: bytes = b""
    in_private: bool = False
    """As a PrivateMessage (RFC 9420 §6.3)."""


@dataclass(frozen=True)
class Wish:
    """What a commit shall bring beside the proposals that wait."""

    add: Sequence[bytes] = ()
    remove: Sequence[Target] = ()
    extensions: tuple[Extension, ...] | None = None
    psks: Sequence[PskId] = ()
    tree_inside: bool = True
    manner: Manner = Manner()


@dataclass(frozen=True)
class Made:
    """A commit; `tree` goes beside a Welcome that does not carry it."""

    message: bytes
    welcome: bytes | None
    tree: bytes | None


@dataclass(frozen=True)
class View:
    """One member's epoch. What its implementation does not show is `None`."""

    exported: bytes
    tree: bytes
    epoch: int | None
    context: bytes | None
    authenticator: bytes | None
    members: tuple[tuple[int, str], ...] | None


@dataclass(frozen=True)
class Question:
    """What to export for comparison (RFC 9420 §8.5)."""

    label: str
    context: bytes
    length: int


class Member(Protocol):
    """One person's group in some implementation. What it refuses raises its peer's `refusal`."""

    @property
    def name(self) -> str:
        """Unique in a conversation, and the identity in its basic credential."""
        ...

    @property
    def side(self) -> Side:
        """Ours or theirs."""
        ...

    @property
    def can(self) -> frozenset[Ability]:
        """What this member can be asked for."""
        ...

    @property
    def is_out(self) -> bool:
        """Whether a commit that it processed removed it."""
        ...

    def key_package(self) -> bytes:
        """A fresh one, as an MLSMessage; its private half is kept."""
        ...

    def found(self, group_id: bytes) -> None:
        """A new group with oneself in it."""

    def join(self, welcome: bytes, tree: bytes | None) -> None:
        """By a Welcome to the last key package."""

    def commit(self, wish: Wish) -> Made:
        """Not in force before `adopt`, and forgotten when another commit is processed."""
        ...

    def adopt(self, message: bytes) -> None:
        """The hub took our commit."""

    def process(self, message: bytes) -> None:
        """Another's proposal or commit."""

    def propose_add(self, key_package: bytes, manner: Manner) -> bytes:
        """Waits here, too."""
        ...

    def propose_remove(self, target: Target, manner: Manner) -> bytes:
        """Waits here, too."""
        ...

    def propose_update(self, manner: Manner) -> bytes:
        """A fresh key for one's own leaf."""
        ...

    def propose_psk(self, psk: PskId, manner: Manner) -> bytes:
        """A pre-shared key."""
        ...

    def propose_extensions(self, extensions: tuple[Extension, ...], manner: Manner) -> bytes:
        """Of the group context."""
        ...

    def encrypt(self, plaintext: bytes, authenticated_data: bytes) -> bytes:
        """An application message."""
        ...

    def decrypt(self, message: bytes) -> tuple[bytes, bytes | None, str | None]:
        """Plaintext, authenticated data and the sender's name, as far as shown."""
        ...

    def group_info(self) -> bytes:
        """With the tree and the key for those who join from outside."""
        ...

    def join_from_outside(self, group_info: bytes, authenticated_data: bytes) -> bytes:
        """The external commit, in force after `adopt`."""
        ...

    def view(self, question: Question) -> View:
        """The present epoch."""
        ...


class Peer(Protocol):
    """A kind of member: ours, or another implementation's."""

    @property
    def can(self) -> frozenset[Ability]:
        """What its members can be asked for."""
        ...

    @property
    def refusal(self) -> type[Exception]:
        """What its members raise at a message that they refuse."""
        ...

    def member(self, name: str) -> Member:
        """Somebody new."""
        ...

    def admits(self, tree: RatchetTree) -> bool:
        """Whether its newcomers accept such a tree."""
        ...

    def psk(self, psk_id: bytes, secret: bytes) -> None:
        """A pre-shared key that all its members hold from now on."""
