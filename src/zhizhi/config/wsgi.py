"""The WSGI application that gunicorn serves."""

from zhizhi.config.wiring import start

start()

from django.core.wsgi import get_wsgi_application  # noqa: E402 - Django must be set up first

application = get_wsgi_application()
