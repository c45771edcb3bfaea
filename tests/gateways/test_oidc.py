"""OpenID Connect against a real provider process: what an answer has to be, and what every failure is called."""

import base64
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urljoin, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from gateways.identity import CLIENT, SECRET, Peer, identity_provider
from zhizhi.core.kernel.errors import Refused
from zhizhi.core.kernel.identity import Identity, ProviderFailed, Trip
from zhizhi.gateways.oidc.provider import LOGOUT_EVENT, OidcProvider
from zhizhi.gateways.oidc.published import AGAIN_AFTER_SECONDS, Published
from zhizhi.gateways.oidc.settings import ProviderSettings, load_provider_settings

SITE = "http://127.0.0.1:5"
BACK = f"{SITE}/sign-in/provider/answer"


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    with identity_provider(SITE) as running:
        yield running


def settings_of(issuer: str, **changes: Any) -> ProviderSettings:
    plain: dict[str, Any] = {
        "issuer": issuer, "client_id": CLIENT, "secret": SECRET, "claim": "employee_number", "local_roles": (),
    }  # fmt: skip
    return ProviderSettings(**(plain | changes))


Opened = Callable[..., OidcProvider]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Makes clients of an issuer, and closes them."""
    made: list[OidcProvider] = []

    def open_one(issuer: str, elapsed: Callable[[], float] = time.monotonic, **changes: Any) -> OidcProvider:
        settings = settings_of(issuer, **changes)
        made.append(OidcProvider(settings, Published(settings, elapsed)))
        return made[-1]

    yield open_one
    for one in made:
        one.close()


@pytest.fixture
def client(peer: Peer, opened: Opened) -> OidcProvider:
    return opened(peer.issuer)


def trip(**changes: Any) -> Trip:
    plain: dict[str, Any] = {"state": "s" * 43, "nonce": "n" * 43, "verifier": "v" * 43, "returns_to": BACK}
    return Trip(**(plain | changes))


def log_in(address: str, login: str = "limin", *, second: bool = False) -> dict[str, str]:
    """Go through the provider's page as a browser would; answers what it sends back with."""
    with httpx.Client(trust_env=False) as browser:
        response = browser.get(address)
        for _ in range(10):
            if response.is_redirect:
                target = urljoin(str(response.url), response.headers["location"])
                if target.startswith(f"{SITE}/"):
                    return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
                response = browser.get(target)
            else:
                said = {"login": login} | ({"second": "yes"} if second else {})
                response = browser.post(str(response.url), data=said)
    raise AssertionError("the provider never came back")


def now() -> datetime:
    return datetime.now(UTC)


def identity(client: OidcProvider, one: Trip, login: str = "limin", *, second: bool = False) -> Identity:
    back = log_in(client.address_of(one), login, second=second)
    assert back["state"] == one.state
    return client.identity_of(one, back["code"], back["iss"], now())


@pytest.mark.parametrize("second", [False, True])
def test_a_code_becomes_an_identity_and_says_whether_there_was_a_second_factor(
    client: OidcProvider, peer: Peer, *, second: bool
) -> None:
    found = identity(client, trip(), second=second)
    assert (found.issuer, found.subject, found.number) == (peer.issuer, "sub-of-limin", "E1001")
    assert found.has_second_factor is second
    assert found.session
    assert abs(found.signed_in_at - now()) < timedelta(seconds=60)
    assert "E1001" not in repr(found)


def test_an_acr_that_the_operator_named_is_a_second_factor(peer: Peer, opened: Opened) -> None:
    by_acr = opened(peer.issuer, acr=("urn:test:two",), amr=())
    assert "acr_values=urn%3Atest%3Atwo" in by_acr.address_of(trip())
    assert identity(by_acr, trip(), second=True).has_second_factor
    assert not identity(by_acr, trip()).has_second_factor
    strict = opened(peer.issuer, acr=(), amr=("hwk",))
    assert not identity(strict, trip(), second=True).has_second_factor


def test_a_wrong_secret_opens_nothing_and_the_right_one_stands_in_no_address(peer: Peer, opened: Opened) -> None:
    client = opened(peer.issuer)
    assert SECRET not in unquote_plus(client.address_of(trip()))
    wrong = opened(peer.issuer, secret="another")
    assert refusal(lambda: identity(wrong, trip())) == "answer"
    assert SECRET not in repr(settings_of(peer.issuer))


@pytest.mark.parametrize(
    "changes",
    [{"verifier": "w" * 43}, {"nonce": "m" * 43}, {"returns_to": f"{SITE}/elsewhere"}],
    ids=lambda one: str(one)[:12],
)
def test_a_code_is_good_only_for_the_way_that_it_was_asked_on(client: OidcProvider, changes: dict[str, str]) -> None:
    back = log_in(client.address_of(trip()))
    assert refusal(lambda: client.identity_of(trip(**changes), back["code"], back["iss"], now())) == "answer"


def test_a_code_is_used_once_and_comes_from_the_issuer_that_it_names(client: OidcProvider) -> None:
    back = log_in(client.address_of(trip()))
    for issuer in (None, "http://127.0.0.1:1"):
        assert refusal(lambda named=issuer: client.identity_of(trip(), back["code"], named, now())) == "answer"  # type: ignore[misc]  # bound
    client.identity_of(trip(), back["code"], back["iss"], now())
    assert refusal(lambda: client.identity_of(trip(), back["code"], back["iss"], now())) == "answer"
    assert refusal(lambda: client.identity_of(trip(), "", back["iss"], now())) == "answer"


@pytest.mark.parametrize(("off", "code"), [(-120, "skew"), (900, "skew"), (-30, None), (30, None)])
def test_clocks_that_differ_by_more_than_a_minute_are_told_as_that(
    client: OidcProvider, off: int, code: str | None
) -> None:
    back = log_in(client.address_of(trip()))
    at = now() + timedelta(seconds=off)
    if code is None:
        assert client.identity_of(trip(), back["code"], back["iss"], at).number == "E1001"
    else:
        assert refusal(lambda: client.identity_of(trip(), back["code"], back["iss"], at)) == code


def test_new_keys_are_fetched_once_when_a_token_names_one_that_is_not_known(peer: Peer, opened: Opened) -> None:
    elapsed = [0.0]
    client = opened(peer.issuer, lambda: elapsed[0])
    identity(client, trip())
    peer.does("rotate")
    back = log_in(client.address_of(trip()))
    assert refusal(lambda: client.identity_of(trip(), back["code"], back["iss"], now())) == "answer", "just fetched"
    elapsed[0] += AGAIN_AFTER_SECONDS
    assert identity(client, trip()).number == "E1001"


def test_a_provider_that_is_away_says_so_and_lets_nobody_in(peer: Peer, opened: Opened) -> None:
    nobody = opened("http://127.0.0.1:1", timeout_seconds=1.0)
    assert refusal(lambda: nobody.address_of(trip())) == "away"
    assert nobody.farewell(SITE) is None
    peer.does("broken", **{"is": True})
    try:
        assert refusal(lambda: opened(peer.issuer).address_of(trip())) == "away"
    finally:
        peer.does("broken", **{"is": False})
    named_otherwise = opened(peer.issuer.replace("127.0.0.1", "localhost"))
    assert refusal(lambda: named_otherwise.address_of(trip())) == "answer", "another issuer than it says"


def test_the_farewell_names_the_client_and_nobody(client: OidcProvider, peer: Peer) -> None:
    target = client.farewell(f"{SITE}/sign-in")
    assert target is not None
    assert parse_qs(urlsplit(target).query) == {
        "client_id": [CLIENT],
        "post_logout_redirect_uri": [f"{SITE}/sign-in"],
    }


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(ProviderFailed) as failed:
        act()
    return failed.value.code


# Tokens of a forger: a provider of our own making, whose keys we hold, says what no sound one says.


class Forge:
    """A server that publishes a description and a key, and gives out the token that a test wrote."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.token = ""
        forge = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(
                    forge.described() if "well-known" in self.path else {"keys": [forge.key.as_dict(private=False)]}
                )

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.answer({"access_token": "a", "token_type": "Bearer", "id_token": forge.token})

            def answer(self, body: object) -> None:
                octets = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(octets)))
                self.end_headers()
                self.wfile.write(octets)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def described(self) -> dict[str, str]:
        ends = {"authorization_endpoint": "auth", "token_endpoint": "token", "jwks_uri": "jwks"}
        return {"issuer": self.issuer} | {name: f"{self.issuer}/{path}" for name, path in ends.items()}

    def signed(self, claims: dict[str, Any], key: Any = None, **header: str) -> str:
        return jwt.encode(
            {"alg": "RS256", "kid": "one", **header}, claims, key or self.key, algorithms=["RS256", "HS256"]
        )

    def by_public_key(self, claims: dict[str, Any]) -> str:
        """What a library that takes the public key for a shared secret would accept."""
        head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').rstrip(b"=")
        said = head + b"." + base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
        mac = hmac.digest(self.key.as_pem(private=False), said, "sha256")
        return (said + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


@pytest.fixture(scope="module")
def forge() -> Iterator[Forge]:
    made = Forge()
    yield made
    made.server.shutdown()
    made.server.server_close()


def claims_of(forge: Forge, **changes: Any) -> dict[str, Any]:
    at = int(now().timestamp())
    plain = {
        "iss": forge.issuer, "aud": CLIENT, "sub": "s", "employee_number": "E1", "nonce": trip().nonce,
        "iat": at, "exp": at + 60,
    }  # fmt: skip
    return {name: value for name, value in (plain | changes).items() if value is not None}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"iss": "http://127.0.0.1:1"}, "answer"),
        ({"aud": "another"}, "answer"),
        ({"aud": [CLIENT, "another"]}, "answer"),
        ({"aud": [CLIENT, "another"], "azp": CLIENT}, None),
        ({"azp": "another"}, "answer"),
        ({"sub": None}, "answer"),
        ({"sub": ""}, "answer"),
        ({"nonce": None}, "answer"),
        ({"nonce": "x"}, "answer"),
        ({"exp": None}, "answer"),
        ({"iat": None}, "answer"),
        ({"exp": 1}, "skew"),
        ({"employee_number": None}, "answer"),
        ({"employee_number": 7}, "answer"),
        ({"employee_number": " "}, "answer"),
        ({"amr": "mfa"}, "answer"),
    ],
    ids=str,
)
def test_an_id_token_of_the_right_key_still_has_to_say_what_fits(
    forge: Forge, opened: Opened, changes: dict[str, Any], code: str | None
) -> None:
    client = opened(forge.issuer)
    forge.token = forge.signed(claims_of(forge, **changes))
    if code is None:
        assert client.identity_of(trip(), "c", None, now()).number == "E1"
    else:
        assert refusal(lambda: client.identity_of(trip(), "c", None, now())) == code


def test_a_token_of_another_key_of_no_key_or_of_the_public_key_as_a_secret_is_none(
    forge: Forge, opened: Opened
) -> None:
    client = opened(forge.issuer)
    other = RSAKey.generate_key(2048, {"kid": "one"})
    unsigned = forge.signed(claims_of(forge)).split(".")
    head = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    for token in (
        forge.signed(claims_of(forge), other),
        forge.by_public_key(claims_of(forge)),
        f"{head}.{unsigned[1]}.",
        f"{unsigned[0]}.{unsigned[1]}.",
        "nonsense",
        "",
        "a" * 70_000,
    ):
        forge.token = token
        assert refusal(lambda: client.identity_of(trip(), "c", None, now())) == "answer", token[:40]


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"sub": None}, True),
        ({"sid": None}, True),
        ({"sid": None, "sub": None}, False),
        ({"nonce": "n"}, False),
        ({"events": {}}, False),
        ({"events": {LOGOUT_EVENT: "x"}}, False),
        ({"aud": "another"}, False),
        ({"iss": "http://127.0.0.1:1"}, False),
        ({"jti": None}, False),
        ({"iat": None}, False),
        ({"iat": 1}, False),
        ({"sid": 7}, False),
    ],
    ids=str,
)
def test_a_logout_token_says_logout_is_fresh_and_names_somebody(
    forge: Forge, opened: Opened, changes: dict[str, Any], *, fits: bool
) -> None:
    client = opened(forge.issuer)
    plain: dict[str, Any] = {
        "nonce": None, "exp": None, "sid": "z", "jti": "j", "events": {LOGOUT_EVENT: {}}, "employee_number": None,
    }  # fmt: skip
    token = forge.signed(claims_of(forge, **(plain | changes)))
    if fits:
        ended = client.ended_by(token, now())
        assert (ended.subject, ended.session) == (changes.get("sub", "s"), changes.get("sid", "z"))
    else:
        assert refusal(lambda: client.ended_by(token, now())) in ("answer", "skew")


SETTINGS = """
issuer = "https://id.lender.example"
client_id = "zhizhi"
secret_file = "{secret}"
claim = "employee_number"
local_roles = ["administrator"]
"""


def written(folder: Path, text: str) -> Path:
    secret = folder / "sso.secret"
    secret.write_text("s3cret\n")
    path = folder / "sso.toml"
    path.write_text(text.format(secret=secret))
    return path


def test_settings_are_read_and_the_secret_is_in_a_file_of_its_own(tmp_path: Path) -> None:
    assert load_provider_settings(tmp_path / "absent.toml") is None
    found = load_provider_settings(written(tmp_path, SETTINGS))
    assert found is not None
    assert (found.secret, found.local_roles, found.amr) == ("s3cret", ("administrator",), ("mfa",))


@pytest.mark.parametrize(
    ("was", "becomes", "names"),
    [
        ('issuer = "https:', 'issuer = "http:', "issuer"),
        ("claim = ", "claims = ", "claims"),
        ('claim = "employee_number"', "", "claim"),
        ('local_roles = ["administrator"]', 'local_roles = "administrator"', "local_roles"),
        ("sso.secret", "absent.secret", "secret_file"),
        ('client_id = "zhizhi"', "client_id = 7", "client_id"),
        ("issuer", "issuer", None),
        ('claim = "employee_number"', 'claim = "employee_number"\nalgorithms = ["HS256"]', "algorithms"),
        ('claim = "employee_number"', 'claim = "employee_number"\nalgorithms = ["none"]', "algorithms"),
        ('claim = "employee_number"', 'claim = "employee_number"\ntimeout_seconds = 0', "timeout_seconds"),
        ('claim = "employee_number"', 'claim = "employee_number"\nclient_secret = "x"', "client_secret"),
        ("issuer = ", "issuer ", "TOML"),
    ],
)
def test_settings_that_do_not_fit_are_named(tmp_path: Path, was: str, becomes: str, names: str | None) -> None:
    path = written(tmp_path, SETTINGS)
    path.write_text(path.read_text().replace(was, becomes))
    if names is None:
        assert load_provider_settings(path) is not None
        return
    with pytest.raises(Refused) as refused:
        load_provider_settings(path)
    assert names in refused.value.text.en
    assert "s3cret" not in refused.value.text.en
