"""How one SMTP relay is reached."""

from dataclasses import dataclass, field
from enum import StrEnum


class Security(StrEnum):
    """How the connection is protected."""

    PLAIN = "plain"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """One SMTP relay; only the demonstration outbox (`into_sink`) takes permits of a declared clock."""

    host: str
    port: int
    sender: str
    security: Security = Security.STARTTLS
    login: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: float = 20.0
    into_sink: bool = False
    ca_file: str | None = None
