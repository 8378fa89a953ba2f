"""Enrolment and revocation of people: what needs the nation's root key."""

from contextlib import closing
from pathlib import Path
from typing import Any

from cordiale.adapters import keystore
from cordiale.adapters.agent_store import EncryptedAgentStore
from cordiale.adapters.clock import system_clock
from cordiale.agent import identity
from cordiale.agent.identity import IdentityRow
from cordiale.crypto import statement
from cordiale.crypto.certificate import ROLE_PERSON, ROLE_SERVICE, Grant, issue, issue_device
from cordiale.crypto.entropy import fresh
from cordiale.crypto.signing import SigningKey
from cordiale.errors import AlreadyExists, IllegalStep, WrongUsage
from cordiale.node import directory as node_directory
from cordiale.node.directory import Revocation
from cordiale.vocab.moment import iso
from cordiale.vocab.party import Address
from cordiale.wire import canonical
from cordiale.wiring import settings
from cordiale.wiring.folder import NationFolder
from cordiale.wiring.settings import AGENT_FILE, AgentSettings

DEVICE_BYTES = 4


def enrol(
    home: NationFolder,
    name: str,
    agent_directory: Path,
    passphrase: str,
    *,
    clearance: str,
    role: str = ROLE_PERSON,
    root_passphrase: str = "",
) -> dict[str, Any]:
    """Certify a person and make their agent's folder, with keys that stay in its encrypted store."""
    address = Address.parse(name if "@" in name else f"{name}@{home.nation}")
    if address.nation != home.nation:
        raise IllegalStep(f"{home.nation} does not certify people of {address.nation}")
    if (role == ROLE_SERVICE) != ("." in address.name) or role not in (ROLE_PERSON, ROLE_SERVICE):
        raise WrongUsage("a service has a dot in its name, a person has none")
    with home.store().read() as tx:
        authority = home.authority(tx.links.links(), system_clock())
    if authority.policy.rank(clearance) is None:
        levels = ", ".join(authority.policy.classifications)
        raise WrongUsage(f"{clearance!r} is no level of {authority.policy.edition}: {levels}")
    if (agent_directory / AGENT_FILE).exists():
        raise AlreadyExists(str(agent_directory), what="agent")
    row = _certify(home, address, Grant(role, clearance), root_passphrase)
    agent_directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = keystore.create(agent_directory / settings.KEY_FILE, passphrase)
    store = EncryptedAgentStore.create(agent_directory / settings.STORE_FILE, key)
    with closing(store), store.write() as state:
        state.put_value(identity.KEY, canonical.encode(row))
    settings.write(agent_directory / AGENT_FILE, AgentSettings(str(address), home.settings.agent_url))
    return {
        "address": str(address),
        "device": row.device_name,
        "role": role,
        "clearance": clearance,
        "agent": str(agent_directory),
    }


def _certify(home: NationFolder, address: Address, grant: Grant, root_passphrase: str) -> IdentityRow:
    now = system_clock()
    person, device = SigningKey.generate(), SigningKey.generate()
    certificate = issue(home.root_signer(root_passphrase), home.root, person.public, address, grant, now)
    name = fresh(DEVICE_BYTES).hex()
    device_certificate = issue_device(person, certificate, device.public, name, now)
    chain = (device_certificate, certificate)
    return IdentityRow(str(address), name, person.seed(), device.seed(), chain, home.root, home.settings.agent_url)


def people(home: NationFolder) -> list[dict[str, Any]]:
    """Everyone whose device is enrolled."""
    with home.store().read() as tx:
        authority = home.authority(tx.links.links(), system_clock())
        found: list[dict[str, Any]] = []
        for device in tx.registry.devices():
            chain = tx.blobs.chain(device.digest)
            person = authority.identify(chain, system_clock()) if chain else None
            found.append(
                {
                    "address": str(device.address),
                    "device": device.device,
                    "role": person.grant.role if person else "",
                    "clearance": person.grant.clearance if person else "",
                    "until": iso(person.not_after) if person else "",
                    "revoked": device.revoked,
                }
            )
    return found


def revoke(home: NationFolder, name: str, *, root_passphrase: str = "") -> dict[str, Any]:
    """End a person's access, by the root's signed word."""
    address = Address.parse(name if "@" in name else f"{name}@{home.nation}")
    now = system_clock()
    payload = canonical.encode(Revocation(str(address), now))
    sealed = statement.seal(home.root_signer(root_passphrase), statement.REVOCATION, payload)
    with home.store().write() as tx:
        authority = home.authority(tx.links.links(), now)
        count = node_directory.revoke(authority, tx, sealed, now)
    return {"address": str(address), "devices": count}
