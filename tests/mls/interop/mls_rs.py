"""Members held by mls-rs, through the Python binding `agentvault-mls-rs-uniffi`.

The binding shows less than the library: one suite (1), no authenticated data, no update proposals, pre-shared keys,
extensions, external commits or epoch authenticator. People are told apart by their basic credential's identity, which
mls-rs requires to be unique in a group (RFC 9420 leaves that to the application). A forged message costs a member of
mls-rs the key of the true one, against RFC 9420 §9.2 (a key is spent by a message that opens): it reads the true one first.
The binding looks up a late message's sender in the present tree and fails where it has left since, so such messages are not
delivered to it.
"""

import mls_rs_uniffi as rs  # pyright: ignore[reportMissingTypeStubs]

from cordiale.mls.extension import Extension
from cordiale.mls.proposal import PskId
from cordiale.mls.tree import RatchetTree
from mls.interop.member import Ability, Made, Manner, Question, Side, Target, View, Wish

SUITE_ID = 1


class RsMember:
    """`mls_rs_uniffi.Client` and its group behind `Member`."""

    side = Side.THEIRS
    can = frozenset({Ability.LEAVES_OUT, Ability.SEES_ITSELF_REPLACED})

    def __init__(self, name: str, *, tree_inside: bool) -> None:
        self.name = name
        self._client = _client(name, tree_inside=tree_inside)
        self.is_out = False
        self._group: rs.Group | None = None

    @property
    def group(self) -> rs.Group:
        assert self._group is not None
        return self._group

    def key_package(self) -> bytes:
        return self._client.generate_key_package_message().to_bytes()

    def found(self, group_id: bytes) -> None:
        self._group = self._client.create_group(group_id)

    def join(self, welcome: bytes, tree: bytes | None) -> None:
        apart = None if tree is None else rs.RatchetTree(bytes=tree)
        self._group = self._client.join_group(apart, rs.Message.from_bytes(welcome)).group

    def commit(self, wish: Wish) -> Made:
        if wish.add:
            made = self.group.add_members([rs.Message.from_bytes(package) for package in wish.add])
        elif wish.remove:
            made = self.group.remove_members([_identity(target) for target in wish.remove])
        else:
            made = self.group.commit()
        welcome = None if made.welcome_message is None else made.welcome_message.to_bytes()
        tree = None if made.ratchet_tree is None else made.ratchet_tree.bytes
        return Made(made.commit_message.to_bytes(), welcome, tree)

    def adopt(self, message: bytes) -> None:
        self.process(message)

    def process(self, message: bytes) -> None:
        received = self.group.process_incoming_message(rs.Message.from_bytes(message))
        if isinstance(received, rs.ReceivedMessage.COMMIT):
            self.is_out = received.effect.is_removed()

    def propose_add(self, key_package: bytes, manner: Manner) -> bytes:
        [message] = self.group.propose_add_members([rs.Message.from_bytes(key_package)])
        return message.to_bytes()

    def propose_remove(self, target: Target, manner: Manner) -> bytes:
        [message] = self.group.propose_remove_members([_identity(target)])
        return message.to_bytes()

    def propose_update(self, manner: Manner) -> bytes:
        raise NotImplementedError

    def propose_psk(self, psk: PskId, manner: Manner) -> bytes:
        raise NotImplementedError

    def propose_extensions(self, extensions: tuple[Extension, ...], manner: Manner) -> bytes:
        raise NotImplementedError

    def encrypt(self, plaintext: bytes, authenticated_data: bytes) -> bytes:
        assert not authenticated_data
        return self.group.encrypt_application_message(plaintext).to_bytes()

    def decrypt(self, message: bytes) -> tuple[bytes, bytes | None, str | None]:
        received = self.group.process_incoming_message(rs.Message.from_bytes(message))
        assert isinstance(received, rs.ReceivedMessage.APPLICATION_MESSAGE)
        return received.data, None, None

    def group_info(self) -> bytes:
        raise NotImplementedError

    def join_from_outside(self, group_info: bytes, authenticated_data: bytes) -> bytes:
        raise NotImplementedError

    def view(self, question: Question) -> View:
        return View(
            epoch=None,
            exported=self.group.export_secret(question.label.encode(), question.context, question.length),
            tree=self.group.export_tree().bytes,
            context=None,
            authenticator=None,
            members=None,
        )


class MlsRs:
    """All members of mls-rs in one conversation. Every other one puts the ratchet tree into its Welcomes."""

    can = RsMember.can
    refusal: type[Exception] = rs.Error  # pyright: ignore[reportAssignmentType]

    def __init__(self) -> None:
        self._made = 0

    def member(self, name: str) -> RsMember:
        self._made += 1
        return RsMember(name, tree_inside=self._made % 2 == 0)

    def admits(self, tree: RatchetTree) -> bool:
        return True

    def psk(self, psk_id: bytes, secret: bytes) -> None:
        """The binding holds none."""


def _client(name: str, *, tree_inside: bool) -> rs.Client:
    storage = rs.client_config_default().group_state_storage
    config = rs.ClientConfig(group_state_storage=storage, use_ratchet_tree_extension=tree_inside)
    return rs.Client(name.encode(), rs.generate_signature_keypair(rs.CipherSuite.CURVE25519_AES128), config)


def _identity(target: Target) -> rs.SigningIdentity:
    """mls-rs finds a member by its credential's identity; the key of the handle does not matter to it."""
    return _client(target.name, tree_inside=True).signing_identity()
