"""X.509 certificates (RFC 5280) of one nation: a root, and below it chains of at most two.

    root (offline, pinned at peering)
     ├── border            signs what the guard releases, checkpoints and peering cards
     └── person, service   carries nation, role, clearance and caveats; certifies its own devices (path length 0)
          └── device       the MLS signature key of one agent

The profile is fixed, so that path validation is a page: Ed25519 only, these shapes only; a critical extension
not listed here is refused. The grant (role, clearance, caveats) is a private extension under the UUID arc 2.25.

Invariant: an `Identity` comes only from `verify_chain`.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtensionOID, NameOID

from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.errors import BadCertificate, LimitExceeded
from cordiale.vocab.identifier import Digest
from cordiale.vocab.moment import Moment, to_datetime
from cordiale.vocab.party import Address, Nation, parse_nation
from cordiale.wire import canonical, limits
from cordiale.wire.canonical import Record

GRANT_OID: Final = x509.ObjectIdentifier("2.25.201183645091862346905722340167458920131")
_KNOWN: Final = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        GRANT_OID,
    }
)
_SCHEME: Final = "cordiale:"

_UNREADABLE: Final = (
    ValueError,
    TypeError,
    IndexError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    x509.InvalidVersion,
    CryptographyDeprecationWarning,
)

ROLE_PERSON: Final = "person"
ROLE_SERVICE: Final = "service"
ROLE_BORDER: Final = "border"
ROOT_DAYS: Final = 3650
LEAF_DAYS: Final = 730
CLOCK_SKEW: Final = timedelta(minutes=5)


class Grant(Record, frozen=True):
    """What the nation grants to the holder of a certificate."""

    role: str
    clearance: str = ""
    caveats: tuple[str, ...] = ()


class Chain(Record, frozen=True):
    """Certificates in DER, leaf first, the root left out."""

    certificates: tuple[bytes, ...]

    def encode(self) -> bytes:
        return canonical.encode(self)

    @classmethod
    def decode(cls, data: bytes) -> "Chain":
        """Parse strictly; `Malformed` or `LimitExceeded` otherwise."""
        return _chain(data)


@lru_cache(maxsize=8192)
def _chain(data: bytes) -> Chain:
    chain = canonical.decode(data, Chain, limit=limits.CHAIN_CERTIFICATES * limits.CERTIFICATE_BYTES)
    if not 1 <= len(chain.certificates) <= limits.CHAIN_CERTIFICATES:
        raise LimitExceeded(f"{len(chain.certificates)} certificates in a chain")
    return chain


class Identity(Record, frozen=True):
    """A verified certificate holder. `digest` is SHA-256 of the encoded chain and names it everywhere."""

    address: Address
    grant: Grant
    device: str
    public_key: bytes
    digest: Digest
    not_after: Moment

    @property
    def nation(self) -> Nation:
        return self.address.nation


def _build(
    subject: str,
    issuer: x509.Name | None,
    public: bytes,
    now: Moment,
    days: int,
) -> x509.CertificateBuilder:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    start = to_datetime(now) - CLOCK_SKEW
    key = Ed25519PublicKey.from_public_bytes(public)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer or name)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _finish(builder: x509.CertificateBuilder, key: SigningKey, *, path_length: int | None) -> bytes:
    authority = path_length is not None
    certificate = (
        builder.add_extension(x509.BasicConstraints(ca=authority, path_length=path_length), critical=True)
        .add_extension(_usage(signs_certificates=authority), critical=True)
        .sign(key.pyca(), None)
    )
    return certificate.public_bytes(serialization.Encoding.DER)


def create_root(key: SigningKey, nation: Nation, now: Moment) -> bytes:
    """A nation's self-signed root, DER. Its subject is `<nation> root`."""
    return _finish(_build(f"{nation} root", None, key.public, now, ROOT_DAYS), key, path_length=1)


def issue(root_key: SigningKey, root: bytes, public: bytes, address: Address, grant: Grant, now: Moment) -> bytes:
    """A person's, service's or border's certificate, DER."""
    builder = (
        _build(str(address), x509.load_der_x509_certificate(root).subject, public, now, LEAF_DAYS)
        .add_extension(_alternative_name(str(address)), critical=False)
        .add_extension(x509.UnrecognizedExtension(GRANT_OID, canonical.encode(grant)), critical=True)
    )
    return _finish(builder, root_key, path_length=None if grant.role == ROLE_BORDER else 0)


def issue_device(holder_key: SigningKey, holder: bytes, public: bytes, device: str, now: Moment) -> bytes:
    """A device certificate signed by the person's own key, DER."""
    person = x509.load_der_x509_certificate(holder)
    name = f"{_address_of(person)}#{device}"
    builder = _build(name, person.subject, public, now, LEAF_DAYS)
    return _finish(builder.add_extension(_alternative_name(name), critical=False), holder_key, path_length=None)


@contextmanager
def _reading() -> Generator[None]:
    """Whatever the library raises while a certificate is read is the certificate's fault."""
    try:
        yield
    except _UNREADABLE as fault:
        raise BadCertificate(f"{type(fault).__name__} {str(fault)[:120]}") from None


def root_nation(root: bytes) -> Nation:
    """The nation that a self-signed root speaks for, or `BadCertificate`."""
    with _reading():
        certificate = _load(root)
        _check_signed(certificate, certificate)
        _check_shape(certificate, path_length=1)
        name, _, word = _common_name(certificate).partition(" ")
    if word != "root":
        raise BadCertificate("the root's subject is not '<nation> root'")
    return parse_nation(name)


def root_key(root: bytes) -> bytes:
    """The public key of a root."""
    with _reading():
        return _public(_load(root))


@lru_cache(maxsize=8192)
def claimed_nation(chain: Chain) -> Nation:
    """The nation that a chain says it is of, unverified: good only for choosing the root to verify it with."""
    with _reading():
        return _address_of(_load(chain.certificates[-1])).nation


def verify_chain(chain: Chain, root: bytes, now: Moment) -> Identity:
    """The identity that `chain` proves under the pinned `root` at `now`, or `BadCertificate`."""
    identity, start, end = _verified(chain, root)
    moment = to_datetime(now)
    if not start - CLOCK_SKEW <= moment <= end:
        raise BadCertificate(f"{identity.address}: valid {start:%Y-%m-%d} to {end:%Y-%m-%d} only")
    return identity


@lru_cache(maxsize=8192)
def _verified(chain: Chain, root: bytes) -> tuple[Identity, datetime, datetime]:
    nation = root_nation(root)
    with _reading():
        path = [_load(der) for der in chain.certificates] + [_load(root)]
        for certificate, issuer in pairwise(path):
            _check_signed(certificate, issuer)
        return _identify(path, chain, nation)


def _identify(path: Sequence[x509.Certificate], chain: Chain, nation: Nation) -> tuple[Identity, datetime, datetime]:
    if len(path) not in (2, 3):
        raise BadCertificate(f"a chain of {len(path) - 1} below the root")
    holder, leaf = path[-2], path[0]
    extension = holder.extensions.get_extension_for_oid(GRANT_OID).value
    if not isinstance(extension, x509.UnrecognizedExtension):
        raise BadCertificate("the grant is not readable")
    grant = canonical.decode(extension.value, Grant, limit=limits.CERTIFICATE_BYTES)
    _check_shape(holder, path_length=None if grant.role == ROLE_BORDER else 0)
    address, device = _address_of(holder), ""
    if leaf is not holder:
        if grant.role == ROLE_BORDER:
            raise BadCertificate("a border has no devices")
        _check_shape(leaf, path_length=None)
        owner, _, device = _uri(leaf).partition("#")
        if Address.parse(owner) != address or not device:
            raise BadCertificate("a device certificate names another person")
    if address.nation != nation:
        raise BadCertificate(f"{nation}'s root certifies someone of {address.nation}")
    start = max(certificate.not_valid_before_utc for certificate in path)
    end = min(certificate.not_valid_after_utc for certificate in path)
    not_after = Moment(int(end.timestamp() * 1000))
    return Identity(address, grant, device, _public(leaf), sha256(chain.encode()), not_after), start, end


def _load(der: bytes) -> x509.Certificate:
    if len(der) > limits.CERTIFICATE_BYTES:
        raise LimitExceeded(f"certificate of {len(der)} bytes")
    certificate = x509.load_der_x509_certificate(der)
    unknown = [e.oid.dotted_string for e in certificate.extensions if e.critical and e.oid not in _KNOWN]
    if unknown:
        raise BadCertificate(f"critical extension {unknown[0]} is not known")
    if not der.endswith(b"\x00" + certificate.signature) or certificate.serial_number <= 0:
        raise BadCertificate("not in the one form that a certificate has")
    return certificate


def _check_signed(certificate: x509.Certificate, issuer: x509.Certificate) -> None:
    if not isinstance(issuer.public_key(), Ed25519PublicKey):
        raise BadCertificate("only Ed25519 certificates are accepted")
    certificate.verify_directly_issued_by(issuer)


def _check_shape(certificate: x509.Certificate, *, path_length: int | None) -> None:
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    authority = path_length is not None
    if constraints.ca != authority or (authority and constraints.path_length != path_length):
        raise BadCertificate("wrong place in the chain")
    if usage.key_cert_sign != authority or not usage.digital_signature:
        raise BadCertificate("wrong key usage")


def _alternative_name(uri: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.UniformResourceIdentifier(_SCHEME + uri)])


def _uri(certificate: x509.Certificate) -> str:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    if len(names) != 1 or len(uris) != 1 or not uris[0].startswith(_SCHEME):
        raise BadCertificate("the subject alternative name is not one cordiale: address")
    return uris[0].removeprefix(_SCHEME)


def _address_of(certificate: x509.Certificate) -> Address:
    return Address.parse(_uri(certificate))


def _common_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def _public(certificate: x509.Certificate) -> bytes:
    key = certificate.public_key()
    if not isinstance(key, Ed25519PublicKey):
        raise BadCertificate("only Ed25519 certificates are accepted")
    return key.public_bytes_raw()
