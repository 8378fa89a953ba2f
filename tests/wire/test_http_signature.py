"""cordiale.wire.http_signature: RFC 9421 with its own example, and a profile from which nothing may deviate."""

from base64 import b64decode, urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordiale.crypto import signing
from cordiale.crypto.signing import SigningKey
from cordiale.errors import CordialeError, Malformed, Replayed, TooBusy, Unauthorised
from cordiale.wire import limits
from cordiale.wire.http_signature import (
    SIGNATURE_BYTES,
    TARGET_CHARACTERS,
    NonceWindow,
    content_digest,
    parse_request,
    sign_request,
    signature_base,
)

KEY = SigningKey.from_seed(bytes(32))
NOW = 1_800_000_000
NONCE = "AAAAAAAAAAAAAAAAAAAAAA=="
WINDOW = limits.SIGNATURE_WINDOW_SECONDS


def signed(method="POST", target="/v1/entries?from=5", body=b"body", **changed):
    arguments = {"authority": "node.fr:8443", "key_id": "border@uk", "created": NOW, "nonce": NONCE}
    return sign_request(method, target, body, **{**arguments, "sign": KEY.sign, **changed})


def parsed(headers, method="POST", target="/v1/entries?from=5", body=b"body", authority="node.fr:8443", now=NOW):
    return parse_request(method, target, body, headers, authority=authority, now=now)


def test_rfc_9421_b_2_6():
    """The Ed25519 example of Appendix B.2.6 with the key of B.1.4; the signature is deterministic."""
    key = SigningKey.from_seed(urlsafe_b64decode("n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU="))
    assert key.public == urlsafe_b64decode("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs=")
    parameters = (
        '("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"'
    )
    components = [
        ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("@method", "POST"),
        ("@path", "/foo"),
        ("@authority", "example.com"),
        ("content-type", "application/json"),
        ("content-length", "18"),
    ]
    signature = key.sign(signature_base(components, parameters))
    assert signature == b64decode(
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    )


def test_rfc_9530_content_digests():
    """RFC 9530 Appendix B.1 and B.2, SHA-256."""
    assert content_digest(b'{"hello": "world"}\n') == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    assert content_digest(b"") == "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"


def test_the_base_is_written_out():
    request = parsed(signed())
    assert request.base.decode().split("\n") == [
        '"@method": POST',
        '"@authority": node.fr:8443',
        '"@path": /v1/entries',
        '"@query": ?from=5',
        f'"content-digest": {content_digest(b"body")}',
        '"@signature-params": ("@method" "@authority" "@path" "@query" "content-digest")'
        f';created={NOW};nonce="{NONCE}";keyid="border@uk";alg="ed25519";tag="cordiale"',
    ]
    assert (request.key_id, request.created, request.nonce) == ("border@uk", NOW, NONCE)
    assert len(request.signature) == SIGNATURE_BYTES
    signing.verify(KEY.public, request.signature, request.base, what="request")


def test_without_a_query_the_component_is_a_question_mark():
    request = parsed(signed(target="/"), target="/")
    assert b'"@path": /\n"@query": ?\n' in request.base


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "PUT"},
        {"target": "/v1/entries?from=6"},
        {"target": "/v1/other?from=5"},
        {"target": "/v1/entries"},
        {"authority": "node.de:8443"},
    ],
)
def test_for_another_request_the_base_is_another(changed):
    headers = signed()
    with pytest.raises(CordialeError):
        request = parsed(headers, **changed)
        signing.verify(KEY.public, request.signature, request.base, what="request")


def test_another_body_is_unauthorised():
    with pytest.raises(Unauthorised):
        parsed(signed(), body=b"other")
    for digest in ("", content_digest(b"other"), content_digest(b"body") + ", sha-512=:AA==:", "\udcff"):
        with pytest.raises(Unauthorised):
            parsed({**signed(), "content-digest": digest})


def test_the_host_header_stands_in_where_it_was_checked_before():
    headers = signed()
    assert parsed({**headers, "host": "Node.FR:8443"}, authority=None) == parsed(headers)
    with pytest.raises(Unauthorised):
        parsed(headers, authority=None)


@pytest.mark.parametrize("name", ["content-digest", "signature-input", "signature"])
def test_every_header_is_needed(name):
    headers = signed()
    del headers[name]
    with pytest.raises(Unauthorised):
        parsed(headers)


@pytest.mark.parametrize(
    ("offset", "taken"), [(-WINDOW, True), (WINDOW, True), (-WINDOW - 1, False), (WINDOW + 1, False)]
)
def test_the_time_window(offset, taken):
    headers = signed(created=NOW + offset)
    if taken:
        assert parsed(headers).created == NOW + offset
    else:
        with pytest.raises(Unauthorised):
            parsed(headers)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cordiale=(", "sig1=("),
        ("cordiale=(", "("),
        ('"@authority" ', ""),
        ('"@method" "@authority"', '"@authority" "@method"'),
        ('"@method"', '"@method";req'),
        ('"content-digest"', '"content-digest" "date"'),
        (f"created={NOW}", f"created=0{NOW}"),
        (f"created={NOW}", "created=-1"),
        (f"created={NOW}", f"created={NOW}0000000"),
        (f";created={NOW}", ""),
        (f'nonce="{NONCE}"', 'nonce="short"'),
        (f'nonce="{NONCE}"', f'nonce="{"A" * 65}"'),
        (f';nonce="{NONCE}"', ""),
        ('keyid="border@uk"', 'keyid=""'),
        ('keyid="border@uk"', 'keyid="a\\"b"'),
        ('keyid="border@uk"', 'keyid="é"'),
        ('alg="ed25519"', 'alg="rsa-v1_5-sha256"'),
        (';alg="ed25519"', ""),
        ('tag="cordiale"', 'tag="other"'),
        ('tag="cordiale"', 'tag="cordiale";expires=9'),
        ('tag="cordiale"', 'tag="cordiale", sig2=()'),
        ('tag="cordiale"', 'tag="cordiale"\n'),
    ],
)
def test_another_signature_input_is_malformed(old, new):
    headers = signed()
    assert old in headers["signature-input"]
    with pytest.raises(Malformed):
        parsed({**headers, "signature-input": headers["signature-input"].replace(old, new)})


def test_another_form_of_signature_is_malformed():
    value = signed()["signature"]
    twisted = value[:-4] + chr(ord(value[-4]) + 1) + value[-3:]
    for wrong in ("", value[:-1], value + " ", value.replace("cordiale", "sig1"), value + ", b=::", twisted):
        with pytest.raises(Malformed):
            parsed({**signed(), "signature": wrong})


@pytest.mark.parametrize("target", ["", "v1", "//x y", "/a\nb", "/a#b", "/é", "/?a#b", "/" + "a" * TARGET_CHARACTERS])
def test_targets_that_cannot_be_signed(target):
    with pytest.raises(Malformed):
        signed(target=target)
    with pytest.raises(Malformed):
        parsed(signed(), target=target)


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "post"},
        {"method": ""},
        {"authority": "Node.fr"},
        {"authority": "a\nb"},
        {"authority": ""},
        {"nonce": "short"},
        {"key_id": 'a"b'},
        {"created": -1},
    ],
)
def test_what_cannot_be_written_is_not_signed(changed):
    with pytest.raises(Malformed):
        signed(**changed)


def test_an_unauthorised_caller_learns_nothing():
    with pytest.raises(Unauthorised) as caught:
        parsed(signed(), body=b"other")
    assert "body" not in str(caught.value)


@given(st.dictionaries(st.sampled_from(["content-digest", "signature-input", "signature"]), st.text(max_size=200)))
def test_no_other_headers_are_taken(headers):
    with pytest.raises((Unauthorised, Malformed)):
        parsed(headers)


def test_a_nonce_is_taken_once():
    window = NonceWindow()
    window.seen("a", NONCE, NOW, NOW)
    window.seen("b", NONCE, NOW, NOW)
    window.seen("a", NONCE[::-1], NOW, NOW)
    for now in (NOW, NOW + WINDOW, NOW - WINDOW):
        with pytest.raises(Replayed):
            window.seen("a", NONCE, NOW, now)


def test_outside_the_window_nothing_is_taken():
    window = NonceWindow()
    for created in (NOW - WINDOW - 1, NOW + WINDOW + 1):
        with pytest.raises(Unauthorised):
            window.seen("a", NONCE, created, NOW)


def test_a_clock_that_goes_back_reopens_nothing():
    window = NonceWindow()
    window.seen("a", NONCE, NOW, NOW)
    window.seen("a", "other", NOW + 900, NOW + 900)
    with pytest.raises(Unauthorised):
        window.seen("a", NONCE, NOW, NOW)


def test_before_it_began_to_remember_nothing_is_taken():
    window = NonceWindow(since=NOW)
    window.seen("a", NONCE, NOW, NOW)
    with pytest.raises(Unauthorised):
        window.seen("a", NONCE, NOW - 1, NOW)


def test_it_is_bounded_and_recovers():
    window = NonceWindow(capacity=3, per_key=2)
    window.seen("a", "1", NOW, NOW)
    window.seen("a", "2", NOW + 1, NOW)
    with pytest.raises(TooBusy):
        window.seen("a", "3", NOW, NOW)
    window.seen("b", "1", NOW, NOW)
    with pytest.raises(TooBusy):
        window.seen("c", "1", NOW + 2, NOW)
    with pytest.raises(Replayed):
        window.seen("a", "1", NOW, NOW)
    later = NOW + WINDOW + 1
    window.seen("a", "3", later, later)
    with pytest.raises(TooBusy):
        window.seen("a", "4", later, later)
    window.seen("c", "1", later, later)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("123"), st.integers(0, 900), st.integers(0, 900))))
def test_nothing_is_ever_taken_twice(requests):
    window, taken = NonceWindow(capacity=4, per_key=3), set()
    for key, nonce, created, now in requests:
        try:
            window.seen(key, nonce, created, now)
        except (Replayed, TooBusy, Unauthorised):
            continue
        assert (key, nonce, created) not in taken
        taken.add((key, nonce, created))
