"""Certificates for TLS between machines of one cluster, as PEM files: a nation's root as authority, and a leaf below it."""

from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from cordiale.adapters.clock import system_clock
from cordiale.crypto.certificate import create_root
from cordiale.crypto.signing import SigningKey
from cordiale.vocab.moment import to_datetime
from cordiale.vocab.party import Nation


class Pem(NamedTuple):
    authority: Path
    certificate: Path
    key: Path


def pem(folder: Path, name: str = "cluster") -> Pem:
    """A new authority and one certificate of it, in that folder."""
    now = system_clock()
    signer, own = SigningKey.generate(), SigningKey.generate()
    root = x509.load_der_x509_certificate(create_root(signer, Nation("uk"), now))
    leaf = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(root.subject)
        .public_key(own.pyca().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(to_datetime(now) - timedelta(minutes=5))
        .not_valid_after(to_datetime(now) + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.pyca().public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.pyca().public_key()), critical=False)
        .sign(signer.pyca(), None)
    )
    folder.mkdir(parents=True, exist_ok=True)
    found = Pem(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem")
    found.authority.write_bytes(root.public_bytes(Encoding.PEM))
    found.certificate.write_bytes(leaf.public_bytes(Encoding.PEM))
    found.key.write_bytes(own.pyca().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return found
