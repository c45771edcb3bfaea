"""What the database itself refuses, whatever the application does."""

import psycopg
import pytest


@pytest.mark.usefixtures("store")
class TestLogins:
    def test_the_web_login_sees_nobody_before_a_viewer_is_named(self, database: str) -> None:
        with psycopg.connect(database) as owner:
            login = owner.execute("SELECT rolname FROM pg_roles WHERE rolname = 'zhizhi_web'").fetchone()
        assert login == ("zhizhi_web",)
