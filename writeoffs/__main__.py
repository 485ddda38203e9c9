"""``python -m writeoffs``."""

import sys

from writeoffs.cli import main

sys.exit(main())
