"""What gunicorn serves in the leases' benchmark: the product's own application, by the benchmark's clock."""

from lease_clock import install

from zhizhi.config.wsgi import application

__all__ = ["application"]

install()
