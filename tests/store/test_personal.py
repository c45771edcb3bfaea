"""No column escapes the register of personal data: every one is declared, and what authenticates is never held."""

import re
from pathlib import Path

from django.apps import apps

from gatework import rows
from zhizhi.core.kernel.text import Text
from zhizhi.ops.privacy_page import privacy_page
from zhizhi.store.personal import (
    Form,
    Held,
    Pfi,
    Shown,
    clear_columns,
    declare,
    keyed,
    personal_of,
    sealed_columns,
    tables,
)
from zhizhi.store.retention import FATES, Kept

ROOT = Path(__file__).resolve().parents[2]
OF_DJANGO = {
    "auth_group": "none of the product's; never filled",
    "auth_group_permissions": "none of the product's; never filled",
    "auth_permission": "names of Django's own permissions",
    "django_content_type": "names of tables",
    "django_migrations": "names of migrations",
    "django_session": "digest of a random key and sealed state of a session: id of a member, no name",
}
C3_NAMES = re.compile(
    r"(^|_)(cvv2?|cvn2?|cvc|track[12]?|magnetic|pin|pan_expiry|card_expiry|expiry_date|trade_password|pay_password"
    r"|query_password|fingerprint_image|face|face_image|iris|voice_?print|biometric|otp_code|sms_code)($|_)"
)


def catalogue() -> dict[str, set[str]]:
    """Every column of every table of the database itself, whoever made it."""
    found: dict[str, set[str]] = {}
    for table, column in rows(
        "SELECT t.relname, a.attname FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid"
        " WHERE t.relnamespace = 'public'::regnamespace AND t.relkind IN ('r', 'p', 'v', 'm', 'f')"
        " AND a.attnum > 0 AND NOT a.attisdropped"
    ):
        found.setdefault(table, set()).add(column)
    return found


def test_every_column_of_the_database_is_declared(store: str) -> None:
    del store
    there = catalogue()
    declared = {table.name: table for table in tables()}
    assert set(there) - OF_DJANGO.keys() == declared.keys(), "a table without a model, or a model without a table"
    wrong = []
    for name, table in declared.items():
        personal = table.personal
        assert personal is not None, f"{name}: its model declares no `personal` (store/personal.py)"
        told = personal.free | personal.held.keys()
        if there[name] != told:
            wrong.append(f"{name}: declare {sorted(there[name] - told)}, or take back {sorted(told - there[name])}")
    assert not wrong, "\n".join(wrong)


def test_the_count_of_fields_is_that_of_the_page(store: str) -> None:
    """Columns that hold personal data: sealed, hashed, or in the clear with a reason."""
    del store
    held = [one for table in tables() if table.personal for one in table.personal.held.values()]
    by_form = {form: sum(one.form is form for one in held) for form in Form}
    assert by_form[Form.OF_PERSON] + by_form[Form.LISTED] + by_form[Form.OF_PRODUCT] >= 20
    assert all(one.why is not None for one in held if one.form is Form.CLEAR)
    assert len(held) == sum(by_form.values())


def test_no_column_has_a_name_of_what_authenticates(store: str) -> None:
    del store
    assert set(Pfi) == {"C1", "C2", "staff"}, "C3 is no class that could be declared"
    found = [
        f"{table}.{column}" for table, columns in catalogue().items() for column in columns if C3_NAMES.search(column)
    ]
    assert not found, f"C3 of JR/T 0171 must not be held: {found}"


def test_what_is_sealed_is_octets_and_what_is_octets_is_sealed_or_no_personal_data(store: str) -> None:
    del store
    kinds = {
        (table, column): kind
        for table, column, kind in rows(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
        )
    }
    for form in (Form.OF_PERSON, Form.LISTED, Form.OF_PRODUCT):
        for table, column, _ in sealed_columns(form):
            assert kinds[(table, column)] == "bytea", f"{table}.{column}"


def test_a_text_that_nobody_closed_is_free_only_where_it_is_a_word_of_ours(store: str) -> None:
    """Free text about a person is sealed; columns in the clear of tables of persons are looked at by name here."""
    del store
    assert {f"{table}.{column}" for table, column, held in clear_columns() if held.shown is Shown.NOBODY} == {
        "former_row.was",
        "staff.password",
    }


def test_each_model_has_its_own_declaration_and_a_fate() -> None:
    for model in apps.get_app_config("store").get_models():
        assert personal_of(model) is not None, model.__name__
    for table in tables():
        assert table.name in FATES
        held = table.personal.held if table.personal else {}
        of_customers = [one for one in held.values() if one.pfi is not Pfi.STAFF]
        if of_customers:
            assert FATES[table.name].kept is not Kept.SYSTEM, f"{table.name} holds personal data and is never erased"


def test_a_column_declared_twice_or_sealed_without_a_place_cannot_be_written() -> None:
    for wrong in (
        lambda: declare("a b", a=keyed("甲", "a")),
        lambda: Held(Pfi.C2, Form.OF_PERSON, Text("甲", "a"), Shown.MASKED),
        lambda: Held(Pfi.C2, Form.CLEAR, Text("甲", "a"), Shown.MASKED),
        lambda: Held(Pfi.C2, Form.OF_PRODUCT, Text("甲", "a"), Shown.MASKED, place="a/{id}"),
    ):
        try:
            wrong()
        except AssertionError:
            continue
        raise AssertionError("it was taken")


def test_the_page_is_what_make_docs_writes() -> None:
    page = (ROOT / "docs/privacy.md").read_text(encoding="utf-8")
    assert page == privacy_page(), "docs/privacy.md is not what `make docs` writes"
