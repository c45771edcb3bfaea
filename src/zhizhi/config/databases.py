"""Three logins of one database: `DATABASE_URL` is the owner's, the other two are derived from it.

`zhizhi_owner` migrates, `zhizhi_web` reads under row-level security, `zhizhi_gate` writes. A process that serves
screens
or works jobs has no connection of the owner.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from psycopg.conninfo import conninfo_to_dict

WEB_LOGIN = "zhizhi_web"
GATE_LOGIN = "zhizhi_gate"
# Used where no server is named: Django wants a complete setting even for commands that never connect.
NOWHERE = "postgresql://zhizhi_owner@/zhizhi?host=/nonexistent"
# Statements that are asked again are prepared. Django prepares none by itself, for poolers that lend a connection a
# transaction at a time; such a pooler before the server has to carry prepared statements.
PREPARED_FROM = 5
# The product's questions are short and their plans look dear: compiling one takes longer than running it, at each call
# (a group's reading of facts: 100 ms instead of 1). The owner's migrations are left as they are.
NOT_COMPILED = "-c jit=off"


def derived_password(owner_password: str, login: str) -> str:
    """The password of a derived login; empty where the owner has none (private socket)."""
    if not owner_password:
        return ""
    digest = hmac.new(owner_password.encode(), f"zhizhi login {login}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def databases_of(environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Django's DATABASES: `default` is the web login, `gate` the writer; `owner` only where ZHIZHI_LOGIN=owner."""
    url = environment.get("DATABASE_URL") or NOWHERE
    logins = {"default": WEB_LOGIN, "gate": GATE_LOGIN}
    databases = {alias: database_of(url, login) for alias, login in logins.items()}
    if environment.get("ZHIZHI_LOGIN") == "owner":
        databases["owner"] = database_of(url, None)
    return databases


def database_of(url: str, login: str | None) -> dict[str, Any]:
    """One entry of DATABASES; `login` None means the owner."""
    parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    user, password = parts.pop("user", ""), parts.pop("password", "")
    if login is not None:
        parts["options"] = f"{parts.get('options', '')} {NOT_COMPILED}".strip()
    options: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "zhizhi"),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "USER": login or user,
        "PASSWORD": derived_password(password, login) if login else password,
        "CONN_MAX_AGE": 0 if login is None else 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**parts, "application_name": f"zhizhi {login or 'owner'}", "prepare_threshold": PREPARED_FROM},
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }
    return options
