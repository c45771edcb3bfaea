"""The hidden truth of a person: what drives the behaviour, and what scores and pressure can be judged against."""

from collections.abc import Callable
from typing import NamedTuple

from zhizhi.gateways.generator.ageing import bucket_of
from zhizhi.gateways.generator.parameters import BUCKETS, Parameters
from zhizhi.gateways.generator.streams import word_source


class Truth(NamedTuple):
    """Days are offsets into the year of history, from 0; -1 where the event does not happen."""

    ability: int
    willingness: int
    sensitivity: int
    self_cures: bool
    lost_from: str  # the bucket from which the person cannot be reached, or nothing
    number_dead: bool
    deceased: int
    gravely_ill: int
    represented: int
    reassigned: int
    complaint_genuine: bool

    def is_lost(self, days_past_due: int) -> bool:
        """Whether the person cannot be reached any more at this age of the arrears."""
        return bool(self.lost_from) and bucket_of(days_past_due) >= self.lost_from


def truth_source(parameters: Parameters, seed: int) -> Callable[[int], Truth]:
    """A function from a person's index to the truth about that person."""
    source = word_source(seed, "truth")
    chances, year = parameters.chances, parameters.numbers["book.history_days"]
    lost = [(bucket, chances[f"truth.lost_contact.{bucket}"]) for bucket in BUCKETS]

    def yearly(word: int, name: str) -> int:
        """The day of an event of the year, drawn from one word; -1 where it does not come."""
        threshold = chances[f"truth.{name}"]
        return word * year // threshold if word < threshold else -1

    def truth(index: int) -> Truth:
        drawn = source(index)
        return Truth(
            ability=drawn[0] * 100 >> 32,
            willingness=drawn[1] * 100 >> 32,
            sensitivity=drawn[2] * 100 >> 32,
            self_cures=drawn[3] < chances["truth.self_cures"],
            lost_from=next((bucket for bucket, threshold in lost if drawn[4] < threshold), ""),
            number_dead=drawn[5] < chances["truth.lost_number_dead"],
            deceased=yearly(drawn[6], "deceased_a_year"),
            gravely_ill=yearly(drawn[7], "gravely_ill_a_year"),
            represented=yearly(drawn[8], "represented_a_year"),
            reassigned=yearly(drawn[9], "number_reassigned_a_year"),
            complaint_genuine=drawn[10] < chances["complaints.looks_like_template_but_genuine"],
        )

    return truth
