"""cordiale.crypto.certificate: one profile; everything else that X.509 allows is refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID

from cordiale.crypto import certificate as certificates
from cordiale.crypto.certificate import (
    GRANT_OID,
    LEAF_DAYS,
    ROLE_BORDER,
    ROLE_PERSON,
    Chain,
    Grant,
    claimed_nation,
    create_root,
    issue,
    issue_device,
    root_key,
    root_nation,
    verify_chain,
)
from cordiale.crypto.digest import sha256
from cordiale.crypto.signing import SigningKey
from cordiale.errors import BadCertificate, LimitExceeded, Malformed, PeerViolation
from cordiale.vocab.moment import DAY, MINUTE, Moment
from cordiale.vocab.party import Address, Nation
from cordiale.wire import canonical, limits
from forge.verdict import refused

NOW = Moment(1_780_000_000_000)
ROOT, BORDER, PERSON, DEVICE, OTHER = (SigningKey.from_seed(bytes([n] * 32)) for n in range(5))
FR = create_root(ROOT, Nation("fr"), NOW)
CLAIRE = Address.parse("claire@fr")
GRANT = Grant(ROLE_PERSON, "secret", ("embarked",))
HOLDER = issue(ROOT, FR, PERSON.public, CLAIRE, GRANT, NOW)
LEAF = issue_device(PERSON, HOLDER, DEVICE.public, "laptop", NOW)
CHAIN = Chain((LEAF, HOLDER))


def test_a_chain_proves_who_holds_the_device() -> None:
    identity = verify_chain(CHAIN, FR, NOW)
    assert (identity.address, identity.device, identity.nation) == (CLAIRE, "laptop", "fr")
    assert identity.grant == GRANT
    assert identity.public_key == DEVICE.public
    assert identity.digest == sha256(CHAIN.encode())
    assert claimed_nation(CHAIN) == root_nation(FR) == "fr"
    assert root_key(FR) == ROOT.public


def test_a_border_stands_right_below_its_root() -> None:
    border = issue(ROOT, FR, BORDER.public, Address.parse("border@fr"), Grant(ROLE_BORDER), NOW)
    identity = verify_chain(Chain((border,)), FR, NOW)
    assert (identity.grant.role, identity.device) == (ROLE_BORDER, "")


@pytest.mark.parametrize("days", [-1, LEAF_DAYS + 1, 9999])
def test_outside_its_time_it_proves_nothing(days: int) -> None:
    with refused(BadCertificate):
        verify_chain(CHAIN, FR, Moment(NOW + days * DAY))


def test_clocks_may_differ_a_little() -> None:
    assert verify_chain(CHAIN, FR, Moment(NOW - 9 * MINUTE))
    assert verify_chain(CHAIN, FR, Moment(NOW + (LEAF_DAYS - 1) * DAY))


def _border_with_a_device() -> Chain:
    border = issue(ROOT, FR, PERSON.public, CLAIRE, Grant(ROLE_BORDER), NOW)
    return Chain((issue_device(PERSON, border, DEVICE.public, "laptop", NOW), border))


def _device_of_another_person() -> Chain:
    other = issue(ROOT, FR, PERSON.public, Address.parse("denis@fr"), GRANT, NOW)
    return Chain((LEAF, other))


def _person_of_another_nation() -> Chain:
    briton = issue(ROOT, FR, PERSON.public, Address.parse("alice@uk"), GRANT, NOW)
    return Chain((issue_device(PERSON, briton, DEVICE.public, "laptop", NOW), briton))


def _device_as_an_issuer() -> Chain:
    """A third certificate below a device."""
    return Chain((issue_device(DEVICE, LEAF, OTHER.public, "laptop", NOW), LEAF, HOLDER))


def _not_a_name(text: str) -> Callable[[], Chain]:
    return lambda: Chain((issue_device(PERSON, HOLDER, DEVICE.public, text, NOW), HOLDER))


FORGED: dict[str, Callable[[], Chain]] = {
    "reversed": lambda: Chain((HOLDER, LEAF)),
    "the root in it": lambda: Chain((LEAF, HOLDER, FR)),
    "the root alone": lambda: Chain((FR,)),
    "the leaf alone": lambda: Chain((LEAF,)),
    "the leaf twice": lambda: Chain((LEAF, LEAF)),
    "a device as an issuer": _device_as_an_issuer,
    "signed by another root": lambda: Chain((LEAF, issue(OTHER, FR, PERSON.public, CLAIRE, GRANT, NOW))),
    "signed by another person": lambda: Chain((issue_device(OTHER, HOLDER, DEVICE.public, "x", NOW), HOLDER)),
    "a device of another person": _device_of_another_person,
    "a border with a device": _border_with_a_device,
    "a person of another nation": _person_of_another_nation,
    "a device without a name": _not_a_name(""),
    "empty": lambda: Chain(()),
    "empty certificates": lambda: Chain((b"", b"")),
    "junk": lambda: Chain((b"junk", HOLDER)),
    "too long": lambda: Chain((bytes(limits.CERTIFICATE_BYTES + 1), HOLDER)),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_chain_proves_nothing(name: str) -> None:
    with refused(PeerViolation):
        verify_chain(FORGED[name](), FR, NOW)


def test_another_nations_root_proves_nothing() -> None:
    for root in (create_root(ROOT, Nation("uk"), NOW), create_root(OTHER, Nation("fr"), NOW), HOLDER, b"", b"junk"):
        with refused(PeerViolation):
            verify_chain(CHAIN, root, NOW)


def _builder(key: object = None) -> x509.CertificateBuilder:
    """A certificate of the root's own subject, without any extension."""
    name = x509.load_der_x509_certificate(FR).subject
    start = datetime.fromtimestamp(NOW / 1000, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key or ROOT.pyca().public_key())  # type: ignore[arg-type]
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=9))
    )


def _der(builder: x509.CertificateBuilder, key: object = None, hashed: object = None) -> bytes:
    return builder.sign(key or ROOT.pyca(), hashed).public_bytes(Encoding.DER)  # type: ignore[arg-type]


def _with(*extensions: tuple[x509.ExtensionType, bool]) -> bytes:
    builder = _builder()
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return _der(builder)


CA = (x509.BasicConstraints(ca=True, path_length=1), True)
SIGNS = (certificates._usage(signs_certificates=True), True)
STRANGE = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())
NO_ROOTS: dict[str, bytes] = {
    "without extensions": _with(),
    "without key usage": _with(CA),
    "without constraints": _with(SIGNS),
    "with another path length": _with((x509.BasicConstraints(ca=True, path_length=0), True), SIGNS),
    "with any path length": _with((x509.BasicConstraints(ca=True, path_length=None), True), SIGNS),
    "that is no authority": _with((x509.BasicConstraints(ca=False, path_length=None), True), SIGNS),
    "that signs no certificates": _with(CA, (certificates._usage(signs_certificates=False), True)),
    "with an unknown critical extension": _with(CA, SIGNS, (STRANGE, True)),
    "with name constraints": _with(
        CA, SIGNS, (x509.NameConstraints(permitted_subtrees=[x509.DNSName("x")], excluded_subtrees=None), True)
    ),
    "with an RSA key": _der(_builder(RSA.public_key()).add_extension(*CA).add_extension(*SIGNS), RSA, SHA256()),
    "with an elliptic key": _der(_builder(P256.public_key()).add_extension(*CA).add_extension(*SIGNS), P256, SHA256()),
    "signed by another key": _der(_builder().add_extension(*CA).add_extension(*SIGNS), OTHER.pyca()),
    "with an unknown algorithm": FR.replace(b"\x2b\x65\x70", b"\x2b\x65\x7f"),
    "with a key of an unknown algorithm": FR.replace(b"\x06\x03\x2b\x65\x70\x03", b"\x06\x03\x2b\x65\x7f\x03"),
    "with a body of an unknown algorithm": FR.replace(b"\x06\x03\x2b\x65\x70", b"\x06\x03\x2b\x65\x7f", 1),
}


@pytest.mark.parametrize("name", NO_ROOTS)
def test_no_root(name: str) -> None:
    root = NO_ROOTS[name]
    assert root != FR
    with refused(PeerViolation):
        root_nation(root)
    with refused(PeerViolation):
        verify_chain(CHAIN, root, NOW)


def test_an_unknown_extension_that_is_not_critical_is_let_be() -> None:
    assert root_nation(_with(CA, SIGNS, (STRANGE, False))) == "fr"


@pytest.mark.parametrize("subject", ["fr", "fr root root", "FR root", "root", "", "fr border", "france-x root"])
def test_a_roots_name_is_its_nations(subject: str) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)] if subject else [])
    start = datetime.fromtimestamp(NOW / 1000, UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(ROOT.pyca().public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=9))
        .add_extension(*CA)
        .add_extension(*SIGNS)
    )
    with refused(PeerViolation):
        root_nation(_der(builder))


def _person(*, names: list[x509.GeneralName] | None, grant: bytes | None) -> Chain:
    """A person's certificate with another name or grant."""
    builder = certificates._build("claire@fr", x509.load_der_x509_certificate(FR).subject, PERSON.public, NOW, 9)
    if names is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if grant is not None:
        builder = builder.add_extension(x509.UnrecognizedExtension(GRANT_OID, grant), critical=True)
    return Chain((LEAF, certificates._finish(builder, ROOT, path_length=0)))


URI = x509.UniformResourceIdentifier("cordiale:claire@fr")
SOUND = canonical.encode(GRANT)


def test_such_a_person_is_accepted() -> None:
    assert verify_chain(_person(names=[URI], grant=SOUND), FR, NOW).address == CLAIRE


@pytest.mark.parametrize(
    ("names", "grant"),
    [
        (None, SOUND),
        ([URI], None),
        ([URI], b""),
        ([URI], b"\xa0"),
        ([URI], SOUND + b"\x00"),
        ([URI], b"\xa1\x64role\x66person"),
        ([URI, URI], SOUND),
        ([URI, x509.DNSName("claire.fr")], SOUND),
        ([x509.DNSName("cordiale:claire@fr")], SOUND),
        ([x509.UniformResourceIdentifier("claire@fr")], SOUND),
        ([x509.UniformResourceIdentifier("cordiale:Claire@fr")], SOUND),
        ([x509.UniformResourceIdentifier("cordiale:claire@fr#x")], SOUND),
        ([x509.UniformResourceIdentifier("cordiale:")], SOUND),
    ],
)
def test_names_and_grants_in_other_forms(names: list[x509.GeneralName] | None, grant: bytes | None) -> None:
    chain = _person(names=names, grant=grant)
    with refused(PeerViolation):
        verify_chain(chain, FR, NOW)


def test_no_altered_byte_proves_anything() -> None:
    """Every byte of both certificates and of the root, in three ways."""
    for place, der in enumerate((*CHAIN.certificates, FR)):
        for at in range(len(der)):
            for flip in (0x01, 0x80, 0xFF):
                altered = [*CHAIN.certificates, FR]
                altered[place] = der[:at] + bytes([der[at] ^ flip]) + der[at + 1 :]
                with refused(PeerViolation):
                    verify_chain(Chain(tuple(altered[:2])), altered[2], NOW)


def test_a_chain_has_one_encoding_and_a_length() -> None:
    assert Chain.decode(CHAIN.encode()) == CHAIN
    for data in (b"", b"\xa0", CHAIN.encode() + b"\x00", CHAIN.encode()[:-1]):
        with refused(Malformed):
            Chain.decode(data)
    with refused(LimitExceeded):
        Chain.decode(Chain((b"",) * 4).encode())
    with refused(LimitExceeded):
        Chain.decode(Chain(()).encode())
    with refused(LimitExceeded):
        Chain.decode(Chain((bytes(limits.CERTIFICATE_BYTES),) * 4).encode())


def test_only_ed25519_keys_are_certified() -> None:
    loaded = x509.load_der_x509_certificate(HOLDER)
    assert isinstance(loaded.public_key(), ed25519.Ed25519PublicKey)
    assert loaded.extensions.get_extension_for_oid(ExtensionOID.BASIC_CONSTRAINTS).critical
    assert loaded.extensions.get_extension_for_oid(GRANT_OID).critical
