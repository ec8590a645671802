"""SAGEATTENTION_ROUTE: the environment variable that takes the choice of the kernel unit from the library.

`auto` (or nothing): by GPU and request. `direct`, `sm70`, `sm80`, `sm90`: this unit; a call that it cannot serve raises. Read once, at import.
"""

import os

NAME = "SAGEATTENTION_ROUTE"
ROUTES = {"auto": 0, "direct": 16, "sm70": 70, "sm80": 80, "sm90": 90}

wanted = os.environ.get(NAME) or "auto"
problem = None if wanted in ROUTES else f"{NAME} is {wanted!r}, it must be {', '.join(map(repr, ROUTES))}"
route = ROUTES.get(wanted, -1)  # the library refuses -1; _arguments then says why
