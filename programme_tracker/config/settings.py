"""Every setting, and how each is read from the environment."""

import base64
import binascii
import difflib
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NoReturn
from urllib.parse import urlsplit

from programme_tracker.config.mail import SETTINGS as MAIL_SETTINGS
from programme_tracker.config.mail import MailSettings, read_mail
from programme_tracker.config.metrics import SETTINGS as METRICS_SETTINGS
from programme_tracker.config.metrics import MetricsSettings, read_metrics
from programme_tracker.config.trail import SETTINGS as TRAIL_SETTINGS
from programme_tracker.config.trail import read_anchor
from programme_tracker.config.words import PREFIX, ConfigError, Setting, whole_number

KEY_BYTES = 32
DEMO_CALLBACK_NUMBER = "01632 960001"  # Ofcom keeps 01632 960xxx for drama: it rings nowhere.
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}

#: What tells that a real Twilio account is configured.
TWILIO_ACCOUNT = (
    "PT_TWILIO_ACCOUNT_SID",
    "PT_TWILIO_AUTH_TOKEN",
    "PT_TWILIO_FROM",
    "PT_TWILIO_MESSAGING_SERVICE_SID",
)

SmsProvider = Literal["console", "twilio"]

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "PT_DEMO",
        "off",
        "Demo mode: invented data, known sign-ins, texts shown on a page and never sent. "
        "`programme-tracker run` turns it on by itself when no secret and no database server is set",
    ),
    Setting("PT_INSTANCE_PATH", "`instance`", "Folder for what this installation keeps on disk"),
    Setting(
        "PT_DATABASE_URL",
        "`sqlite:///instance/programme_tracker.sqlite3`",
        "Where the database is: `sqlite:///…` or `postgresql://…`",
        secret=True,
    ),
    Setting("PT_HOST", "`127.0.0.1`", "Address the web server listens on"),
    Setting("PT_PORT", "`8000`", "Port the web server listens on"),
    Setting(
        "PT_PUBLIC_URL", "`http://PT_HOST:PT_PORT`", "Address people open, used in links; https in service"
    ),
    Setting(
        "PT_TRUSTED_HOSTS",
        "PT_PUBLIC_URL's host, `localhost`, `127.0.0.1`",
        "Host names this server answers to, with commas between",
    ),
    Setting("PT_TRUSTED_PROXIES", "`0`", "How many reverse proxies stand in front, exactly"),
    Setting("PT_SECRET_KEY", "required", "Signs sessions and forms; at least 32 characters", secret=True),
    Setting(
        "PT_FIELD_KEYS",
        "required",
        "Keys that encrypt sensitive columns, `id:base64` of 32 bytes with commas between; the first writes",
        secret=True,
    ),
    Setting(
        "PT_BLIND_INDEX_KEY",
        "required",
        "Key for looking up encrypted values, base64 of 32 bytes",
        secret=True,
    ),
    Setting(
        "PT_SMS_PROVIDER",
        "`console` in demo mode, else `twilio`",
        "Who carries texts; `console` only in demo mode",
    ),
    Setting("PT_TWILIO_ACCOUNT_SID", "required for Twilio", "Twilio account"),
    Setting(
        "PT_TWILIO_AUTH_TOKEN", "required for Twilio", "Twilio token, also checks its callbacks", secret=True
    ),
    Setting("PT_TWILIO_FROM", "none", "Number or sender name texts come from; this or the service below"),
    Setting("PT_TWILIO_MESSAGING_SERVICE_SID", "none", "Twilio messaging service texts come from"),
    Setting(
        "PT_TWILIO_DISCARD",
        "off",
        "Have Twilio keep no words at all, where the account allows it; otherwise they are redacted "
        "once a text has arrived or failed",
    ),
    Setting(
        "PT_TWILIO_BASE_URL",
        "Twilio's own",
        "Another address of Twilio's API, for trying a set-up",
    ),
    Setting("PT_SENDING_THREADS", "`4`", "Texts a worker hands over at the same time"),
    Setting(
        "PT_CALLBACK_NUMBER", "required; `01632 960001` in demo mode", "Number that texts ask people to ring"
    ),
    *MAIL_SETTINGS,
    *METRICS_SETTINGS,
    *TRAIL_SETTINGS,
    Setting("PT_TICK_SECONDS", "`5`", "Seconds between two looks of the worker for due work"),
    Setting("PT_SESSION_IDLE_MINUTES", "`15`", "Minutes without a request after which a sign-in ends"),
    Setting("PT_SESSION_HOURS", "`10`", "Hours after which a sign-in ends in any case"),
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that differs between installations. Secrets stay out of its ``repr``."""

    demo: bool
    instance_path: Path
    database_url: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"
    trusted_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    trusted_proxies: int = 0
    secret_key: str = field(repr=False)
    #: Key ids and 32-byte keys; the first encrypts, every one decrypts.
    field_keys: tuple[tuple[str, bytes], ...] = field(repr=False)
    blind_index_key: bytes = field(repr=False)
    sms_provider: SmsProvider = "console"
    twilio_account_sid: str = ""
    twilio_auth_token: str = field(default="", repr=False)
    twilio_from: str = ""
    twilio_messaging_service_sid: str = ""
    twilio_discard: bool = False
    twilio_base_url: str = ""
    sending_threads: int = 4
    callback_number: str = DEMO_CALLBACK_NUMBER
    #: None where alerts to staff go by text alone.
    mail: MailSettings | None = None
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    audit_anchor: str = ""
    tick_seconds: float = 5.0
    session_idle_minutes: int = 15
    session_hours: int = 10


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read all settings from ``environ``.

    Raises ConfigError that names the first missing or wrong setting. In demo mode secrets that are
    not set come from a file in the instance folder, which is made when it is not there.
    """
    return _Reader(environ).settings()


def demo_by_default(environ: Mapping[str, str]) -> bool:
    """Tell whether somebody who set nothing up means demo mode.

    Never with a secret or a database server configured: forgetting one secret of a real
    installation must refuse the start, not open it with known sign-ins.
    """
    if "PT_DEMO" in environ:
        return False
    named = ("PT_SECRET_KEY", "PT_FIELD_KEYS", "PT_BLIND_INDEX_KEY", *TWILIO_ACCOUNT)
    return not any(environ.get(name) for name in named) and not environ.get("PT_DATABASE_URL", "").startswith(
        "postgres"
    )


class _Reader:
    """Reads each setting once, knowing whether demo mode forgives a missing one."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = {name: value.strip() for name, value in environ.items() if name.startswith(PREFIX)}
        self._refuse_unknown()
        self.demo = self._flag("PT_DEMO")
        self.instance_path = Path(self._text("PT_INSTANCE_PATH", "instance")).absolute()

    def settings(self) -> Settings:
        """Read everything."""
        host, port = self._text("PT_HOST", "127.0.0.1"), self._number("PT_PORT", 8000, most=65535)
        public_url = self._public_url(host, port)
        self._refuse_twilio_in_demo()
        provider = self._provider()
        return Settings(
            demo=self.demo,
            instance_path=self.instance_path,
            database_url=self._database_url(),
            host=host,
            port=port,
            public_url=public_url,
            trusted_hosts=self._trusted_hosts(public_url),
            trusted_proxies=self._number("PT_TRUSTED_PROXIES", 0, least=0),
            secret_key=self._secret_key(),
            field_keys=self._field_keys(),
            blind_index_key=self._blind_index_key(),
            sms_provider=provider,
            twilio_account_sid=self._twilio("PT_TWILIO_ACCOUNT_SID", provider),
            twilio_auth_token=self._twilio("PT_TWILIO_AUTH_TOKEN", provider),
            twilio_from=self._twilio_sender("PT_TWILIO_FROM", provider),
            twilio_messaging_service_sid=self._text("PT_TWILIO_MESSAGING_SERVICE_SID"),
            twilio_discard=self._flag("PT_TWILIO_DISCARD"),
            twilio_base_url=self._text("PT_TWILIO_BASE_URL").rstrip("/"),
            sending_threads=self._number("PT_SENDING_THREADS", 4, most=64),
            callback_number=self._callback_number(),
            mail=read_mail(self._environ, demo=self.demo),
            metrics=read_metrics(self._environ),
            audit_anchor=read_anchor(self._environ),
            tick_seconds=self._seconds("PT_TICK_SECONDS", 5.0),
            session_idle_minutes=self._number("PT_SESSION_IDLE_MINUTES", 15),
            session_hours=self._number("PT_SESSION_HOURS", 10),
        )

    def _refuse_unknown(self) -> None:
        known = {setting.name for setting in SETTINGS}
        for name in sorted(self._environ.keys() - known):
            near = difflib.get_close_matches(name, known, n=1)
            raise ConfigError(name, "is not a setting" + (f"; did you mean {near[0]}?" if near else "."))

    def _refuse_twilio_in_demo(self) -> None:
        """Refuse demo mode beside a Twilio account: known passwords must never stand before real texts."""
        for name in TWILIO_ACCOUNT if self.demo else ():
            if self._text(name):
                raise ConfigError(
                    name, "is set, and demo mode refuses to run with a Twilio account: unset one."
                )

    def _text(self, name: str, default: str = "") -> str:
        return self._environ.get(name) or default

    def _flag(self, name: str) -> bool:
        value = self._text(name).lower()
        if value not in _TRUE | _FALSE:
            raise ConfigError(name, "must be 1 or 0.")
        return value in _TRUE

    def _number(self, name: str, default: int, *, least: int = 1, most: int = 1_000_000) -> int:
        return whole_number(name, self._text(name, str(default)), least=least, most=most)

    def _seconds(self, name: str, default: float) -> float:
        try:
            value = float(self._text(name, str(default)))
        except ValueError:
            value = 0.0
        if not 0.05 <= value <= 3600:
            raise ConfigError(name, "must be a number of seconds from 0.05 to 3600.")
        return value

    def _missing(self, name: str) -> NoReturn:
        raise ConfigError(name, "is not set: set it, or set PT_DEMO=1 to try the product on invented data.")

    def _database_url(self) -> str:
        default = f"sqlite:///{self.instance_path / 'programme_tracker.sqlite3'}"
        url = self._text("PT_DATABASE_URL", default)
        if url.startswith(("postgresql://", "postgresql+psycopg://")):
            return url
        if url.startswith("postgres://"):
            return "postgresql" + url.removeprefix("postgres")
        path = url.removeprefix("sqlite:///")
        if path == url or path in {"", ":memory:"}:
            raise ConfigError("PT_DATABASE_URL", "must be sqlite:///FILE or postgresql://USER@HOST/NAME.")
        # Absolute here, since Flask-SQLAlchemy would read it relative to a folder of its own.
        return f"sqlite:///{Path(path).absolute()}"

    def _public_url(self, host: str, port: int) -> str:
        # Listening everywhere is no address to open: this machine's own name for itself is.
        name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound
        shown = f"[{name}]" if ":" in name else name
        url = self._text("PT_PUBLIC_URL", f"http://{shown}:{port}").rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ConfigError("PT_PUBLIC_URL", "must be an address such as https://tracker.example.org.")
        return url

    def _trusted_hosts(self, public_url: str) -> tuple[str, ...]:
        named = [part.strip() for part in self._text("PT_TRUSTED_HOSTS").split(",") if part.strip()]
        if named:
            return tuple(named)
        return tuple(dict.fromkeys([urlsplit(public_url).hostname or "", "127.0.0.1", "localhost"]))

    def _secret_key(self) -> str:
        value = self._text("PT_SECRET_KEY")
        if not value and self.demo:
            return self._demo_key("secret-key").hex()
        if not value:
            self._missing("PT_SECRET_KEY")
        if len(value) < KEY_BYTES:
            raise ConfigError("PT_SECRET_KEY", f"must have at least {KEY_BYTES} characters.")
        return value

    def _field_keys(self) -> tuple[tuple[str, bytes], ...]:
        value = self._text("PT_FIELD_KEYS")
        if not value and self.demo:
            return (("demo", self._demo_key("field-key")),)
        if not value:
            self._missing("PT_FIELD_KEYS")
        pairs = [part.strip().partition(":") for part in value.split(",")]
        ids = [key_id for key_id, _, _ in pairs]
        if not all(key_id.isalnum() for key_id in ids) or len(set(ids)) != len(ids):
            raise ConfigError("PT_FIELD_KEYS", "must be id:base64 pairs with commas between, each id once.")
        return tuple((key_id, _key("PT_FIELD_KEYS", encoded)) for key_id, _, encoded in pairs)

    def _blind_index_key(self) -> bytes:
        value = self._text("PT_BLIND_INDEX_KEY")
        if not value and self.demo:
            return self._demo_key("blind-index-key")
        if not value:
            self._missing("PT_BLIND_INDEX_KEY")
        return _key("PT_BLIND_INDEX_KEY", value)

    def _provider(self) -> SmsProvider:
        value = self._text("PT_SMS_PROVIDER", "console" if self.demo else "twilio")
        if value == "twilio" and not self.demo:
            return "twilio"
        if value == "console" and self.demo:
            return "console"
        if value in {"console", "twilio"}:
            allowed = "console: invented people are never texted" if self.demo else "twilio"
            mode = "in" if self.demo else "outside"
            raise ConfigError("PT_SMS_PROVIDER", f"{mode} demo mode must be {allowed}.")
        raise ConfigError("PT_SMS_PROVIDER", "must be console or twilio.")

    def _twilio(self, name: str, provider: SmsProvider) -> str:
        value = self._text(name)
        if provider == "twilio" and not value:
            self._missing(name)
        return value

    def _twilio_sender(self, name: str, provider: SmsProvider) -> str:
        if self._text("PT_TWILIO_MESSAGING_SERVICE_SID"):
            return self._text(name)
        return self._twilio(name, provider)

    def _callback_number(self) -> str:
        value = self._text("PT_CALLBACK_NUMBER", DEMO_CALLBACK_NUMBER if self.demo else "")
        if not value:
            self._missing("PT_CALLBACK_NUMBER")
        return value

    def _demo_key(self, purpose: str) -> bytes:
        seed = _demo_seed(self.instance_path / "demo-secret")
        return hmac.new(seed, purpose.encode(), hashlib.sha256).digest()


def _key(name: str, encoded: str) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigError(name, f"must hold base64 of exactly {KEY_BYTES} bytes.")
    return key


def _demo_seed(path: Path) -> bytes:
    """Read the demo installation's own secret, making it the first time; two starts agree on one."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            draft = path.with_name(f"{path.name}.{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_hex(KEY_BYTES))
            try:
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_bytes()
    except OSError as error:
        raise ConfigError("PT_INSTANCE_PATH", f"names a folder that cannot be written: {error}.") from error


def settings_table() -> str:
    """Return all settings as a Markdown table, for the README."""
    rows = [f"| `{setting.name}` | {setting.default} | {setting.meaning} |" for setting in SETTINGS]
    return "\n".join(["| Setting | Default | What it is |", "|---|---|---|", *rows])


def new_secrets() -> dict[str, str]:
    """Make fresh values for the secrets a real installation must set."""
    return {
        "PT_SECRET_KEY": secrets.token_urlsafe(48),
        "PT_FIELD_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
        "PT_BLIND_INDEX_KEY": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
    }
