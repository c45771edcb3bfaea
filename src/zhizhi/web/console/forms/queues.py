"""The form of another team for a queue."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.usecases.staff.queue_team import NO_TEAM
from zhizhi.web.console.forms.worded import WordedForm, Words

GROUND_CHARACTERS_MAX = 500


class QueueTeamForm(WordedForm):
    """One of the teams that there are, or none."""

    words: ClassVar[Words] = {"team": Text("班组", "Team"), "ground": Text("理由", "Why")}
    hints: ClassVar[Words] = {
        "team": Text(
            "批准后，该班组的组长看得到队列中的全部案件", "once approved, its leader sees every case of the queue"
        )
    }
    team = forms.ChoiceField(required=False)
    ground = forms.CharField(max_length=GROUND_CHARACTERS_MAX, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, language: Language, teams: Sequence[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("team", [("", NO_TEAM), *((team, Text(team, team)) for team in teams)])
