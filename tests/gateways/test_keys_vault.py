"""The key service over HTTP, against a process that answers as the transit engine is documented to."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from gateways.vaultlike import TOKEN
from zhizhi.core.kernel.errors import KeyUnavailable
from zhizhi.gateways.keys.connected import open_keys
from zhizhi.gateways.keys.local import LocalKeyService, open_local_keys
from zhizhi.gateways.keys.refusals import KeyServiceError
from zhizhi.gateways.keys.vault import BATCH_MAX, VaultKeyService, VaultSettings

AT = datetime(2026, 11, 22, tzinfo=UTC)
RING = bytes(range(32))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    program = Path(__file__).parent / "vaultlike.py"
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        yield f"http://127.0.0.1:{int(running.stdout.readline())}"
        running.kill()


@pytest.fixture
def settings(address: str, tmp_path: Path) -> VaultSettings:
    httpx.post(f"{address}/mode/well")
    token = tmp_path / "token"
    token.write_text(TOKEN + "\n")
    return VaultSettings(address, token, "data", "root", timeout_seconds=20.0)


@pytest.fixture
def service(settings: VaultSettings) -> Iterator[VaultKeyService]:
    one = VaultKeyService(settings)
    yield one
    one.close()


def mode(address: str, word: str) -> None:
    httpx.post(f"{address}/mode/{word}")


def code_of(one: VaultKeyService) -> str:
    with pytest.raises(KeyServiceError) as caught:
        one.wrap_many([RING])
    assert isinstance(caught.value, KeyUnavailable), "the store knows no other refusal"
    assert RING.hex() not in str(caught.value)
    return caught.value.code


def test_what_is_wrapped_names_its_version_and_opens(service: VaultKeyService) -> None:
    rings = [bytes([n % 256]) * 32 * (1 + n % 3) for n in range(BATCH_MAX + 3)]
    wrapped = service.wrap_many(rings)
    assert all(one.startswith(service.mark(service.newest())) for one in wrapped)
    assert service.unwrap_many(wrapped) == rings
    assert service.wrap_many([]) == []


def test_a_rotation_is_made_once_and_rewrapping_moves_what_was_wrapped(service: VaultKeyService) -> None:
    before = service.newest()
    (old,) = service.wrap_many([RING])
    service.rotate(before + 1, AT)
    service.rotate(before + 1, AT)
    assert service.newest() == before + 1
    (new,) = service.rewrap_many([old])
    assert new.startswith(service.mark(before + 1))
    assert service.unwrap_many([old, new]) == [RING, RING]
    with pytest.raises(KeyServiceError, match="by hand"):
        service.rotate(before + 5, AT)


def test_derived_keys_stay_through_a_rotation_of_the_root(service: VaultKeyService) -> None:
    root, first = service.newest_root(), service.derive("search/1")
    service.rotate_root(root + 1, AT)
    assert service.newest_root() == root + 1
    assert service.derive("search/1") == first
    assert len({first, service.derive("search/2"), service.derive("search/1", root + 1)}) == 3
    with pytest.raises(KeyServiceError):
        service.derive("")
    with pytest.raises(KeyServiceError):
        service.derive("search/1", 99)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("sealed", "key_service_sealed"),
        ("torn", "key_service_away"),
        ("error", "key_service_away"),
        ("standby", "key_service_away"),
        ("huge", "unreadable_answer"),
        ("odd", "unreadable_answer"),
    ],
)
def test_every_failure_is_a_refusal_and_work_goes_on_afterwards(
    word: str, code: str, service: VaultKeyService, address: str
) -> None:
    mode(address, word)
    assert code_of(service) == code
    with pytest.raises(KeyServiceError):
        service.require()
    mode(address, "well")
    service.require()
    assert service.unwrap_many(service.wrap_many([RING])) == [RING]


def test_an_answer_that_comes_too_late_is_none(settings: VaultSettings, address: str) -> None:
    mode(address, "late")
    assert code_of(VaultKeyService(replace(settings, timeout_seconds=0.2))) == "key_service_away"


def test_a_service_that_nobody_serves_is_away(settings: VaultSettings) -> None:
    assert code_of(VaultKeyService(replace(settings, address="http://127.0.0.1:9"))) == "key_service_away"


def test_a_wrong_or_missing_token_is_refused_and_a_renewed_one_is_read(
    settings: VaultSettings, service: VaultKeyService
) -> None:
    settings.token_file.write_text("another")
    assert code_of(service) == "token_refused"
    settings.token_file.unlink()
    assert code_of(service) == "no_token"
    settings.token_file.write_text(TOKEN)
    assert service.wrap_many([RING])


def test_what_another_service_wrapped_or_somebody_altered_is_refused(service: VaultKeyService, tmp_path: Path) -> None:
    local: LocalKeyService = open_local_keys(tmp_path / "keys" / "local.json", AT)
    (wrapped,) = service.wrap_many([RING])
    altered = wrapped[:-8] + b"AAAAAAA="
    for foreign in (local.wrap(RING), b"", b"vault:v1:", b"vault:v9999:" + wrapped[9:], altered):
        with pytest.raises(KeyServiceError) as caught:
            service.unwrap_many([wrapped, foreign])
        assert caught.value.code == "bad_wrapped_key"
    with pytest.raises(KeyServiceError):
        local.unwrap(wrapped)


def test_a_service_that_answered_lately_is_not_asked_again(settings: VaultSettings, address: str) -> None:
    now = [0.0]
    service = VaultKeyService(settings, lambda: now[0])
    service.require()
    before = httpx.get(f"{address}/asked").json()["keys"]
    now[0] = 4.0
    service.require()
    assert httpx.get(f"{address}/asked").json()["keys"] == before
    now[0] = 10.0
    service.require()
    assert httpx.get(f"{address}/asked").json()["keys"] == before + 1
    service.close()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"address": "http://vault.internal:8200"}, "not_encrypted"),
        ({"address": "vault.internal"}, "not_encrypted"),
        ({"key": "root"}, "bad_name"),
        ({"key": "../sys/seal"}, "bad_name"),
        ({"mount": "a//b"}, "bad_name"),
    ],
)
def test_settings_that_leak_or_wander_are_refused(settings: VaultSettings, change: dict[str, str], code: str) -> None:
    with pytest.raises(KeyServiceError) as caught:
        VaultKeyService(replace(settings, **change))
    assert caught.value.code == code


def test_the_settings_file_names_service_and_cipher(tmp_path: Path, settings: VaultSettings) -> None:
    path = tmp_path / "keys.toml"
    service, cipher = open_keys(path, tmp_path / "state", AT)
    assert isinstance(service, LocalKeyService)
    assert cipher == "aes-256-gcm"
    path.write_text(
        f'service = "vault"\ncipher = "sm4-gcm"\naddress = "{settings.address}"\n'
        f'token_file = "{settings.token_file}"\nkey = "data"\nroot_key = "root"\n'
    )
    service, cipher = open_keys(path, tmp_path / "state", AT)
    assert isinstance(service, VaultKeyService)
    assert cipher == "sm4-gcm"
    assert service.unwrap_many(service.wrap_many([RING])) == [RING]
    service.close()


@pytest.mark.parametrize(
    "text",
    ['service = "hsm"', 'cipher = "sm4-cbc"', 'token = "s.123"', "service = [", 'service = "vault"', "service = []"],
)
def test_settings_that_are_not_known_are_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(text)
    with pytest.raises(KeyServiceError) as caught:
        open_keys(path, tmp_path / "state", AT)
    assert caught.value.code == "bad_settings"
    assert "s.123" not in str(caught.value)
