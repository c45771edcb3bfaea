"""SQL of the schema that Django has no words for; migrations name the files."""

from importlib.resources import files

from django.db.migrations import RunSQL


def run_sql_file(name: str) -> RunSQL:
    """A migration step that runs one file of `store/sql`; steps only go forwards, corrections are new steps."""
    return RunSQL((files("zhizhi.store") / "sql" / name).read_text(encoding="utf-8"))
