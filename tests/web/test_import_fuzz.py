"""Files that nobody would write, by the hundred: none is answered 5xx, none ends in a fault of the program, none is
half written, and none has its values in what is said of it. `ZHIZHI_IMPORT_FILES`: a longer run (`make fuzz-import`).
"""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test.client import BOUNDARY

from apiwork import Client, Told, client_of
from gatework import rows
from importwork import ID
from web.book import AT, Book
from web.mutated import KINDS, Mutated, mutated
from zhizhi.jobs.imports import work_waiting_import
from zhizhi.jobs.long_job import BROKE
from zhizhi.store.imports.uploads import uploads_folder

LONG = int(os.environ.get("ZHIZHI_IMPORT_FILES") or 0)
FILES = LONG or 42
SEED = int(os.environ.get("ZHIZHI_IMPORT_SEED") or 1)
A_FAULT = BROKE.en.partition(";")[0]
BOOK = ("person", "party", "point", "debt", "entry", "instalment")


@pytest.fixture(scope="module")
def system(book: Book) -> Iterator[Client]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "API_AT_ONCE", 1_000_000)
        yield client_of("L1", AT)


def bring(system: Client, file: Mutated) -> Told:
    """A form with the file and its map, octet by octet as they are."""
    name = file.name.replace('"', "%22").encode()
    parts = (
        (b'name="map"', file.map_body),
        (b'name="file"; filename="' + name + b'"', file.content),
    )
    body = b"".join(
        b"--%b\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % (BOUNDARY.encode(), head, content)
        for head, content in parts
    )
    body += b"--%b--\r\n" % BOUNDARY.encode()
    return system.ask("POST", "imports", body, content_type=f"multipart/form-data; boundary={BOUNDARY}")


def book_now() -> dict[str, int]:
    (found,) = rows("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in BOOK))
    return dict(zip(BOOK, found, strict=True))


def worked(system: Client, number: str) -> dict[str, Any]:
    """The import when the job is through with it."""
    assert work_waiting_import(uploads_folder(), AT)
    state = system.get(f"imports/{number}")
    assert state.status == 200
    return state.document


def came_of(system: Client, number: int) -> tuple[str, str]:
    """The kind of a file, and what came of it once everything that holds for such a file was asserted."""
    file, before = mutated(SEED, number), book_now()
    told = bring(system, file)
    assert told.status < 500, (number, told)
    assert ID not in str(told.document), number
    if told.status != 200:
        assert book_now() == before, number
        return file.kind, "refused at once"
    state = worked(system, told.document["imported"])
    assert A_FAULT not in str(state["failure"]), (number, state)
    assert ID not in str(state["failure"]), number
    after = book_now()
    if state["state"] == "failed":
        assert state["failure"]["zh"], number
        assert after == before, (number, "half written")
        return file.kind, "refused as a whole"
    assert state["state"] == "finished", (number, state)
    assert state["rows_done"] >= state["new"] + state["changed"] + state["unchanged"] + state["refused"], number
    assert after["debt"] - before["debt"] == state["new"], (number, state)
    (total,) = rows("SELECT rows_total = accepted + refused FROM imported_file WHERE id = %s", state["imported"])
    assert total == (True,), number
    kept = rows("SELECT count(*) FROM refused_row WHERE file_id = %s", state["imported"])
    assert kept == [(state["refused"],)], (number, state)
    assert system.get(f"imports/{state['imported']}/refused").status == 200, number
    return file.kind, "taken" if state["new"] + state["changed"] + state["unchanged"] else "no row taken"


def test_a_file_that_nobody_would_write_is_refused_or_taken_whole(system: Client) -> None:
    counted = Counter(came_of(system, number) for number in range(FILES))
    print(f"files: {counted.total()}, seed {SEED}")  # noqa: T201  the figure of a long run
    for kind in KINDS:
        told = {came: n for (of, came), n in sorted(counted.items()) if of == kind}
        print(f"  {kind}: {sum(told.values())}, {told}")  # noqa: T201  as above
    assert counted.total() == FILES
    assert {kind for kind, _ in counted} == set(KINDS)
    assert any(came == "taken" for _, came in counted), "not all of them are refused"
