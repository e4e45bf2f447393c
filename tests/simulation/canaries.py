"""S12: every secret there is, made so that it is recognised wherever it turns up: in a log line, a
message, a row, a web address, or a header on its way to another host than its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.settings import Settings
from tests.simulation.facts import ADMIN
from tests.simulation.plan import Plan

if TYPE_CHECKING:
    from tests.simulation.world import World

BOT_TOKEN = "xoxb-1234567890-canaryofslack"
SIGNING_SECRET = "0123456789abcdef0123456789abcdef"
HEYGEN_KEY = "canary-of-heygen-4711"
FAL_SECRET = "canaryoffal4711"
FAL_KEY = f"fal-id:{FAL_SECRET}"
RUNWARE_KEY = "canary-of-runware-4711"
ENCRYPTION_KEY = "Y2FuYXJ5LW9mLXdlYmhvb2tzLWFiY2RlZmdoaWprbG0"
PUBLIC_URL = "https://dailies.example.com"
URL_SECRET = "canaryofurl"
# Where each of them may be sent, and nowhere else may any of them be.
OWN_HOSTS: Mapping[str, frozenset[str]] = {
    BOT_TOKEN: frozenset({"slack.com", "files.slack.com"}),
    SIGNING_SECRET: frozenset(),
    HEYGEN_KEY: frozenset({"api.heygen.com", "upload.heygen.com"}),
    FAL_SECRET: frozenset({"queue.fal.run", "rest.fal.ai", "api.fal.ai"}),
    RUNWARE_KEY: frozenset({"api.runware.ai"}),
    ENCRYPTION_KEY: frozenset(),
    URL_SECRET: frozenset({"hooks.slack.com"}),
}


def settings_of(plan: Plan) -> Settings:
    """The operator's settings, canaries where secrets are."""
    return Settings.model_validate(
        {
            "slack_bot_token": BOT_TOKEN,
            "slack_signing_secret": SIGNING_SECRET,
            "heygen_api_key": HEYGEN_KEY,
            "fal_key": FAL_KEY,
            "runware_api_key": RUNWARE_KEY,
            **(
                {"public_url": PUBLIC_URL, "encryption_key": ENCRYPTION_KEY}
                if plan.webhooks
                else {}
            ),
            "dailies_admins": ADMIN,
            "dailies_monthly_budget_usd": str(plan.budget_usd),
        }
    )


def shown(world: World, where: str, text: str) -> None:
    """Something that people, operators or disks see: no secret is in it."""
    for secret in OWN_HOSTS:
        if secret in text:
            world.checker.breach("S12", f"{secret} is in {where}")


def sent(world: World, url: str, headers: Mapping[str, Any], content: str = "") -> None:
    """A call that leaves us: it carries a secret to that secret's own host alone, as a header or,
    where the address itself is the secret, as the address."""
    host = urlsplit(url).hostname or ""
    carried = " ".join(map(str, headers.values()))
    for secret, hosts in OWN_HOSTS.items():
        elsewhere = secret in carried + url + content and host not in hosts
        if elsewhere or (secret in url and secret != URL_SECRET):
            world.checker.breach("S12", f"{secret} is sent to {url}")


def kept(world: World) -> None:
    """Every row of every table at the end."""
    tables = world.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    for table in tables:
        for row in world.rows(f'SELECT * FROM "{table["name"]}"'):
            shown(world, f"the table {table['name']}", str(list(row.values())))
