"""No page shows a name, a number, an address or an account in the clear: every screen, every role, every row seen."""

from collections.abc import Iterator

import pytest

from signed import signed_in
from web.rights_book import NAME, SEEN, Row, rights_book
from web.test_rights_matrix import SCREENS, path_of
from zhizhi.core.kernel.masks import MaskKind, View, mask
from zhizhi.store.words import STAFF_ROLES


@pytest.fixture(scope="module")
def book(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Row]]:
    """The book of rights, under a clock that stands."""
    with rights_book(tmp_path_factory.mktemp("state")) as made:
        yield made


def clear_values(person: int) -> list[str]:
    """What the book holds of a person (`make_case`)."""
    last = f"{person % 10000:04d}"
    return [
        *(NAME, "张三姐", f"1090000{last}", f"1091000{last}", f"75010119900101{last}"),
        *(f"p{person}@example.invalid", f"A{person}", f"K{person}"),
    ]


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_no_screen_shows_a_clear_value(book: dict[str, Row], role: str) -> None:
    client, shown, masked = signed_in(role), [], 0
    values = {value for row in book.values() for value in clear_values(row.person)}
    for one in SCREENS:
        for row in [book[name] for name in sorted(SEEN[role])[:1]] if "<" in one.route else [None]:
            answer = client.get(path_of(one, row))
            text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()  # type: ignore[attr-defined]  # of a streamed answer
            shown += [f"{one.route}: {value}" for value in values if value in text]
            masked += mask(MaskKind.NAME, NAME, View.COLLECTOR) in text
    assert shown == []
    assert masked or not SEEN[role], "somebody who sees cases met masked names, so pages were looked at"
