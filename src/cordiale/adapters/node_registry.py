"""Devices, revocations and key packages in SQLite: implements `node.ports.Registry`."""

from collections.abc import Sequence

from cordiale.adapters.sqlite import Connection, Row
from cordiale.node.ports import Device
from cordiale.vocab.identifier import Digest
from cordiale.vocab.party import Address

_DEVICE = "SELECT digest, address, device, public_key, revoked FROM device"


def _device(row: Row) -> Device:
    return Device(Digest(row[0]), Address.parse(row[1]), row[2], row[3], bool(row[4]))


class SqliteRegistry:
    """This nation's devices, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def device(self, digest: Digest) -> Device | None:
        row = self._connection.one(f"{_DEVICE} WHERE digest = ?", digest)
        return _device(row) if row else None

    def put_device(self, device: Device) -> None:
        self._connection.run(
            "INSERT OR REPLACE INTO device VALUES (?, ?, ?, ?, ?)",
            device.digest,
            str(device.address),
            device.device,
            device.public_key,
            int(device.revoked),
        )

    def devices(self, address: Address | None = None) -> list[Device]:
        """Of one person or of everyone, ordered by address and device."""
        order = "ORDER BY address, device, digest"
        if address is None:
            return [_device(row) for row in self._connection.every(f"{_DEVICE} {order}")]
        return [_device(row) for row in self._connection.every(f"{_DEVICE} WHERE address = ? {order}", str(address))]

    def revoke(self, address: Address) -> int:
        """Mark the person and every device of theirs; how many devices that were not revoked before."""
        self._connection.run("INSERT INTO revocation VALUES (?) ON CONFLICT DO NOTHING", str(address))
        statement = "UPDATE device SET revoked = 1 WHERE address = ? AND revoked = 0 RETURNING digest"
        return len(self._connection.every(statement, str(address)))

    def revoked(self, address: Address) -> bool:
        return self._connection.one("SELECT 1 FROM revocation WHERE address = ?", str(address)) is not None

    def put_key_packages(self, device: Digest, packages: Sequence[bytes]) -> int:
        """Add to what the device has; how many there are now."""
        self._connection.many(
            "INSERT INTO key_package (device, data) VALUES (?, ?)", [(device, package) for package in packages]
        )
        return self.count_key_packages(device)

    def put_last_resort(self, device: Digest, package: bytes) -> None:
        statement = "INSERT INTO last_resort VALUES (?, ?) ON CONFLICT (device) DO UPDATE SET data = excluded.data"
        self._connection.run(statement, device, package)

    def take_key_packages(self, address: Address) -> list[bytes]:
        """The oldest of each device that isn't revoked, used up; else its last resort, which stays."""
        taken = [self._take(device.digest) for device in self.devices(address) if not device.revoked]
        return [package for package in taken if package is not None]

    def _take(self, device: Digest) -> bytes | None:
        oldest = "SELECT number, data FROM key_package WHERE device = ? ORDER BY number LIMIT 1"
        row = self._connection.one(oldest, device)
        if row is not None:
            self._connection.run("DELETE FROM key_package WHERE number = ?", row[0])
            return row[1]
        row = self._connection.one("SELECT data FROM last_resort WHERE device = ?", device)
        return None if row is None else row[0]

    def count_key_packages(self, device: Digest) -> int:
        row = self._connection.one("SELECT count(*) FROM key_package WHERE device = ?", device)
        return int(row[0]) if row else 0
