"""The application that the web server runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "varde_node.site.settings")
application = get_wsgi_application()

from varde_node.site.warming import warm_up  # noqa: E402 - the domains can be imported only now

warm_up()  # before the first request is taken: the ontology's loader holds every thread of the process
