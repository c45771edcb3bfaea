"""What no backup holds is named: settings, wherever they lie, the secrets that they name, and the keys."""

from pathlib import Path

from zhizhi.ops.backup_apart import kept_apart


def test_everything_that_is_there_is_named_once_with_the_secrets_of_its_settings(tmp_path: Path) -> None:
    elsewhere = tmp_path / "etc"
    for folder in (tmp_path / "keys", elsewhere):
        folder.mkdir()
    (tmp_path / "channels.toml").write_text('[sms]\nsecret_file = "/etc/z/sms.secret"\n[email]\nhost = "m"\n')
    (elsewhere / "sso.toml").write_text('secret_file = "/etc/z/sso.secret"\n[[roles]]\nlogin_file = "/etc/z/x"\n')
    for name in ("keys/local.json", "secret-key"):
        (tmp_path / name).touch()
    found = kept_apart(tmp_path, {"ZHIZHI_SSO": str(elsewhere / "sso.toml")})
    assert [one.path for one in found] == [
        tmp_path / "channels.toml",
        Path("/etc/z/sms.secret"),
        elsewhere / "sso.toml",
        Path("/etc/z/sso.secret"),
        Path("/etc/z/x"),
        tmp_path / "keys" / "local.json",
        tmp_path / "secret-key",
    ]


def test_settings_that_cannot_be_read_are_named_and_said_to_be_unread(tmp_path: Path) -> None:
    (tmp_path / "channels.toml").write_bytes(b"\xff[")
    (one,) = kept_apart(tmp_path, {})
    assert one.path.name == "channels.toml"
    assert "look yourself" in one.what.en
    assert kept_apart(tmp_path / "empty", {}) == []
