"""Who belongs to this nation: enrolment of devices, key packages, revocation.

A device is enrolled by a certificate that the person's own key signed, under a person's certificate that the root signed. The
node countersigns and logs it; from then on the device may speak.
"""

from typing import Final

from cordiale.crypto import statement
from cordiale.crypto.certificate import Chain, root_key
from cordiale.crypto.digest import sha256
from cordiale.errors import BadCertificate, LimitExceeded, Malformed, NotFound, Revoked
from cordiale.federation.domain import chain_of
from cordiale.federation.room import Notice, parse_parameters
from cordiale.federation.session import home_log
from cordiale.mls.key_package import KeyPackage
from cordiale.node import books, relay
from cordiale.node.authority import Authority
from cordiale.node.ports import Device, Transaction
from cordiale.vocab.identifier import Digest
from cordiale.vocab.moment import Moment
from cordiale.vocab.party import Address
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

LOG: Final = "enrolment"


class Enrolment(Record, frozen=True):
    """What the nation countersigns: this chain is a device of this person."""

    chain: Digest
    address: str
    device: str
    at: Moment


class Revocation(Record, frozen=True):
    """What the root signs to end a person's access."""

    address: str
    at: Moment


def enrol(authority: Authority, tx: Transaction, chain: Chain, now: Moment) -> Device:
    """Enrol the device whose chain this is; again is harmless. The caller proved possession of the device key."""
    identity = authority.identify(chain, now)
    if identity.nation != authority.nation or not identity.device:
        raise BadCertificate(f"{identity.address} is not a person of {authority.nation} with a device")
    if tx.registry.revoked(identity.address):
        raise Revoked(str(identity.address))
    known = tx.registry.device(identity.digest)
    if known is not None:
        return known
    device = Device(identity.digest, identity.address, identity.device, identity.public_key)
    record = canonical.encode(Enrolment(identity.digest, str(identity.address), identity.device, now))
    tx.blobs.put_chain(identity.digest, chain)
    tx.registry.put_device(device)
    books.append(authority, tx.logs, LOG, [statement.seal(authority.key, statement.ENROLMENT, record)])
    return device


def publish(authority: Authority, tx: Transaction, caller: Device, packages: tuple[bytes, ...]) -> int:
    """Store key packages of the caller's own device; how many there are now to be used up.

    One that is marked as a last resort takes the place of the device's last resort before.
    """
    if len(packages) > limits.KEY_PACKAGES_STORED:
        raise LimitExceeded(f"{limits.KEY_PACKAGES_STORED} key packages per device")
    ordinary: list[bytes] = []
    for package in packages:
        if len(package) > limits.KEY_PACKAGE_BYTES:
            raise LimitExceeded(f"key package of {len(package)} bytes")
        parsed = KeyPackage.decode(package)
        leaf = parsed.leaf_node
        if sha256(chain_of(leaf.credential).encode()) != caller.digest or leaf.signature_key != caller.public_key:
            raise Malformed("a key package is of another device", what="KeyPackage")
        if parsed.is_last_resort:
            tx.registry.put_last_resort(caller.digest, package)
        else:
            ordinary.append(package)
    if tx.registry.count_key_packages(caller.digest) + len(ordinary) > limits.KEY_PACKAGES_STORED:
        raise LimitExceeded(f"{limits.KEY_PACKAGES_STORED} key packages per device")
    return tx.registry.put_key_packages(caller.digest, ordinary)


def take(authority: Authority, tx: Transaction, address: Address) -> list[bytes]:
    """One key package of each device of a person of this nation, its last resort where no other is left."""
    if address.nation != authority.nation:
        raise NotFound(str(address), what="person")
    if tx.registry.revoked(address):
        raise Revoked(str(address))
    packages = tx.registry.take_key_packages(address)
    if not packages:
        raise NotFound(f"{address} has no agent that is ready", what="key package")
    return packages


def revoke(authority: Authority, tx: Transaction, sealed: bytes, now: Moment) -> int:
    """End a person's access by the root's signed word, and tell every room that they are in. How many devices."""
    payload = statement.unseal(root_key(authority.root), statement.REVOCATION, sealed, limit=limits.CARD_BYTES)
    revocation = canonical.decode(payload, Revocation, limit=limits.CARD_BYTES)
    address = Address.parse(revocation.address)
    count = tx.registry.revoke(address)
    books.append(authority, tx.logs, LOG, [sealed])
    for member in tx.rooms.memberships(address):
        room = tx.rooms.room(member.room)
        if room is None or member.until >= 0:
            continue
        others = [nation for nation in parse_parameters(room.parameters).nations if nation != authority.nation]
        notice = relay.send_notice(authority, tx, room, Notice(relay.REVOKED, b"", str(address)), others, now)
        books.append(authority, tx.logs, home_log(room.id), [notice.leaf])
    return count
