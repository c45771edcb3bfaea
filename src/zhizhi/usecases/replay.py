"""Ask the law again what it answered then: under the packs of then, or with one pack exchanged."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from zhizhi.core.conduct.case import Case, CaseError, parse_case
from zhizhi.core.conduct.decide import Decision, decide
from zhizhi.core.conduct.replay import Difference, differences
from zhizhi.core.law.law import Law
from zhizhi.store.contacts.decided import DecidedThen
from zhizhi.store.law.releases import NotKept, law_then
from zhizhi.store.packs import UnknownProfile

Decide = Callable[[Case, Law], Decision]


@dataclass(frozen=True, slots=True)
class Replayed:
    """One stored decision asked again; `cannot` says why where it could not be asked."""

    then: DecidedThen
    differences: tuple[Difference, ...] = ()
    cannot: str | None = None


def replay(decided: Iterable[DecidedThen], ask: Decide = decide) -> Iterator[Replayed]:
    """Re-decide stored decisions under the very packs that they name."""
    for then in decided:
        try:
            case, law = question(then)
        except NotKept as missing:
            yield Replayed(then, cannot=f"pack {str(missing)[:16]} is not kept")
        except UnknownProfile as unknown:
            yield Replayed(then, cannot=f"profile {unknown} is not known")
        except CaseError as wrong:
            yield Replayed(then, cannot=f"the facts are no case: {wrong.code}")
        else:
            yield Replayed(then, differences(then.body, ask(case, law).to_document()))


def question(then: DecidedThen) -> tuple[Case, Law]:
    """The case and the law of a stored decision. Refuses: NotKept, UnknownProfile, CaseError."""
    return parse_case(then.facts), law_then(then.profile, then.body)
