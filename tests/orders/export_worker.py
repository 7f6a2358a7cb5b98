"""What does a worker do that writes exports? (a process of its own, that a test may kill: `python -m`)"""

import django

django.setup()

from orders import tasks  # noqa: E402 - only after the setup

if __name__ == "__main__":
    tasks.write_exports()
