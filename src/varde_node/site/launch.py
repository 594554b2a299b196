"""``varde-node``: Django's commands under short names, and the launcher of web server and workers."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run a command: ``varde-node serve``, ``varde-node migrate``, ``varde-node help``. Dashes may be used in names."""
    os.umask(0o077)  # what the node writes is its own user's alone: genomes, databases, keys
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "varde_node.site.settings")
    from django.core.management import execute_from_command_line

    arguments = list(sys.argv)
    if len(arguments) > 1 and not arguments[1].startswith("-"):
        arguments[1] = arguments[1].replace("-", "_")
    try:
        execute_from_command_line(arguments)
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
