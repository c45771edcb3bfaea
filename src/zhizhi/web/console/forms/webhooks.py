"""What is asked of the messages to other systems, and what is to be told once more."""

from typing import Any, ClassVar

from django import forms

from zhizhi.core.kernel.text import Language, Text
from zhizhi.store.webhooks.catalogue import EVENTS
from zhizhi.store.webhooks.reads import DeliveryFilter, EndpointRow
from zhizhi.store.webhooks.words import STATE_WORDS
from zhizhi.usecases.zones import days_as_span
from zhizhi.web.console.forms.worded import DayField, WordedForm, Words

ANY = Text("全部", "any")
URL_SHOWN = 60


class DeliveriesForm(WordedForm):
    """Every field may stay empty."""

    words: ClassVar[Words] = {
        "endpoint": Text("通知地址", "Endpoint"),
        "state": Text("状态", "State"),
        "type": Text("事件", "Event"),
        "first": Text("自", "From"),
        "last": Text("至", "Until"),
    }
    endpoint = forms.ChoiceField(required=False)
    state = forms.ChoiceField(required=False)
    type = forms.ChoiceField(required=False)
    first = DayField(required=False)
    last = DayField(required=False)

    def __init__(self, language: Language, endpoints: list[EndpointRow], *args: Any, **kwargs: Any) -> None:
        super().__init__(language, *args, **kwargs)
        self.offer("endpoint", [(str(one.id), _named(one)) for one in endpoints], empty=ANY)
        self.offer("state", list(STATE_WORDS.items()), empty=ANY)
        self.offer("type", [(one.value, event.says) for one, event in EVENTS.items()], empty=ANY)

    def asked(self) -> DeliveryFilter | None:
        """What is asked for; None where something is wrong, which stands at its field."""
        if not self.is_valid():
            return None
        said = self.cleaned_data
        from_at, until_at = days_as_span(said["first"], said["last"])
        return DeliveryFilter(
            endpoint_id=int(said["endpoint"]) if said["endpoint"] else None,
            state=said["state"] or None,
            type=said["type"] or None,
            from_at=from_at,
            until_at=until_at,
        )


def _named(endpoint: EndpointRow) -> Text:
    url = endpoint.url if len(endpoint.url) <= URL_SHOWN else f"{endpoint.url[:URL_SHOWN]}…"
    return Text(f"{endpoint.account} {url}", f"{endpoint.account} {url}")
