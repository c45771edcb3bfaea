"""What is asked of the views of persons."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.cases.reads import access_case
from zhizhi.store.views.reads import ALL_GROUNDS, WAYS, ViewFilter
from zhizhi.usecases.zones import days_as_span
from zhizhi.web.console.forms.worded import DayField, WordedForm, Words

ANY = Text("全部", "any")
NO_CASE = Text("没有这个案件编号", "there is no case of this number")
CASE_CHARACTERS_MAX = 40


class ViewingForm(WordedForm):
    """Every field may stay empty. Call `asked` within `reading`: the number of a case is looked up."""

    words: ClassVar[Words] = {
        "case": Text("案件编号（被查看的人）", "Case number (who was seen)"),
        "staff": Text("查看人", "Who saw"),
        "ground": Text("依据", "Ground"),
        "way": Text("方式", "How"),
        "first": Text("自", "From"),
        "last": Text("至", "Until"),
    }
    case = forms.CharField(required=False, max_length=CASE_CHARACTERS_MAX)
    staff = forms.ChoiceField(required=False)
    ground = forms.ChoiceField(required=False)
    way = forms.ChoiceField(required=False)
    first = DayField(required=False)
    last = DayField(required=False)

    def __init__(self, language: Language, staff: list[tuple[int, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("staff", [(str(staff_id), Text(name, name)) for staff_id, name in staff], empty=ANY)
        self.offer("ground", list(ALL_GROUNDS.items()), empty=ANY)
        self.offer("way", list(WAYS.items()), empty=ANY)

    def asked(self) -> ViewFilter | None:
        """What is asked for; None where something is wrong, which stands at its field."""
        if not self.is_valid():
            return None
        said = self.cleaned_data
        head = access_case(said["case"].strip()) if said["case"].strip() else None
        if said["case"].strip() and head is None:
            self.wrong("case", NO_CASE)
            return None
        from_at, until_at = days_as_span(said["first"], said["last"])
        return ViewFilter(
            person_id=head.person_id if head else None,
            staff_id=int(said["staff"]) if said["staff"] else None,
            ground=said["ground"] or None,
            from_at=from_at if said["first"] else None,
            until_at=until_at if said["last"] else None,
            way=said["way"] or None,
        )
