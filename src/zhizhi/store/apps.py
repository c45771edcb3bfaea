"""The one Django application of the product: one graph of migrations for all areas."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Registers the models of every area under the label `store`."""

    name = "zhizhi.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
