"""What every test starts from: no settings of the machine, no network but loopback, fixed seeds."""

from __future__ import annotations

import os
import random

import hypothesis
import pytest
import pytest_socket

SEED = 20_261_121
LOOPBACK = ["127.0.0.1", "::1", "localhost"]

# A machine's own settings, keys and proxies must not decide a test.
_FOREIGN = (
    *("SLACK_", "HEYGEN_", "FAL_", "RUNWARE_", "DAILIES_", "DATABASE_", "MEDIA_", "LOG_"),
    *("PUBLIC_URL", "ENCRYPTION_KEY", "HOST", "PORT", "AWS_"),
)
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ftp_proxy")

hypothesis.settings.register_profile("dailies", deadline=None, derandomize=True)
hypothesis.settings.load_profile("dailies")


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is imported that may read the environment."""
    for name in list(os.environ):
        if name.startswith(_FOREIGN) or name.lower() in _PROXIES:
            del os.environ[name]
    os.environ["TZ"] = "UTC"


def pytest_runtest_setup() -> None:
    """Only this machine can be reached, by TCP and by Unix sockets."""
    pytest_socket.socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.fixture(autouse=True)
def _fixed_seed() -> None:
    random.seed(SEED)
