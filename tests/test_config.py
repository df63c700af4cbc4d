"""Settings: what is required, what is refused, and that the README tells of each."""

import base64
from pathlib import Path

import pytest

from programme_tracker.config import (
    SETTINGS,
    ConfigError,
    demo_by_default,
    load_settings,
    new_secrets,
    settings_table,
)
from programme_tracker.config.settings import TWILIO_ACCOUNT

KEY = base64.b64encode(b"k" * 32).decode()
REAL = {
    "PT_SECRET_KEY": "s" * 32,
    "PT_FIELD_KEYS": f"k2:{KEY},k1:{KEY}",
    "PT_BLIND_INDEX_KEY": KEY,
    "PT_TWILIO_ACCOUNT_SID": "account",
    "PT_TWILIO_AUTH_TOKEN": "token",
    "PT_TWILIO_FROM": "+447700900000",
    "PT_CALLBACK_NUMBER": "01632 960999",
}


@pytest.mark.parametrize("name", REAL)
def test_missing_secret_refuses_the_start_by_name(name: str) -> None:
    environ = {key: value for key, value in REAL.items() if key != name}
    with pytest.raises(ConfigError, match=f"^{name} is not set") as refusal:
        load_settings(environ)
    assert refusal.value.setting == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PT_SECRET_KEY", "too short"),
        ("PT_FIELD_KEYS", KEY),
        ("PT_FIELD_KEYS", f"k1:{KEY},k1:{KEY}"),
        ("PT_FIELD_KEYS", "k1:not base64"),
        ("PT_BLIND_INDEX_KEY", base64.b64encode(b"short").decode()),
        ("PT_PORT", "0"),
        ("PT_PORT", "eighty"),
        ("PT_PORT", "70000"),
        ("PT_DEMO", "perhaps"),
        ("PT_DATABASE_URL", "mysql://localhost/tracker"),
        ("PT_DATABASE_URL", "sqlite://"),
        ("PT_DATABASE_URL", "sqlite:///:memory:"),
        ("PT_SMS_PROVIDER", "console"),
        ("PT_SMS_PROVIDER", "pigeon"),
        ("PT_PUBLIC_URL", "tracker.example.org"),
        ("PT_TICK_SECONDS", "0"),
        ("PT_TICK_SECONDS", "nan"),
        ("PT_SECRET_KEYS", "x"),
    ],
)
def test_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name} "):
        load_settings({**REAL, name: value})


def test_misspelt_setting_suggests_the_right_one() -> None:
    with pytest.raises(ConfigError, match="did you mean PT_SECRET_KEY"):
        load_settings({**REAL, "PT_SECRET_KEYS": "x"})


def test_real_installation_reads_what_it_was_given() -> None:
    settings = load_settings({**REAL, "PT_PUBLIC_URL": "https://tracker.example.org/", "IGNORED": "1"})
    assert settings.sms_provider == "twilio"
    assert settings.public_url == "https://tracker.example.org"
    assert settings.trusted_hosts[0] == "tracker.example.org"
    assert [key_id for key_id, _ in settings.field_keys] == ["k2", "k1"]
    assert settings.callback_number == "01632 960999"


def test_messaging_service_stands_in_for_a_number() -> None:
    environ = {**REAL, "PT_TWILIO_MESSAGING_SERVICE_SID": "service"}
    del environ["PT_TWILIO_FROM"]
    assert load_settings(environ).twilio_from == ""


def test_new_secrets_are_accepted() -> None:
    assert load_settings({**REAL, **new_secrets()}).field_keys[0][0] == "k1"


def test_no_secret_shows_in_the_settings_text() -> None:
    shown = repr(load_settings({**REAL, "PT_DATABASE_URL": "postgresql://u:hidden@db/tracker"}))
    assert not any(secret in shown for secret in ("ssss", KEY, "token", "hidden", "kkkk"))


def test_demo_mode_keeps_its_secrets(tmp_path: Path) -> None:
    environ = {"PT_DEMO": "1", "PT_INSTANCE_PATH": str(tmp_path / "instance")}
    first, second = load_settings(environ), load_settings(environ)
    assert first.secret_key == second.secret_key
    assert first.field_keys == second.field_keys
    assert first.field_keys[0][1] != first.blind_index_key
    kept = tmp_path / "instance" / "demo-secret"
    assert kept.stat().st_mode & 0o077 == 0
    assert kept.parent.stat().st_mode & 0o077 == 0


def test_demo_mode_refuses_a_real_provider(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^PT_SMS_PROVIDER"):
        load_settings({"PT_DEMO": "1", "PT_INSTANCE_PATH": str(tmp_path), "PT_SMS_PROVIDER": "twilio"})


def test_relative_database_path_is_read_from_the_present_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings({**REAL, "PT_DATABASE_URL": "sqlite:///here.db"}).database_url == (
        f"sqlite:///{tmp_path}/here.db"
    )


def test_old_name_of_postgresql_is_understood() -> None:
    settings = load_settings({**REAL, "PT_DATABASE_URL": "postgres://u@db/tracker"})
    assert settings.database_url == "postgresql://u@db/tracker"


@pytest.mark.parametrize(
    ("environ", "demo"),
    [
        ({}, True),
        ({"PT_PORT": "9000", "PT_DATABASE_URL": "sqlite:///try.db"}, True),
        ({"PT_DEMO": "0"}, False),
        ({"PT_SECRET_KEY": "s" * 32}, False),
        ({"PT_BLIND_INDEX_KEY": KEY}, False),
        ({"PT_DATABASE_URL": "postgresql://db/tracker"}, False),
    ],
)
def test_demo_mode_is_only_for_somebody_who_set_nothing_up(environ: dict[str, str], demo: bool) -> None:
    assert demo_by_default(environ) is demo


def test_readme_shows_the_table_of_settings() -> None:
    readme = Path(__file__).resolve().parents[1] / "README.md"
    assert settings_table() in readme.read_text(encoding="utf-8"), (
        "put in what programme-tracker settings prints"
    )


def test_every_setting_is_described_once() -> None:
    names = [setting.name for setting in SETTINGS]
    assert len(set(names)) == len(names)


MAIL = {"PT_SMTP_HOST": "mail.example.org", "PT_MAIL_FROM": "tracker@example.org"}


def test_mail_is_off_until_a_server_is_named() -> None:
    assert load_settings(REAL).mail is None
    mail = load_settings({**REAL, **MAIL}).mail
    assert mail is not None
    assert (mail.host, mail.port, mail.security) == ("mail.example.org", 587, "starttls")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"PT_MAIL_FROM": "tracker"}, "PT_MAIL_FROM"),
        ({"PT_MAIL_FROM": "a@b\r\nBcc: c@d"}, "PT_MAIL_FROM"),
        ({"PT_SMTP_SECURITY": "none"}, "PT_SMTP_SECURITY"),
        ({"PT_SMTP_SECURITY": "ssl"}, "PT_SMTP_SECURITY"),
        ({"PT_SMTP_USERNAME": "me"}, "PT_SMTP_PASSWORD"),
        ({"PT_SMTP_PASSWORD": "it"}, "PT_SMTP_USERNAME"),
        ({"PT_SMTP_HOST": ""}, "PT_MAIL_FROM"),
        ({"PT_DEMO": "1"}, "PT_SMTP_HOST"),
    ],
)
def test_wrong_mail_setting_is_refused_by_name(changed: dict[str, str], named: str) -> None:
    environ = {**REAL, **MAIL, **changed}
    if "PT_DEMO" in changed:
        environ = {**MAIL, **changed}
    with pytest.raises(ConfigError, match=f"^{named} "):
        load_settings(environ)


def test_mail_without_encryption_stays_on_this_machine() -> None:
    mail = load_settings({**REAL, **MAIL, "PT_SMTP_SECURITY": "none", "PT_SMTP_HOST": "127.0.0.1"}).mail
    assert mail is not None
    assert mail.port == 25


def test_metrics_are_off_and_then_on_loopback() -> None:
    assert load_settings(REAL).metrics.port == 0
    metrics = load_settings({**REAL, "PT_METRICS_PORT": "9100"}).metrics
    assert (metrics.host, metrics.port) == ("127.0.0.1", 9100)


@pytest.mark.parametrize("name", TWILIO_ACCOUNT)
def test_demo_mode_refuses_a_twilio_account_by_name(tmp_path: Path, name: str) -> None:
    environ = {"PT_DEMO": "1", "PT_INSTANCE_PATH": str(tmp_path), name: REAL.get(name, "service")}
    with pytest.raises(ConfigError, match=f"^{name} is set, and demo mode refuses"):
        load_settings(environ)
    assert not demo_by_default({name: environ[name]})


@pytest.mark.parametrize("value", ["ftp://a.example", "http://anchor.example.org/x", "https://"])
def test_anchor_that_is_no_safe_place_is_refused(value: str) -> None:
    with pytest.raises(ConfigError, match=r"^PT_AUDIT_ANCHOR "):
        load_settings({**REAL, "PT_AUDIT_ANCHOR": value})


def test_anchor_is_a_file_or_an_https_address(tmp_path: Path) -> None:
    assert load_settings(REAL).audit_anchor == ""
    address = "https://anchor.example.org/heads"
    assert load_settings({**REAL, "PT_AUDIT_ANCHOR": address}).audit_anchor == address
    assert load_settings({**REAL, "PT_AUDIT_ANCHOR": str(tmp_path / "a")}).audit_anchor == str(tmp_path / "a")
