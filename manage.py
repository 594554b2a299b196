#!/usr/bin/env python3
"""Django's command line, for those who look for it here; the same as ``varde-node``."""

from varde_node.site.launch import main

if __name__ == "__main__":
    main()
