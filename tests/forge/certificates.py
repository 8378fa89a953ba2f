"""Chains that a nation's root never meant: of another root, of a border, expired, of somebody else's device."""

from cordiale.adapters.clock import system_clock
from cordiale.crypto.certificate import ROLE_PERSON, Chain, Grant, create_root, issue, issue_device
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.vocab.moment import DAY, Moment
from cordiale.vocab.party import Address, Nation
from forge.device import Device


class Impostor:
    """A device of its own making that speaks in a member's name."""

    def __init__(self, device: Device, chain: Chain, key: SigningKey) -> None:
        self.device, self.chain, self.key = device, chain, key

    def letter(self, **changes: object) -> bytes:
        return self.device.letter(signer=sha256(self.chain.encode()), key=self.key, **changes)


def person(
    root_key: SigningKey, root: bytes, address: Address, *, grant: Grant | None = None, now: Moment | None = None
) -> tuple[Chain, SigningKey]:
    """A person's certificate with one device below it."""
    at = system_clock() if now is None else now
    own, key = SigningKey.generate(), SigningKey.generate()
    holder = issue(root_key, root, own.public, address, grant or Grant(ROLE_PERSON, "secret"), at)
    return Chain((issue_device(own, holder, key.public, "ab12", at), holder)), key


def of_another_root(device: Device) -> Impostor:
    """Certified by a root that only calls itself the nation's."""
    signer = SigningKey.generate()
    root = create_root(signer, device.own.nation, system_clock())
    return Impostor(device, *person(signer, root, device.own.address))


def of_an_unknown_nation(device: Device) -> Impostor:
    """Certified by the root of a nation that nobody is linked to."""
    signer = SigningKey.generate()
    root = create_root(signer, Nation("zz"), system_clock())
    return Impostor(device, *person(signer, root, Address("denis", Nation("zz"))))


def of_the_border(device: Device) -> Impostor:
    """The border's own certificate, where a person's belongs."""
    home = device.agent.client._node.home
    return Impostor(device, home.border_chain(), home.border_signer())


def of_the_person(device: Device) -> Impostor:
    """The person's certificate without a device below it."""
    own = device.own
    return Impostor(device, Chain(own.row.certificates[1:]), SigningKey.from_seed(own.row.person))


def of_somebody_elses_device(device: Device, other: Device) -> Impostor:
    """One person's device certificate above another person's certificate."""
    mine, theirs = device.own.row.certificates, other.own.row.certificates
    return Impostor(device, Chain((mine[0], theirs[1])), device.own.key)


def expired(device: Device) -> Impostor:
    """Certified by the right root, years ago."""
    home = device.agent.client._node.home
    at = Moment(system_clock() - 3 * 365 * DAY)
    return Impostor(device, *person(home.root_signer(), home.root, device.own.address, now=at))


def of_a_stranger(device: Device) -> Impostor:
    """Somebody of the nation who is not in the room."""
    home = device.agent.client._node.home
    return Impostor(device, *person(home.root_signer(), home.root, Address("elise", device.own.nation)))
